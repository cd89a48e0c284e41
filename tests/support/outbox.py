"""What the outbox adds to messages, for tests that have none; and a broker for those that have one."""

import json
from typing import Any

from edge.mqtt.publisher import Receipt
from edge.report.analytics.event import Event
from edge.report.messages.event import event_payload

NUMBER = {"run": "5e1fb03a", "sequence": 1}
"""Of an event."""
OUTBOX = {"events_kept": 0, "events_lost": 0, "outbox": "ram"}
"""Of ``health``."""


def happened(person: int, time: float = 0.0, kind: str = "hand_raised") -> dict[str, Any]:
    """An event that tells by its person which one it is."""
    return event_payload(Event(kind, person, details={"side": "left"} if kind == "hand_raised" else {}), time)


class Answers:
    """A broker, as the outbox sees it, that answers when it is told to."""

    def __init__(self, connected: bool = True) -> None:
        self.connected = connected
        self.said: list[tuple[str, dict[str, Any], int]] = []
        """Name, payload and expiry of each message."""
        self._receipts: list[Receipt] = []

    def publish_acknowledged(self, name: str, payload: bytes, expires: int) -> Receipt | None:
        if not self.connected:
            return None
        self.said.append((name, json.loads(payload), expires))
        self._receipts.append(Receipt(name, len(payload)))
        return self._receipts[-1]

    def answer(self, word: Any = "acknowledged") -> None:
        """Give one answer to all that wait for it."""
        for receipt in self._receipts:
            receipt.answer = receipt.answer or word
