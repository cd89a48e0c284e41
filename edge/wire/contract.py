"""What a line may say: its fields, with their units, their ranges and their words."""

from dataclasses import dataclass

from edge.image_quality import ImageQuality
from edge.pose import Person

VERSION = 2
MAX_LINE_BYTES = 65536
"""Longest line, its newline included."""
MAX_POSES = 20
"""Most persons in a frame; a reader may ask for fewer."""
MAX_ID = 2**31 - 1

SOURCES = ("none", "picamera2", "v4l2", "video", "stills", "fake")
STATES = ("starting", "running", "paused", "no_camera", "no_frames", "refused", "ended")
WORDS_DOWN = ("pause", "resume")
"""All that is ever said to the sensing room, a line each; it opens no camera before it has heard one of them."""
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
"""What can be wrong with the seal; ``edge.sense.sandbox.self_test`` says what each means."""
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
"""Why a line was refused, as counted and published."""

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
    """The same on the wall clock, s since 1970."""
    width: int
    """Of the full camera frame, px."""
    height: int
    persons: tuple[Person, ...]
    """Each id once; positions in px of the full camera frame, x right, y down; they may lie outside of it."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """How the sensing room is; sent every few seconds whatever else happens."""

    monotonic: float
    time: float
    state: str
    source: str
    model_height: int
    """Of the model input, px."""
    model_width: int
    output_stride: int
    quantization: str
    frames: int
    """Frames decoded since start."""
    frames_dropped: int
    """Frames that were replaced by a newer one before the model was free."""
    lines_dropped: int
    """Lines that the reporting side was too slow or too absent to take."""
    camera_failures: int
    frame_rate: float
    """Frames/s over the last interval."""
    fit_ms: float
    """Medians over the last interval: letterbox, model, decoding, and from capture to line."""
    invoke_ms: float
    decode_ms: float
    latency_ms: float
    breaches: tuple[str, ...]
    """Of the seal, words of BREACHES without repetition; none: sealed."""
    brightness: float | None
    """What ``edge.image_quality`` tells of a picture of the last second; none where there was none."""
    contrast: float | None
    sharpness: float | None
    temperature: float | None
    """Of the processor, degrees Celsius, where the machine tells."""
    uptime: float
    """Seconds since the sensing process started."""

    @property
    def sight(self) -> ImageQuality | None:
        """What is known of the picture."""
        if self.brightness is None or self.contrast is None or self.sharpness is None:
            return None
        return ImageQuality(self.brightness, self.contrast, self.sharpness)


Line = FrameLine | StatusLine

WORDS = {"state": STATES, "source": SOURCES, "quantization": QUANTIZATIONS}
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
