"""All sensors as they are now, in words, and their last day."""

import threading
import time
from collections.abc import Callable
from typing import Any

from edge.tools.view.history import NO_RECORD, History
from edge.tools.view.hub import Hub
from edge.tools.view.message import Message
from edge.tools.view.sensor_state import SensorState

_TURN_S = 1.0
"""Time between two looks at what has become too old."""
_ASLEEP_S = 10.0
"""Time without such a look after which this machine was asleep, and nothing was listened to."""


def _with_sleep() -> float:
    """Seconds on a clock that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Overview:
    """Passes messages on to the hub and adds a ``summary`` of their sensor whenever that changes."""

    def __init__(
        self, hub: Hub, clock: Callable[[], float] = time.monotonic, day_clock: Callable[[], float] = _with_sleep
    ) -> None:
        """Begin to listen.

        Args:
            hub: Takes every message and summary.
            clock: That of ``Message.since``.
            day_clock: For the histories.
        """
        self._hub = hub
        self._clock = clock
        self._day_clock = day_clock
        self._lock = threading.Lock()
        self._sensors: dict[str, tuple[SensorState, History]] = {}
        self._said: dict[str, dict[str, Any]] = {}
        self._connected = False
        self._looked = day_clock()

    def hear(self, message: Message) -> None:
        """Take a message in."""
        if message.kind == "event":
            with self._lock:
                if message.device in self._sensors:
                    message = self._sensors[message.device][0].named(message)
        if not self._hub.hear(message):
            return
        with self._lock:
            if message.kind == "broker":
                self._connected = bool(message.data["connected"])
                for device in self._sensors:
                    self._note(device)
                return
            if message.device not in self._sensors:
                self._sensors[message.device] = SensorState(), History(self._day_clock())
            state, history = self._sensors[message.device]
            state.hear(message)
            if message.kind == "event":
                late = max(0.0, time.time() - message.data["time"]) if message.data.get("late") else 0.0
                history.hear(message.data, self._day_clock() - late)
            elif message.kind != "poses":
                self._note(message.device)

    def turn(self) -> None:
        """Look for what has become too old; to be called at least every second."""
        now = self._day_clock()
        with self._lock:
            asleep = now - self._looked > _ASLEEP_S
            if not asleep and now - self._looked < _TURN_S:
                return
            for device, (_, history) in self._sensors.items():
                if asleep:
                    history.be(NO_RECORD, self._looked)
                self._note(device)
            self._looked = now

    def history(self, device: str) -> dict[str, Any] | None:
        """Tell the last day of a sensor; None if nothing was heard of it."""
        with self._lock:
            found = self._sensors.get(device)
            return found[1].tell(self._day_clock()) if found else None

    def _note(self, device: str) -> None:
        """Say how the sensor is, if that has changed, and add it to the history."""
        state, history = self._sensors[device]
        summary = state.summary(device, self._clock())
        room = "unknown" if state.is_gone else summary["room"]
        history.be(room if self._connected else NO_RECORD, self._day_clock())
        if summary != self._said.get(device):
            self._said[device] = summary
            self._hub.hear(Message(device, "gone" if state.is_gone else "summary", summary, self._clock()))
