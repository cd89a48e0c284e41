"""What may be asked of this sensor over MQTT, on ``command/...``; whoever may write there may ask."""

from collections import Counter
from collections.abc import Callable

from edge.report.broker import Broker
from edge.report.inbox import Message
from edge.report.inlet import PAUSE, RESUME

REASONS = ("retained", "unknown_command", "unknown_word")
"""Why a command was refused, as counted and published."""
_LARGEST = 64
"""Bytes; more is no command."""


class Commands:
    """Hears ``<topic>/command/camera`` (``pause``, ``resume``); ``refused`` counts the rest by reason."""

    def __init__(self, broker: Broker, topic: str, pause: Callable[[bool], None]) -> None:
        """pause: is called with True to shut the camera, with False to open it again."""
        self._prefix = f"{topic}/command/"
        self._pause = pause
        self.refused: Counter[str] = Counter()
        broker.subscribe(f"{self._prefix}#", self.hear, _LARGEST)

    def hear(self, message: Message) -> None:
        """One message; what a broker kept for later is no command, since it would be obeyed again and again."""
        words = {PAUSE.encode(): True, RESUME.encode(): False}
        if message.retained:
            self.refused["retained"] += 1
        elif message.topic.removeprefix(self._prefix) != "camera":
            self.refused["unknown_command"] += 1
        elif message.payload not in words:
            self.refused["unknown_word"] += 1
        else:
            self._pause(words[message.payload])
