"""The parts from which a camera source is made."""

from threading import Event
from typing import NamedTuple

from edge.config.settings import Settings


class SourceRequest(NamedTuple):
    """The parts from which a source is made."""

    settings: Settings
    stopping: Event
    """Ends ``frames()`` when it is set."""
    shape: tuple[int, int]
    """(height, width) of the model input, px, for which a camera may choose its frame size."""
    argument: str
    """The part of ``camera.source`` after the colon."""
