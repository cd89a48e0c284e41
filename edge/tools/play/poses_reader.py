"""A published ``poses`` message back to the frame that it was made of; ``edge.wire`` decides what may stand in one."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from edge import wire
from edge.errors import BadLine
from edge.pose import KEYPOINT_NAMES, Keypoint, Person, Pose
from edge.report.messages.payload import VERSION
from edge.wire.strict_json import parse

_LEFT_OUT = (0.0, 0.0, 0.0)


def read_poses(message: bytes) -> tuple[wire.FrameLine, str]:
    """The frame, positions in px whichever way they were published, and its ``decode.mode``; raises BadLine.

    A keypoint that was not published has score 0, at (0, 0). ``monotonic`` is 0.
    """
    said = parse(message)
    if type(version := _part(said, "version")) is not int or version != VERSION:
        raise BadLine("wrong_version")
    if type(positions := _part(said, "positions")) is not str or positions not in _PIXELS:
        raise BadLine("unknown_word", "positions")
    mode = "single" if "pose" in said else "multi"
    poses = [pose for pose in (said["pose"],) if pose is not None] if mode == "single" else _part(said, "poses")
    image = _part(said, "image")
    record = {
        "version": wire.VERSION,
        "kind": "frame",
        "sequence": _part(said, "sequence"),
        "monotonic": 0.0,
        "time": _part(said, "time"),
        "width": _part(image, "width"),
        "height": _part(image, "height"),
        "persons": [_person(pose) for pose in _list(poses, "poses")],
    }
    return _PIXELS[positions](_decode(json.dumps(record).encode())), mode


def _decode(line: bytes) -> wire.FrameLine:
    frame = wire.decode(line)
    assert isinstance(frame, wire.FrameLine)
    return frame


def _of_fractions(frame: wire.FrameLine) -> wire.FrameLine:
    def scaled(pose: Pose) -> Pose:
        return Pose(
            pose.score,
            tuple(Keypoint(point.x * frame.width, point.y * frame.height, point.score) for point in pose.keypoints),
        )

    whole = replace(frame, persons=tuple(Person(person.id, scaled(person.pose)) for person in frame.persons))
    # What was within bounds as a fraction may not be as px.
    return _decode(wire.encode(whole))


_PIXELS: dict[str, Callable[[wire.FrameLine], wire.FrameLine]] = {
    "pixels": lambda frame: frame,
    "normalised": _of_fractions,
}


def _person(pose: Any) -> list[Any]:
    points: dict[str, Any] = {}
    for point in _list(_part(pose, "keypoints"), "keypoints"):
        position = _part(point, "position")
        part = _part(point, "part")
        if part not in KEYPOINT_NAMES or part in points:
            raise BadLine("unknown_word", "part")
        points[part] = [_part(position, "x"), _part(position, "y"), _part(point, "score")]
    return [_part(pose, "id"), _part(pose, "score"), [points.get(name, _LEFT_OUT) for name in KEYPOINT_NAMES]]


def _part(table: Any, name: str) -> Any:
    if type(table) is not dict:
        raise BadLine("wrong_type", f"of what should hold {name}")
    if name not in table:
        raise BadLine("missing_field", name)
    return table[name]


def _list(value: Any, name: str) -> list[Any]:
    if type(value) is not list:
        raise BadLine("wrong_type", name)
    return value
