"""What may be asked of this sensor over MQTT, on ``command/...``; whoever may write there may ask."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping

from edge.errors import BadSetting
from edge.mqtt.publisher import Publisher
from edge.mqtt.subscriptions import Message
from edge.runtime.token_bucket import TokenBucket

REASONS = ("retained", "unknown_command", "unknown_word")
"""Why a command was refused, as counted and published."""
_LARGEST = 65536
"""Bytes; more is no command."""
_LOG_RATE = 0.1
"""Refusals a second that are explained in the log; whoever may write there could fill it."""

log = logging.getLogger(__name__)


class Commands:
    """Hears ``<topic>/command/<name>``; ``refused`` counts what is none, by reason."""

    def __init__(self, broker: Publisher, topic: str, obey: Mapping[str, Callable[[bytes], None]]) -> None:
        """obey: what is called with a payload, by name; it raises BadSetting for one that makes no sense."""
        self._prefix = f"{topic}/command/"
        self._obey = obey
        self._words = TokenBucket(_LOG_RATE, 5)
        self.refused: Counter[str] = Counter()
        broker.subscribe(f"{self._prefix}#", self.hear, _LARGEST)

    def hear(self, message: Message) -> None:
        """One message; what a broker kept for later is no command, since it would be obeyed again and again."""
        obey = self._obey.get(message.topic.removeprefix(self._prefix))
        if message.retained:
            self.refused["retained"] += 1
        elif obey is None:
            self.refused["unknown_command"] += 1
        else:
            try:
                obey(message.payload)
            except BadSetting as error:
                self.refused["unknown_word"] += 1
                if self._words.take(1, time.monotonic()):
                    log.warning("%s", error)
