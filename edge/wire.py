"""Line protocol from ``sense`` to ``report``: one JSON object a line, with numbers and fixed words only.

A ``frame`` line holds the persons of one picture, a ``status`` line the state of the sensing process. The reader
trusts nothing: unknown or missing fields, wrong types, NaN and infinities, numbers out of range, duplicate keys,
unknown words, too many persons, repeated ids, over-long lines and other versions are each refused with a reason.
"""

import json
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from edge.errors import BadLine
from edge.image_quality import ImageQuality
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from edge.strict_json import list_of, number, parse

VERSION = 5
MAX_LINE_BYTES = 65536
"""Greatest length of a line, its newline included."""
MAX_POSES = 20
"""Greatest number of persons in a frame; a reader may accept fewer."""
MAX_ID = 2**31 - 1
MAX_FOUND = 9999
"""Greatest number of bodies that a status line counts, of each kind."""

SOURCES = ("none", "picamera2", "v4l2", "video", "stills", "fake")
TOO_SLOW_S = 2.0
"""Median time from the capture of a frame to its line from which on ``sense`` is ``too_slow``: what it says then is not
of now. It is said all the same, with the patience that ``StatusLine.lateness`` asks for."""
STATES = ("starting", "running", "too_slow", "paused", "no_camera", "no_frames", "refused", "ended")
PAUSE, RESUME, RESTART = "pause", "resume", "restart"
WORDS_DOWN = (PAUSE, RESUME, RESTART)
"""The only words that ``report`` sends to ``sense``, a line each: to shut the camera, to open it, and to end so as
to be started again. An installed ``sense`` opens no camera before one."""
ATTENTIONS = ("on", "off")
DUTIES = ("full", "idle", "hot", "slow", "off")
"""Why the model looks as often as it does; docs/duty.md says when each is said."""
MODEL_CHOICES = ("set", "camera", "largest", "fits", "hot", "slow", "too_slow")
"""Why the model runs that does; docs/duty.md says when each is said."""
QUANTIZATIONS = ("int8", "uint8", "float32")
STRIDES = (8, 16, 32)
STAGES = ("fit", "invoke", "decode", "track", "latency")
"""What is timed of each frame, in the order of ``StatusLine.stages``; ``latency`` is from capture to line."""
STAGE_MS = (0.0, 1000.0)
"""Bounds of the time of a stage, ms; what takes longer counts as the greatest."""
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

_LONGEST_FRAME_S = 20.0
"""Time for a frame after which systemd restarts ``sense``."""
POSITION = (-65536.0, 65536.0)
UNIT = (0.0, 1.0)
ID = (1, MAX_ID)
# Numbers with their bounds, inclusive.
_Count = Annotated[int, (0, 2**53 - 1)]
_Side = Annotated[int, (1, 16384)]
_Clock = Annotated[float, (0.0, 1e12)]
_Milliseconds = Annotated[float, (0.0, 1e7)]


class Found(NamedTuple):
    """Numbers of sure bodies by where their heads point; ``upright`` ones were found in the frame as it is."""

    upright: int = 0
    left: int = 0
    down: int = 0
    right: int = 0


class Percentiles(NamedTuple):
    """Times within which half, 95 and 99 of 100 runs of a stage ended, ms; 0 without a run."""

    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


