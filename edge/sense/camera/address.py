"""What ``camera.source`` may say: ``kind`` or ``kind:rest``."""

from typing import NamedTuple

from edge.errors import BadSetting

EXPECTED = "auto, picamera2, v4l2:/dev/video0, video:clip.mp4, stills:folder/, stills:photo.jpg or fake:frames=20,end"
_ALONE = ("auto", "picamera2")
_WITH_PATH = ("v4l2", "video", "stills")


class Address(NamedTuple):
    """Where frames come from.

    kind: ``auto``, ``picamera2``, ``v4l2``, ``video``, ``stills`` or ``fake``.
    rest: a path for v4l2, video and stills; a script for fake; else empty.
    """

    kind: str
    rest: str


def quoted(text: object) -> str:
    """Text from outside as it may stand in a message: one line, quoted, not endless."""
    words = str(text)
    return repr(words if len(words) <= 200 else words[:197] + "...")


def parse_address(text: str) -> Address:
    """Read a ``camera.source``; raises BadSetting where it is none."""
    kind, colon, rest = text.partition(":")
    if kind == "fake":
        return Address(kind, rest)
    if kind in _ALONE:
        if colon:
            raise BadSetting(f"camera source {quoted(text)}: expected {kind} alone, with nothing after it")
        return Address(kind, "")
    if kind in _WITH_PATH:
        if not rest or "\0" in rest:
            raise BadSetting(f"camera source {quoted(text)}: expected a path after {kind}: as in {EXPECTED}")
        return Address(kind, rest)
    raise BadSetting(f"camera source {quoted(text)} is of no known kind; expected {EXPECTED}")
