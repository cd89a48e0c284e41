"""Strict reading of messages from the broker, whose senders are not trusted."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from edge.config.texts import is_shown
from edge.errors import BadLine, BadSetting
from edge.image_quality import is_sure
from edge.pose import KEYPOINT_NAMES, Keypoint
from edge.report.messages.health import SEES
from edge.report.messages.schema import MESSAGES
from edge.tools.describe import Labels, event_in_words
from edge.tools.play.poses_reader import LEFT_OUT, read_poses
from edge.tools.view.places import check_said

_MAX_PAYLOAD_BYTES = 1 << 16
"""Greatest length of a payload, bytes."""
_MAX_ID_LENGTH = 64
_RETAINED = ("availability", *(name for name, message in MESSAGES.items() if message.retained))
_MAX_TEXT_LENGTH = 200

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
"""Pairs of joints between which a line is drawn: the skeleton of COCO's annotations, which looks like a body where
PoseNet's tree does not."""


class Message(NamedTuple):
    """One message.

    Attributes:
        device: The sensor's id; empty if the message is about all.
        kind: A key of ``MESSAGES``, ``availability``, ``other_version`` (a message of another version of posenet-edge,
            which is not read), ``forgotten`` (the last message of the kind in ``data`` was taken back), ``broker``, or
            what the server adds: ``summary``, ``gone`` and ``ready`` (all that is stored was said).
        data: The values, in a form that the page and the terminal share.
        since: When the values became valid, monotonic s.
    """

    device: str
    kind: str
    data: dict[str, Any]
    since: float


def read(topic: str, payload: bytes, retained: bool = False) -> Message | None:
    """Read a message of a sensor.

    Args:
        topic: Below the prefix: ``<device id>/<name>``.
        payload: As received.
        retained: Whether the broker had retained it.

    Returns:
        The message, with printable text only; None if it is not a valid message of a sensor.
    """
    device, _, rest = topic.partition("/")
    kind = rest.partition("/")[0]
    if (
        kind not in (*MESSAGES, "availability")
        or not 0 < len(device) <= _MAX_ID_LENGTH
        or len(payload) > _MAX_PAYLOAD_BYTES
    ):
        return None
    if not payload and kind in _RETAINED:
        return Message(_printable(device), "forgotten", {"kind": kind}, time.monotonic())
    try:
        data = _read(kind, payload)
    except BadLine as error:
        if error.reason != "wrong_version":
            return None
        kind, data = "other_version", {}
    except BadSetting:
        return None
    if kind == "late":
        kind, data = "event", data | {"late": True, "words": f"{data['words']}, late"}
    # A retained message has an age, which its time tells; any other is new, even if the clocks differ.
    age = max(0.0, time.time() - float(data["time"])) if retained and "time" in data else 0.0
    return Message(_printable(device), kind, _shown(data), time.monotonic() - age)


def _read(kind: str, payload: bytes) -> dict[str, Any]:
    if kind == "availability":
        return {"online": payload == b"online"}
    if kind == "poses":
        return _frame(payload)
    data = MESSAGES[kind].read(payload)
    return _FORMS[kind](data) if kind in _FORMS else data


def _health(health: dict[str, Any]) -> dict[str, Any]:
    """Add ``blind``: the reason why nobody can be seen, empty if there is none, null if that is not known."""
    said = health["blindness"]
    return {**health, "blind": "" if said == SEES else said}


def _event(event: dict[str, Any]) -> dict[str, Any]:
    """Add ``words``."""
    return {**event, "words": words_of(event)}


def words_of(event: dict[str, Any], labels: Labels | None = None) -> str:
    """Put an event into words, without how sure the sensor is, with these labels of zones, lines and rules."""
    return event_in_words({key: part for key, part in event.items() if key not in ("confidence", "words")}, labels)


def _frame(payload: bytes) -> dict[str, Any]:
    """Read a message on ``poses``.

    Returns:
        The frame, with ``people``: each with ``joints`` in the order of KEYPOINT_NAMES, [x, y, score] in fractions of
        the frame, or None; and with ``sure``: a sure body proves that the camera sees.
    """
    frame, _ = read_poses(payload)

    def joint(point: Keypoint) -> list[float] | None:
        at = [round(point.x / frame.width, 5), round(point.y / frame.height, 5), point.score]
        # Another keypoint may have the same numbers.
        return None if point is LEFT_OUT else at

    people = [
        {"id": person.id, "score": person.pose.score, "joints": [joint(point) for point in person.pose.keypoints]}
        for person in frame.persons
    ]
    sure = any(is_sure(person.pose) for person in frame.persons)
    return {"width": frame.width, "height": frame.height, "time": frame.time, "people": people, "sure": sure}


_FORMS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "event": _event,
    "health": _health,
    "late": _event,
    "places": check_said,
}


def _shown(value: Any) -> Any:
    """Remove control characters, which a terminal would interpret, from all text."""
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, list):
        return [_shown(part) for part in value]
    if isinstance(value, dict):
        return {_printable(key): _shown(part) for key, part in value.items()}
    return value


def _printable(text: str) -> str:
    return "".join(filter(is_shown, text[:_MAX_TEXT_LENGTH]))