@dataclass(frozen=True, slots=True)
class FrameLine:
    """The persons of one picture."""

    sequence: _Count
    """Counts frames from 0 since the sensing process started; gaps are dropped lines."""
    monotonic: _Clock
    """When the picture was taken on the monotonic clock, s."""
    time: _Clock
    """When the picture was taken on the wall clock, s since 1970."""
    width: _Side
    """Width of the full camera frame, px."""
    height: _Side
    """Height of the full camera frame, px."""
    persons: tuple[Person, ...]
    """Ids are distinct; positions are in px of the full camera frame, x right, y down, and may lie outside of it."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """State of the sensing process, sent every few seconds."""

    monotonic: _Clock
    time: _Clock
    state: str
    source: str
    model_height: _Side
    """Height of the model input, px."""
    model_width: _Side
    """Width of the model input, px."""
    output_stride: int
    quantization: str
    model_choice: str
    """Word of MODEL_CHOICES: why this model runs."""
    frames: _Count
    """Frames done since start, those included that an empty room made unnecessary to look at."""
    frames_dropped: _Count
    """Frames replaced by a newer one before the model was free."""
    frames_damaged: _Count
    """Frames that the source left out because they were damaged, since start."""
    lines_dropped: _Count
    """Lines lost because ``report`` was too slow or not connected."""
    camera_failures: _Count
    frame_rate: Annotated[float, (0.0, 10000.0)]
    """Frames/s over the last interval."""
    fit_ms: _Milliseconds
    """Median time of the letterbox over the last interval."""
    invoke_ms: _Milliseconds
    """Median time of the model."""
    decode_ms: _Milliseconds
    """Median time of decoding."""
    latency_ms: _Milliseconds
    """Median time from capture to line."""
    stages: tuple[Percentiles, ...]
    """Of the last thousand runs of each of ``STAGES``, in their order."""
    breaches: tuple[str, ...]
    """Words of BREACHES without repetition; empty if the sandbox is sealed."""
    brightness: Annotated[float | None, UNIT]
    """Measures of ``edge.image_quality`` for a picture of the last second; None without a picture."""
    contrast: Annotated[float | None, UNIT]
    sharpness: Annotated[float | None, (0.0, 100.0)]
    found: Found
    """Sure bodies since the last status line, at most ``MAX_FOUND`` of each kind."""
    attention: str
    """Word of ATTENTIONS: whether second looks are made."""
    looks_near: _Count
    """Looks at crops around people who are lost or go down, since start; on top of ``frames``."""
    looks_turned: _Count
    """Looks at the whole frame turned, on top of ``frames`` or in place of an upright one in an empty room."""
    looks_zoomed: _Count
    """Frames of which only the crop around everybody was looked at."""
    duty: str
    """Word of DUTIES: why the model looks as often as it does."""
    duty_rate: Annotated[float, (0.0, 120.0)]
    """Most frames a second that it looks at now."""
    frames_spared: _Count
    """Frames that it did not look at, as nobody was there or the machine had too much to do, since start."""
    temperature: Annotated[float | None, (-100.0, 200.0)]
    """Temperature of the processor, degrees Celsius; None if the machine does not tell."""
    memory: Annotated[float, (0.0, 65536.0)]
    """Resident memory of the sensing process, MB."""
    uptime: _Clock
    """Seconds since the sensing process started."""

    @property
    def lateness(self) -> float:
        """Seconds by which frames come later than from a machine that is fast enough; 0 unless it is too slow."""
        return min(self.latency_ms / 1000, _LONGEST_FRAME_S) if self.state == "too_slow" else 0.0

    @property
    def image_quality(self) -> ImageQuality | None:
        """Quality of the last picture, None if it is not known."""
        if self.brightness is None or self.contrast is None or self.sharpness is None:
            return None
        return ImageQuality(self.brightness, self.contrast, self.sharpness)


Line = FrameLine | StatusLine

WORDS = {
    "state": STATES,
    "source": SOURCES,
    "quantization": QUANTIZATIONS,
    "model_choice": MODEL_CHOICES,
    "attention": ATTENTIONS,
    "duty": DUTIES,
}
_KINDS: dict[str, type[FrameLine] | type[StatusLine]] = {"frame": FrameLine, "status": StatusLine}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_FIELDS = {kind: get_type_hints(kind) for kind in _NAMES}
RANGES: dict[str, tuple[float, float]] = {
    name: get_args(hint)[1]
    for kind in _NAMES
    for name, hint in get_type_hints(kind, include_extras=True).items()
    if get_origin(hint) is Annotated
}
"""Bounds of each number, by its name in both kinds of line."""
STATUS_BEGINS = f'{{"version":{VERSION},"kind":"{_NAMES[StatusLine]}",'.encode()
"""How ``encode`` begins a status line; nothing else that begins so parses, as no key may be repeated."""
(_FARTHEST_BACK, _FARTHEST), (_NO_SCORE, _FULL_SCORE) = POSITION, UNIT


def encode(line: Line) -> bytes:
    """Encode one line, newline included; numbers keep every digit, so ``decode(encode(line)) == line``.

    The ranges of the contract are checked by the reader, not here.

    Returns:
        The line in ASCII.

    Raises:
        ValueError: A number is NaN or infinite.
    """
    kind = type(line)
    record: dict[str, Any] = {"version": VERSION, "kind": _NAMES[kind]}
    record.update((name, getattr(line, name)) for name in _FIELDS[kind])
    if isinstance(line, FrameLine):
        record["persons"] = [(person.id, *person.pose) for person in line.persons]
    return json.dumps(record, separators=(",", ":"), allow_nan=False, check_circular=False).encode() + b"\n"


def decode(line: bytes, max_poses: int = MAX_POSES) -> Line:
    """Decode a line, with or without its newline.

    Args:
        line: At most ``MAX_LINE_BYTES``.
        max_poses: Most persons to accept in a frame.

    Returns:
        The line that has exactly this meaning.

    Raises:
        BadLine: The line breaks the contract; ``reason`` is one of ``REASONS``.
    """
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
    if name == "persons":
        return _persons(value, max_poses)
    if name == "breaches":
        return _breaches(value)
    if name == "found":
        counts = list_of(value, len(Found._fields), name)
        return Found(*(number(name, int, count, 0, MAX_FOUND) for count in counts))
    if name == "stages":
        times = (list_of(stage, len(Percentiles._fields), name) for stage in list_of(value, len(STAGES), name))
        return tuple(Percentiles(*(number(name, float, time, *STAGE_MS) for time in stage)) for stage in times)
    if name in WORDS:
        if type(value) is not str:
            raise BadLine("wrong_type", name)
        if value not in WORDS[name]:
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


def _persons(value: Any, max_poses: int) -> tuple[Person, ...]:
    if type(value) is not list:
        raise BadLine("wrong_type", "persons")
    if len(value) > max_poses:
        raise BadLine("too_many_poses", f"{len(value)}, at most {max_poses}")
    persons = tuple(_person(person) for person in value)
    if len({person.id for person in persons}) != len(persons):
        raise BadLine("out_of_range", "id")
    return persons


def _person(value: Any) -> Person:
    identity, score, keypoints = list_of(value, 3, "person")
    pose = Pose(
        number("score", float, score, *UNIT),
        tuple(map(_keypoint, list_of(keypoints, KEYPOINT_COUNT, "keypoints"))),
    )
    return Person(number("id", int, identity, *ID), pose)


def _keypoint(value: Any) -> Keypoint:
    x, y, score = list_of(value, 3, "keypoint")
    # Speed: a frame of five people has 85 keypoints. What is right at first sight needs no check of each number.
    if (
        type(x) is type(y) is type(score) is float
        and _FARTHEST_BACK <= x <= _FARTHEST
        and _FARTHEST_BACK <= y <= _FARTHEST
        and _NO_SCORE <= score <= _FULL_SCORE
    ):
        return Keypoint(x, y, score)
    return checked_keypoint(x, y, score)


def checked_keypoint(x: Any, y: Any, score: Any) -> Keypoint:
    """Check the three numbers of a keypoint one by one: the plain version of what ``decode`` does at first sight.

    Returns:
        The keypoint.

    Raises:
        BadLine: One of them is no number, or out of its range.
    """
    return Keypoint(
        number("x", float, x, *POSITION),
        number("y", float, y, *POSITION),
        number("keypoint score", float, score, *UNIT),
    )
