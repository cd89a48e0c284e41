"""Latest messages of one sensor, in a form that the page and the terminal can show."""

import time
import unicodedata
from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from edge.image_quality import SURE_HOLDS_S
from edge.report.distinct_labels import distinct_labels
from edge.tools.describe import SEALS, Labels, span_in_words
from edge.tools.view.known import NOTHING_KNOWN, Known, known
from edge.tools.view.message import Message, words_of

STATE_HOLDS_S = 90.0
"""Time after which a state is no longer valid (docs/messages.md)."""
_POSES_HOLD_S = 2.0
_RATE_OVER_S = 2.0
_HOT_C = 80.0
ANOTHER_VERSION = "another version of posenet-edge than this view: update the older one"
_STATES = {
    "starting": "starting",
    "running": "running",
    "too_slow": "too slow",
    "paused": "paused",
    "no_camera": "no camera",
    "no_frames": "no frames",
    "refused": "not sealed",
    "ended": "clip is over",
    "silent": "sense is silent",
}
_FINE = ("starting", "running", "paused", "ended")
_PLAYED = {"video": "a clip", "stills": "photos", "fake": "a test picture"}
"""By ``source`` of ``health``: there is no camera, so there is nothing that a seal would keep from seeing the room."""
_SIMULATED = "simulated or replayed"
_NO_SEAL = "no seal needed"


_LABELLED = ("zone", "line", "rule")
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = ("R", "AL")
"""Bidirectional classes of letters: of Hebrew, and of Arabic."""


class Row(NamedTuple):
    """A measure of the sensor itself, in words, and whether something is wrong with it."""

    term: str
    words: str
    is_bad: bool = False


