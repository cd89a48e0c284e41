"""Conversion of a published ``poses`` message back to a frame."""

from typing import Any

from edge.pose import KEYPOINT_NAMES, Keypoint, Person, Pose
from edge.report.messages.poses import POSES, POSITION
from edge.wire import FrameLine

LEFT_OUT = Keypoint(0.0, 0.0, 0.0)
"""A keypoint that was not published."""


def read_poses(message: bytes) -> tuple[FrameLine, str]:
    """Read a ``poses`` message strictly.

    Args:
        message: As published.

    Returns:
        The frame, with all positions in px, and its ``decode.mode``. A keypoint that was not published is
        ``LEFT_OUT``. ``monotonic`` is 0.

    Raises:
        BadLine: It is not a poses message.
    """
    said = POSES.read(message)
    width, height = said["image"]["width"], said["image"]["height"]
    across, down = (1, 1) if said["positions"] == "pixels" else (width, height)

    def keypoint(point: dict[str, Any]) -> Keypoint:
        x, y = point["position"]["x"] * across, point["position"]["y"] * down
        # A position within the bounds as a fraction may be out of bounds in px.
        return Keypoint(POSITION.read("x", x), POSITION.read("y", y), point["score"])

    def person(pose: dict[str, Any]) -> Person:
        points = {point["part"]: keypoint(point) for point in pose["keypoints"]}
        return Person(pose["id"], Pose(pose["score"], tuple(points.get(name, LEFT_OUT) for name in KEYPOINT_NAMES)))

    mode = "multi" if "poses" in said else "single"
    poses = said["poses"] if mode == "multi" else [pose for pose in (said["pose"],) if pose is not None]
    persons = tuple(person(pose) for pose in poses)
    return FrameLine(said["sequence"], 0.0, said["time"], width, height, persons), mode
