"""Contract of the line protocol: fields, units, ranges and words."""

from dataclasses import dataclass

from edge.image_quality import ImageQuality
from edge.pose import Person

VERSION = 2
MAX_LINE_BYTES = 65536
"""Greatest length of a line, its newline included."""
MAX_POSES = 20
"""Greatest number of persons in a frame; a reader may accept fewer."""
MAX_ID = 2**31 - 1

SOURCES = ("none", "picamera2", "v4l2", "video", "stills", "fake")
STATES = ("starting", "running", "paused", "no_camera", "no_frames", "refused", "ended")
WORDS_DOWN = ("pause", "resume")
"""The only words that ``report`` sends to ``sense``, a line each; an installed ``sense`` opens no camera before one."""
ATTENTIONS = ("on", "off")
QUANTIZATIONS = ("int8", "uint8", "float32")
STRIDES = (8, 16, 32)
BREACHES = (
    "network",
    "netlink",
    "connect",
    "writable",
    "device",
    "exec",
    "privileges",
    "capabilities",
    "seccomp",
    "namespace",
    "descriptor",
    "core",
)
"""Breaches of the sandbox; ``edge.sense.sandbox.self_test`` says what each means."""
REASONS = (
    "too_long",
    "not_text",
    "not_json",
    "not_an_object",
    "duplicate_key",
    "wrong_version",
    "unknown_kind",
    "unknown_field",
    "missing_field",
    "wrong_type",
    "not_finite",
    "out_of_range",
    "unknown_word",
    "too_many_poses",
    "too_fast",
    "stale",
)
"""Reasons why a line is refused, as they are counted and published."""

_COUNT = (0, 2**53 - 1)
_CLOCK = (0.0, 1e12)
_SIDE = (1, 16384)
POSITION = (-65536.0, 65536.0)
UNIT = (0.0, 1.0)
ID = (1, MAX_ID)
_MILLISECONDS = (0.0, 1e7)


@dataclass(frozen=True, slots=True)
class FrameLine:
    """The persons of one picture."""

    sequence: int
    """Counts frames from 0 since the sensing process started; gaps are dropped lines."""
    monotonic: float
    """When the picture was taken on the monotonic clock, s."""
    time: float
    """When the picture was taken on the wall clock, s since 1970."""
    width: int
    """Width of the full camera frame, px."""
    height: int
    """Height of the full camera frame, px."""
    persons: tuple[Person, ...]
    """Ids are distinct; positions are in px of the full camera frame, x right, y down, and may lie outside of it."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """State of the sensing process, sent every few seconds."""

    monotonic: float
    time: float
    state: str
    source: str
    model_height: int
    """Height of the model input, px."""
    model_width: int
    """Width of the model input, px."""
    output_stride: int
    quantization: str
    frames: int
    """Frames decoded since start."""
    frames_dropped: int
    """Frames replaced by a newer one before the model was free."""
    lines_dropped: int
    """Lines lost because ``report`` was too slow or not connected."""
    camera_failures: int
    frame_rate: float
    """Frames/s over the last interval."""
    fit_ms: float
    """Median time of the letterbox over the last interval."""
    invoke_ms: float
    """Median time of the model."""
    decode_ms: float
    """Median time of decoding."""
    latency_ms: float
    """Median time from capture to line."""
    breaches: tuple[str, ...]
    """Words of BREACHES without repetition; empty if the sandbox is sealed."""
    brightness: float | None
    """Measures of ``edge.image_quality`` for a picture of the last second; None without a picture."""
    contrast: float | None
    sharpness: float | None
    attention: str
    """Word of ATTENTIONS: whether second looks are made."""
    looks_near: int
    """Looks at crops around people who are lost or go down, since start; on top of ``frames``."""
    looks_turned: int
    """Looks at the whole frame turned, on top of ``frames`` or in place of an upright one in an empty room."""
    looks_zoomed: int
    """Frames of which only the crop around everybody was looked at."""
    temperature: float | None
    """Temperature of the processor, degrees Celsius; None if the machine does not tell."""
    uptime: float
    """Seconds since the sensing process started."""

    @property
    def image_quality(self) -> ImageQuality | None:
        """Quality of the last picture, None if it is not known."""
        if self.brightness is None or self.contrast is None or self.sharpness is None:
            return None
        return ImageQuality(self.brightness, self.contrast, self.sharpness)


Line = FrameLine | StatusLine

WORDS = {"state": STATES, "source": SOURCES, "quantization": QUANTIZATIONS, "attention": ATTENTIONS}
RANGES: dict[str, tuple[float, float]] = {
    "sequence": _COUNT,
    "monotonic": _CLOCK,
    "time": _CLOCK,
    "width": _SIDE,
    "height": _SIDE,
    "model_height": _SIDE,
    "model_width": _SIDE,
    "frames": _COUNT,
    "frames_dropped": _COUNT,
    "lines_dropped": _COUNT,
    "looks_near": _COUNT,
    "looks_turned": _COUNT,
    "looks_zoomed": _COUNT,
    "camera_failures": _COUNT,
    "frame_rate": (0.0, 10000.0),
    "fit_ms": _MILLISECONDS,
    "invoke_ms": _MILLISECONDS,
    "decode_ms": _MILLISECONDS,
    "latency_ms": _MILLISECONDS,
    "brightness": UNIT,
    "contrast": UNIT,
    "sharpness": (0.0, 100.0),
    "temperature": (-100.0, 200.0),
    "uptime": _CLOCK,
}
