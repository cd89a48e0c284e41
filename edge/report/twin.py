"""Another sensor with the same device id, as from a copied card: noticed, and said with what to do.

A broker disconnects the older of two clients with one id, so both are thrown out in turns. MQTT 5 says so; in each
version the sensor reads back its own ``health``, in which each start has a number of its own.
"""

import logging
from collections import deque

from edge.errors import BadLine
from edge.mqtt.client import Message
from edge.mqtt.publisher import Publisher
from edge.report.messages.health import HEALTH
from edge.runtime.log_once import LogOnce

log = logging.getLogger(__name__)

_SIGNS = 3
_WITHIN_S = 600.0
"""So many signs of it within so long are no accident: a broker may not have noticed yet that this sensor is gone."""


class TwinWatch:
    """``check`` regularly, after ``Publisher.dispatch``; it tells ``publisher.twin``."""

    def __init__(self, publisher: Publisher, topic: str, instance: int) -> None:
        """Read ``<topic>/health`` back. instance: number of this start."""
        self._publisher, self._topic, self._instance = publisher, topic, instance
        self._said_by_predecessor: float | None = None
        self._heard = self._counted = 0
        self._signs: deque[float] = deque(maxlen=_SIGNS)
        self._log_once = LogOnce(log)
        publisher.subscribe(f"{topic}/health", self._hear)

    def check(self, now: float) -> None:
        """Count what was noticed since the last time; now: monotonic s."""
        # In MQTT 5 there are two signs of one and the same loss.
        noticed = max(self._publisher.taken_over, self._heard)
        self._signs.extend([now] * min(noticed - self._counted, _SIGNS))
        self._counted = noticed
        while self._signs and now - self._signs[0] > _WITHIN_S:
            self._signs.popleft()
        twin = len(self._signs) == _SIGNS
        if twin:
            self._log_once.log(
                logging.WARNING,
                f"another sensor has the id of this one, and the broker throws both out in turns ({self._topic}); "
                "expected one sensor for each id: set device.id to another on one of them",
            )
        elif self._publisher.twin:
            self._log_once.over(logging.INFO, f"no other sensor has the id of this one any more ({self._topic})")
        self._publisher.twin = twin

    def _hear(self, message: Message) -> None:
        try:
            health = HEALTH.read(message.payload)
        except BadLine:
            return
        if health.get("instance") == self._instance:
            self._said_by_predecessor = self._said_by_predecessor or 0.0
        elif message.retained and self._said_by_predecessor in (None, health["time"]):
            # What was there before this start said anything, perhaps of the process before this one.
            self._said_by_predecessor = health["time"]
        else:
            self._heard += 1
