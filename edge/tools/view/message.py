"""What arrives from the broker, checked and brought into one form; whoever may publish there is not trusted."""

import json
import math
import time
from collections.abc import Iterable
from typing import Any, NamedTuple, NoReturn

from edge.image_quality import ImageQuality, blindness
from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES
from edge.tools.view.places import read_places

KINDS = ("poses", "state", "event", "health", "availability", "places")
_LONGEST = 1 << 16
"""Bytes of a payload."""
_MOST = 64
"""Entries of a list or table, people in a frame."""

_BONES = (
    ("leftAnkle", "leftKnee"),
    ("leftKnee", "leftHip"),
    ("rightAnkle", "rightKnee"),
    ("rightKnee", "rightHip"),
    ("leftHip", "rightHip"),
    ("leftShoulder", "leftHip"),
    ("rightShoulder", "rightHip"),
    ("leftShoulder", "rightShoulder"),
    ("leftShoulder", "leftElbow"),
    ("rightShoulder", "rightElbow"),
    ("leftElbow", "leftWrist"),
    ("rightElbow", "rightWrist"),
    ("leftEye", "rightEye"),
    ("nose", "leftEye"),
    ("nose", "rightEye"),
    ("leftEye", "leftEar"),
    ("rightEye", "rightEar"),
    ("leftEar", "leftShoulder"),
    ("rightEar", "rightShoulder"),
)
BONES = tuple((KEYPOINT_NAMES.index(one), KEYPOINT_NAMES.index(other)) for one, other in _BONES)
"""Which joints are joined by a line: the skeleton of COCO's annotations, which looks like a body where PoseNet's tree
does not."""


class Message(NamedTuple):
    """device: its id; empty where it is about all. kind: one of KINDS, or ``broker``. since: when it became so,
    monotonic s."""

    device: str
    kind: str
    data: dict[str, Any]
    since: float


def read(topic: str, payload: bytes, retained: bool = False) -> Message | None:
    """The message on ``<device id>/<name>``, with text that can be shown anywhere; None where it is not one of ours."""
    device, _, rest = topic.partition("/")
    kind = rest.partition("/")[0]
    if kind not in KINDS or not device or len(device) > _MOST or len(payload) > _LONGEST:
        return None
    try:
        data = _data(kind, payload)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    # A retained message may be of any age, by its own word; any other is new, whatever the clocks say.
    age = max(0.0, time.time() - float(data.get("time", 0.0))) if retained and "time" in data else 0.0
    return Message(_printable(device), kind, data, time.monotonic() - age)


def _data(kind: str, payload: bytes) -> dict[str, Any]:
    text = payload.decode()
    if kind == "availability":
        return {"online": text == "online"}
    parsed = json.loads(text, parse_constant=_refuse)
    if kind == "poses":
        return _frame(parsed)
    if kind == "places":
        return read_places(parsed) | {"time": _number(parsed["time"])}
    data: dict[str, Any] = {_printable(key): _clean(value) for key, value in _first(parsed.items())}
    if "time" in data:
        data["time"] = _number(data["time"])
    if kind == "health":
        values = [data.get(name) for name in ImageQuality._fields]
        known = None not in values
        data["blind"] = blindness(ImageQuality(*map(_number, values))) if known else None
    return data


def _frame(parsed: dict[str, Any]) -> dict[str, Any]:
    """People as fractions of the frame: ``joints`` in the order of KEYPOINT_NAMES, each [x, y, score] or None."""
    width, height = (int(parsed["image"][side]) for side in ("width", "height"))
    if not (0 < width <= 1 << 14 and 0 < height <= 1 << 14):
        raise ValueError("size")
    poses = parsed["poses"] if "poses" in parsed else [pose for pose in [parsed["pose"]] if pose]
    people = [_person(pose) for pose in poses[:_MOST]]
    scale = {"pixels": (1 / width, 1 / height), "normalised": (1.0, 1.0)}[parsed["positions"]]
    for person in people:
        person["joints"] = [
            joint and [round(joint[0] * scale[0], 5), round(joint[1] * scale[1], 5), joint[2]]
            for joint in person["joints"]
        ]
    return {"width": width, "height": height, "time": _number(parsed["time"]), "people": people}


def _person(pose: dict[str, Any]) -> dict[str, Any]:
    joints: list[list[float] | None] = [None] * KEYPOINT_COUNT
    for point in pose["keypoints"]:
        position = point["position"]
        x, y, score = _number(position["x"]), _number(position["y"]), _number(point["score"])
        joints[KEYPOINT_NAMES.index(point["part"])] = [x, y, min(1.0, max(0.0, score))]
    return {"id": int(pose["id"]), "score": _number(pose["score"]), "joints": joints}


def _clean(value: Any, depth: int = 0) -> Any:
    """Numbers, words and tables of them, bounded; deeper than three levels nothing is published."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return _printable(value)
    if depth == 3:
        raise ValueError("depth")
    if isinstance(value, dict):
        return {_printable(key): _clean(entry, depth + 1) for key, entry in _first(value.items())}
    return [_clean(entry, depth + 1) for entry in _first(value)]


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("number")
    return float(value) if type(value) is float else int(value)


def _printable(text: str) -> str:
    """Nothing that a terminal would obey."""
    return "".join(letter for letter in text[:200] if letter.isprintable())


def _first(entries: Iterable[Any]) -> list[Any]:
    return list(entries)[:_MOST]


def _refuse(_: str) -> NoReturn:
    raise ValueError("not finite")
