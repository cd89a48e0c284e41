"""Latest messages of one sensor, in a form that a terminal can show."""

import time
from collections import deque
from typing import Any

from edge.image_quality import SURE_HOLDS_S
from edge.tools.describe import SEALS, event_in_words, state_in_words
from edge.tools.view.message import Message

STATE_HOLDS_S = 90.0
"""Time after which a state is no longer valid (docs/messages.md)."""
_POSES_HOLD_S = 2.0
_RATE_OVER_S = 2.0


class SensorState:
    """State of one sensor, as its messages tell it."""

    def __init__(self) -> None:
        self._latest: dict[str, Message] = {}
        self._times: deque[float] = deque(maxlen=400)
        self._sure_at = float("-inf")
        self.events: deque[Message] = deque(maxlen=20)

    def hear(self, message: Message) -> None:
        """Take a message in."""
        if message.kind == "event":
            self.events.append(message)
            return
        if message.kind in ("state", "health"):
            self._latest.pop("other_version", None)
        self._latest[message.kind] = message
        if message.kind == "poses":
            self._times.append(message.since)
            if message.data["sure"]:
                self._sure_at = message.since

    def people(self, now: float) -> list[dict[str, Any]]:
        """People in the latest poses; none if these are older than two seconds."""
        return list(self._data("poses", now, _POSES_HOLD_S).get("people", ()))

    def shape(self) -> float:
        """Width of the frame over its height."""
        frame = self._data("poses")
        return float(frame["width"] / frame["height"]) if frame else 4 / 3

    def posture(self, person: int, now: float) -> str:
        """Posture of a person; empty if it is not known."""
        postures = self._data("state", now, STATE_HOLDS_S).get("postures")
        return str((postures.get(str(person)) if isinstance(postures, dict) else None) or "")

    def health(self, now: float) -> list[str]:
        """Frame rate, state, seal, latency, temperature and blindness in words, as far as they are known."""
        if self._data("availability").get("online") is False:
            return ["offline"]
        if "other_version" in self._latest:
            return ["ANOTHER VERSION of posenet-edge than this view: update the older one"]
        health = self._data("health")
        words = [f"{self._rate(now):.1f} frames/s"]
        words += [str(health["state"])] if health.get("state") else []
        words += [SEALS[health["sealed"]]] if "sealed" in health else []
        words += [f"{health['latency_ms']} ms"] if health.get("latency_ms") is not None else []
        words += [f"{health['temperature']} °C"] if health.get("temperature") is not None else []
        is_blind = health.get("blind") and now - self._sure_at > SURE_HOLDS_S
        return words + ([f"BLIND: {health['blind']}"] if is_blind else [])

    def known(self, now: float) -> list[str]:
        """Known values of the state in words."""
        return state_in_words(self._data("state", now, STATE_HOLDS_S))

    def _data(self, kind: str, now: float = 0.0, holds: float = float("inf")) -> dict[str, Any]:
        message = self._latest.get(kind)
        return message.data if message and now - message.since <= holds else {}

    def _rate(self, now: float) -> float:
        return sum(now - at <= _RATE_OVER_S for at in self._times) / _RATE_OVER_S


def told(event: Message) -> str:
    """An event in one line, with the time of day."""
    at = time.strftime("%H:%M:%S", time.localtime(float(event.data.get("time", 0))))
    return f"{at} {event_in_words(event.data)}"
