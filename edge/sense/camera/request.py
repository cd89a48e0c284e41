"""What a camera source is made from."""

from threading import Event
from typing import NamedTuple

from edge.config.settings import Settings


class SourceRequest(NamedTuple):
    """What a source is made from."""

    settings: Settings
    stopping: Event
    """Ends ``frames()`` when it is set."""
    shape: tuple[int, int]
    """(height, width) of the model input, px, for which a camera may choose its frame size."""
    argument: str
    """What stands after the colon of ``camera.source``."""
