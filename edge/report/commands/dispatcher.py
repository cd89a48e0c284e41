"""Commands over MQTT, on ``<topic>/command/<name>``; every client that may write there may give one."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from edge.errors import BadSetting
from edge.mqtt.client import Client, Message
from edge.runtime.token_bucket import TokenBucket

REASONS = ("retained", "unknown_command", "unknown_word", "too_soon")
"""Why a command was refused, as counted and published."""
_LOG_RATE = 0.1
"""Refusals a second that are explained in the log, which anybody who may write there could fill otherwise."""

log = logging.getLogger(__name__)


class TooSoon(BadSetting):
    """A command that is refused because the last one of its name was not long ago."""


class Commands:
    """Hand the payload of each command to its handler, and count those that are refused."""

    def __init__(
        self,
        topic: str,
        handlers: Mapping[str, Callable[[bytes], None]],
        families: Mapping[str, Callable[[str, bytes], None]] | None = None,
    ) -> None:
        """Know the commands.

        Args:
            topic: Of the sensor.
            handlers: Called with the payload, by name of the command; each raises BadSetting for one that it refuses.
            families: The same of commands ``<name>/...``, called with what stands behind the name, and the payload.
        """
        self._prefix = f"{topic}/command/"
        self._handlers = handlers
        self._families = families or {}
        self._log_rate = TokenBucket(_LOG_RATE, 5)
        self.refused: Counter[str] = Counter()
        """Counts by reason, one of ``REASONS``."""

    def subscribe(self, client: Client) -> None:
        """Receive commands from now on."""
        client.subscribe(f"{self._prefix}#", self.hear)

    def hear(self, message: Message) -> None:
        """Carry out a command; a retained one is refused, since it would be carried out again at every start."""
        handler = self._find(message.topic.removeprefix(self._prefix))
        if message.retained:
            self.refused["retained"] += 1
        elif handler is None:
            self.refused["unknown_command"] += 1
        else:
            try:
                handler(message.payload)
            except BadSetting as error:
                self.refused["too_soon" if isinstance(error, TooSoon) else "unknown_word"] += 1
                if self._log_rate.take(1, time.monotonic()):
                    log.warning("%s", error)

    def _find(self, name: str) -> Callable[[bytes], None] | None:
        family, slash, rest = name.partition("/")
        if slash and (handler := self._families.get(family)):
            return partial(handler, rest)
        return self._handlers.get(name)