class SensorState:
    """State of one sensor, as its messages tell it."""

    def __init__(self) -> None:
        self._latest: dict[str, Message] = {}
        self._times: deque[float] = deque(maxlen=400)
        self._sure_at = self._heard_at = float("-inf")
        self._is_taken_back = False
        self.events: deque[Message] = deque(maxlen=20)

    def hear(self, message: Message) -> None:
        """Take a message in."""
        if message.kind == "forgotten":
            self._latest.pop(message.data["kind"], None)
            self._is_taken_back = True
            return
        self._heard_at = max(self._heard_at, message.since)
        if message.kind == "event":
            self.events.append(self.named(message))
            return
        if message.kind in ("state", "health"):
            self._latest.pop("other_version", None)
        self._latest[message.kind] = message
        if message.kind == "poses":
            self._times.append(message.since)
            if message.data["sure"]:
                self._sure_at = message.since

    @property
    def _labels(self) -> Labels:
        """Labels of zones, lines and rules by the sensor's ``places``, no two alike; the name where there is none."""
        places = self._data("places")
        return {
            kind: distinct_labels(
                {each["name"]: _isolated(each["label"]) or each["name"] for each in places.get(kind, ())}
            )
            for kind in _LABELLED
        }

    @property
    def _is_offline(self) -> bool:
        """True if it, or the broker for it, has said so; not while that is unknown."""
        return self._data("availability").get("online") is False

    @property
    def is_gone(self) -> bool:
        """True if everything that was retained was taken back, as when a simulation ends."""
        return self._is_taken_back and not self._latest.keys() - {"poses"}

    def people(self, now: float) -> list[dict[str, Any]]:
        """People in the latest poses; none if these are older than two seconds."""
        return list(self._data("poses", now, _POSES_HOLD_S).get("people", ()))

    def shape(self) -> float:
        """Width of the frame over its height."""
        frame = self._data("poses")
        return float(frame["width"] / frame["height"]) if frame else 4 / 3

    def posture(self, person: int, now: float) -> str:
        """Posture of a person; empty if it is not known."""
        postures = self._state(now).get("postures")
        return str((postures.get(str(person)) if isinstance(postures, dict) else None) or "")

    def health(self, now: float) -> list[str]:
        """Frame rate, state, seal, latency, temperature and blindness in words, as far as they are known."""
        if trouble := self._trouble(now):
            return [trouble]
        rows = [f"{self._rate(now):.1f} frames/s", *(row.words for row in self.rows(now) if row.words != "–")]
        blind = self._blind(now)
        return [word for word in rows if word not in ("clear", blind)] + ([f"BLIND: {blind}"] if blind else [])

    def rows(self, now: float) -> list[Row]:
        """Describe the sensor itself, from its ``health``."""
        health = self._data("health")
        number = {
            key: f"{health[key]} {unit}" if health.get(key) is not None else "–"
            for key, unit in (("latency_ms", "ms"), ("temperature", "°C"))
        }
        blind, played = self._blind(now), self._played(now)
        seen = "clear" if blind == "" else blind or "–"
        return [
            self._sensor(health, played),
            self._seal(health, played),
            Row("Latency", number["latency_ms"]),
            Row("Temperature", number["temperature"], (health.get("temperature") or 0.0) >= _HOT_C),
            Row("Picture", seen, bool(blind)),
        ]

    def named(self, event: Message) -> Message:
        """Put the labels of zones, lines and rules into the words of an event, as far as the sensor has told them."""
        return event._replace(data={**event.data, "words": words_of(event.data, self._labels)})

    def known(self, now: float) -> Known:
        """Put the state into words; of a sensor that is offline or silent nothing is known."""
        return known(self._state(now), self._labels)

    def summary(self, device: str, now: float) -> dict[str, Any]:
        """Put everything but poses, places and events into words.

        Args:
            device: Id of the sensor, its name where no other is known.
            now: Monotonic s.

        Returns:
            For JSON: its ``name``; ``room`` (as in ``Known``, or ``offline``) with the ``headline``, ``alarm``,
            ``persons``, ``groups`` and ``unknown``; ``trouble``, why nothing can be known; ``rows``, of the sensor
            itself; ``postures`` by id; ``placed``, ids of the persons whose words have a position; and
            ``is_running``, whether frames are looked at.
        """
        state = self._state(now)
        said = known(state, self._labels)
        trouble = self._trouble(now) or self._why_unknown(state, now)
        headline = f"{NOTHING_KNOWN}: {trouble}" if trouble and said.room == "unknown" else said.headline
        return {
            "name": str(self._data("health").get("name") or device),
            "room": "offline" if self._is_offline else said.room,
            "headline": headline,
            "alarm": said.alarm,
            "persons": said.persons,
            "postures": state.get("postures") or {},
            "placed": [*(state.get("positions") or {})],
            "groups": said.groups,
            "unknown": said.unknown,
            "trouble": trouble,
            "is_running": (self._data("health").get("frame_rate") or 0.0) > 0,
            "rows": [Row("Sensor", "offline", True)] if self._is_offline else self.rows(now),
        }

    def _trouble(self, now: float) -> str:
        """Say why this sensor tells nothing; empty if it may."""
        if self._is_offline:
            return "offline"
        if "other_version" in self._latest:
            return ANOTHER_VERSION
        if self.is_gone:
            return "its messages were taken back"
        if (quiet := now - self._heard_at) > STATE_HOLDS_S:
            return f"not heard for {span_in_words(quiet // 60 * 60)}"
        return ""

    def _why_unknown(self, state: Mapping[str, Any], now: float) -> str:
        if state.get("paused") or self._data("health").get("state") == "paused":
            return "paused, the camera is shut"
        if blind := self._blind(now):
            return f"the camera sees nothing ({blind})"
        row = self.rows(now)[0]
        return row.words if row.is_bad else ""

    def _state(self, now: float) -> dict[str, Any]:
        if self._is_offline or "other_version" in self._latest:
            return {}
        return self._data("state", now, STATE_HOLDS_S)

    def _played(self, now: float) -> str:
        """Describe what the sensor plays in place of a camera; empty if it may have one."""
        health = self._data("health")
        if health.get("source") in _PLAYED:
            return _PLAYED[health["source"]]
        # Where report hears nothing of a camera process, nobody else can know that somebody is there, or nobody.
        hears = self._state(now).get("occupied") is not None or bool(self.people(now))
        return _SIMULATED if health.get("state") == "silent" and hears else ""

    def _sensor(self, health: Mapping[str, Any], played: str) -> Row:
        if not health:
            return Row("Sensor", "–")
        if played == _SIMULATED:
            return Row("Sensor", played)
        words = _STATES[health["state"]]
        return Row("Sensor", f"{words}, {played}" if played else words, health["state"] not in _FINE)

    def _seal(self, health: Mapping[str, Any], played: str) -> Row:
        if not health:
            return Row("Seal", "–")
        if played:
            return Row("Seal", _NO_SEAL)
        return Row("Seal", SEALS[health["sealed"]].lower(), health["sealed"] is False)

    def _blind(self, now: float) -> str | None:
        """Say why nobody can be seen: empty if somebody could be, None if that is not known."""
        said = self._data("health").get("blind")
        return "" if now - self._sure_at <= SURE_HOLDS_S else said

    def _data(self, kind: str, now: float = 0.0, holds: float = float("inf")) -> dict[str, Any]:
        message = self._latest.get(kind)
        return message.data if message and now - message.since <= holds else {}

    def _rate(self, now: float) -> float:
        return sum(now - at <= _RATE_OVER_S for at in self._times) / _RATE_OVER_S


def told(event: Message) -> str:
    """An event in one line, with the time of day."""
    at = time.strftime("%H:%M:%S", time.localtime(float(event.data.get("time", 0))))
    return f"{at} {event.data['words']}"


def _isolated(label: str) -> str:
    """Keep a label that is written from right to left from turning the English words around it (Unicode's UAX 9)."""
    turns = any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in label)
    return f"{_ISOLATE}{label}{_END_OF_ISOLATE}" if turns else label
