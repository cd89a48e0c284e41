"""What may cross the wall, and nothing else: one JSON object a line, of two kinds, numbers and fixed words only.

``frame`` lines carry the poses of one picture; ``status`` lines say how the sensing room is. The receiving side
believes nothing: unknown or missing fields, wrong types, NaN and infinities, numbers out of range, duplicate keys,
unknown words, too many poses, over-long lines and other versions are each refused with a reason.
"""

import json
from dataclasses import dataclass, fields
from typing import Any

from edge.errors import BadLine
from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from edge.sight import Sight
from edge.strict import list_of, number, parse

VERSION = 1
MAX_LINE_BYTES = 65536
"""Longest line, its newline included."""
MAX_POSES = 20
"""Most poses in a frame; a reader may ask for fewer."""

SOURCES = ("none", "picamera2", "v4l2", "video", "stills", "fake")
STATES = ("starting", "running", "no_camera", "no_frames", "refused", "ended")
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
"""What can be wrong with the seal; ``edge.sense.seal`` says what each means."""
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
_POSITION = (-65536.0, 65536.0)
_UNIT = (0.0, 1.0)
_MILLISECONDS = (0.0, 1e7)


@dataclass(frozen=True, slots=True)
class FrameLine:
    """The poses of one picture."""

    sequence: int
    """Counts frames from 0 since the sensing process started; gaps are dropped lines."""
    monotonic: float
    """When the picture was taken on the monotonic clock, s."""
    time: float
    """The same on the wall clock, s since 1970."""
    width: int
    """Of the full camera frame, px."""
    height: int
    poses: tuple[Pose, ...]
    """Positions in px of the full camera frame, x right, y down; they may lie outside of it."""


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
    """What ``edge.sight`` tells of a picture of the last second; none where there was none."""
    contrast: float | None
    sharpness: float | None
    temperature: float | None
    """Of the processor, degrees Celsius, where the machine tells."""
    uptime: float
    """Seconds since the sensing process started."""

    @property
    def sight(self) -> Sight | None:
        """What is known of the picture."""
        if self.brightness is None or self.contrast is None or self.sharpness is None:
            return None
        return Sight(self.brightness, self.contrast, self.sharpness)


Line = FrameLine | StatusLine

_WORDS = {"state": STATES, "source": SOURCES, "quantization": QUANTIZATIONS}
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
    "brightness": _UNIT,
    "contrast": _UNIT,
    "sharpness": (0.0, 100.0),
    "temperature": (-100.0, 200.0),
    "uptime": _CLOCK,
}
_KINDS: dict[str, type[FrameLine] | type[StatusLine]] = {"frame": FrameLine, "status": StatusLine}
_NAMES = {line: kind for kind, line in _KINDS.items()}
_FIELDS = {line: {entry.name: entry.type for entry in fields(line)} for line in _NAMES}


def encode(line: Line) -> bytes:
    """One line, newline included; numbers keep every digit, so ``decode(encode(line)) == line``.

    Raises ValueError for what JSON cannot say (NaN, infinities): a line is checked by its reader, not here.
    """
    kind = type(line)
    record = {"version": VERSION, "kind": _NAMES[kind]}
    record.update((name, getattr(line, name)) for name in _FIELDS[kind])
    return json.dumps(record, separators=(",", ":"), allow_nan=False, check_circular=False).encode() + b"\n"


def decode(line: bytes, max_poses: int = MAX_POSES) -> Line:
    """The one meaning of ``line`` (with or without its newline); raises BadLine with one of REASONS otherwise."""
    if len(line) > MAX_LINE_BYTES:
        raise BadLine("too_long", f"{len(line)} bytes, at most {MAX_LINE_BYTES}")
    record = parse(line)
    if type(record) is not dict:
        raise BadLine("not_an_object")
    if type(version := record.pop("version", None)) is not int or version != VERSION:
        raise BadLine("wrong_version")
    kind = record.pop("kind", None)
    if type(kind) is not str or kind not in _KINDS:
        raise BadLine("unknown_kind")
    wanted = _FIELDS[_KINDS[kind]]
    if unknown := record.keys() - wanted.keys():
        raise BadLine("unknown_field", f"{len(unknown)} of them")
    if missing := wanted.keys() - record.keys():
        raise BadLine("missing_field", min(missing))
    values = {name: _field(name, wanted[name], record[name], max_poses) for name in wanted}
    return _KINDS[kind](**values)


def _field(name: str, kind: Any, value: Any, max_poses: int) -> Any:
    if name == "poses":
        return _poses(value, max_poses)
    if name == "breaches":
        return _breaches(value)
    if name in _WORDS:
        if type(value) is not str:
            raise BadLine("wrong_type", name)
        if value not in _WORDS[name]:
            raise BadLine("unknown_word", name)
        return value
    if value is None and kind == float | None:
        return None
    if name == "output_stride":
        if type(value) is not int:
            raise BadLine("wrong_type", name)
        if value not in STRIDES:
            raise BadLine("out_of_range", name)
        return value
    return number(name, int if kind is int else float, value, *RANGES[name])


def _breaches(value: Any) -> tuple[str, ...]:
    if type(value) is not list or not all(type(word) is str for word in value):
        raise BadLine("wrong_type", "breaches")
    if not set(value) <= set(BREACHES):
        raise BadLine("unknown_word", "breaches")
    if len(set(value)) != len(value):
        raise BadLine("out_of_range", "breaches")
    return tuple(value)


def _poses(value: Any, max_poses: int) -> tuple[Pose, ...]:
    if type(value) is not list:
        raise BadLine("wrong_type", "poses")
    if len(value) > max_poses:
        raise BadLine("too_many_poses", f"{len(value)}, at most {max_poses}")
    return tuple(_pose(pose) for pose in value)


def _pose(value: Any) -> Pose:
    score, keypoints = list_of(value, 2, "pose")
    return Pose(
        number("score", float, score, *_UNIT),
        tuple(_keypoint(keypoint) for keypoint in list_of(keypoints, KEYPOINT_COUNT, "keypoints")),
    )


def _keypoint(value: Any) -> Keypoint:
    x, y, score = list_of(value, 3, "keypoint")
    return Keypoint(
        number("x", float, x, *_POSITION),
        number("y", float, y, *_POSITION),
        number("keypoint score", float, score, *_UNIT),
    )
