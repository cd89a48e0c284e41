"""Events on their way to the broker: each is kept until the broker acknowledged it, or until it is too old to matter.

An event that is younger than ``EVENT.expires`` is said on ``event/<kind>``, an older one on ``late/<kind>``, where no
automation takes it for something that happens now. ``run`` and ``sequence`` number an event, so that it is known again
when it is said twice; a number that never comes is an event that was lost.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain, islice, takewhile
from typing import Any

from edge.config.settings import OutboxSettings
from edge.mqtt.publisher import Publisher, Receipt
from edge.report.messages.event import EVENT, LATE
from edge.report.messages.message import as_json
from edge.runtime.token_bucket import TokenBucket

log = logging.getLogger(__name__)

MAX_BYTES = 4 << 20
"""Payloads kept at most, all together."""
AT_ONCE = 16
"""Events that wait for the broker's acknowledgement at most."""
_LATE_RATE = 20.0
"""Late events a second at most, so that those who listen are not flooded after an outage."""
_FAREWELL_WITHIN_S = 0.5


@dataclass(slots=True, eq=False)
class Kept:
    """One event.

    Attributes:
        kind: Last level of its topic.
        payload: JSON.
        happened: Monotonic, s.
        receipt: The broker's answer; None while it is not given to the network.
    """

    kind: str
    payload: bytes
    happened: float
    receipt: Receipt | None = None


class Outbox:
    """``put`` what happened, and ``send`` regularly what is due.

    Attributes:
        lost: Events that were given up.
    """

    def __init__(
        self, settings: OutboxSettings, publisher: Publisher, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin empty.

        Args:
            settings: How much is kept, and for how long.
            publisher: Where events go.
            clock: Monotonic, s.
        """
        self.lost = 0
        self._settings = settings
        self._publisher = publisher
        self._clock = clock
        self._kept: dict[tuple[str, int], Kept] = {}
        """By run and sequence, the oldest first."""
        self._bytes = 0
        self._run, self._sequence = _new_run(), 0
        self._unsaid_losses: Counter[str] = Counter()
        """Kinds of those events of ``lost`` that the log does not tell yet."""
        self._late_rate = TokenBucket(_LATE_RATE, _LATE_RATE)

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def place(self) -> str:
        """Where events are kept: ``ram`` or ``disk``."""
        return "ram"

    def put(self, payload: Mapping[str, Any]) -> None:
        """Keep an event, and send what is due; the oldest are given up where there are too many.

        Args:
            payload: As ``event_payload`` built it.
        """
        self._sequence += 1
        numbered = as_json({**payload, "run": self._run, "sequence": self._sequence})
        self._kept[self._run, self._sequence] = Kept(payload["kind"], numbered, self._clock())
        self._bytes += len(numbered)
        while len(self._kept) > self._settings.events or self._bytes > MAX_BYTES:
            # One that is on its way may have arrived.
            self._give_up(next(key for key, event in self._kept.items() if not event.receipt))
        self.send()

    def send(self) -> None:
        """Forget what the broker acknowledged, give up what is too old, and give to the network what is due."""
        now = self._clock()
        under_way = self._settle()
        while (oldest := next(iter(self._kept.items()), None)) and now - oldest[1].happened > self._settings.age:
            self._give_up(oldest[0])
        # Fresh ones overtake the late ones, which keep their order.
        newest_first = takewhile(lambda event: now - event.happened < EVENT.expires, reversed(self._kept.values()))
        fresh = list(newest_first)[::-1]
        late = list(islice(self._kept.values(), len(self._kept) - len(fresh)))
        for event in chain(fresh, late):
            if event.receipt:
                continue
            age = now - event.happened
            if not self._publisher.connected or under_way >= AT_ONCE:
                return
            if age < EVENT.expires:
                name, expires = EVENT.name, max(1, round(EVENT.expires - age))
            elif self._late_rate.take(1, now):
                name, expires = LATE.name, LATE.expires
            else:
                return
            event.receipt = self._publisher.publish_acknowledged(f"{name}/{event.kind}", event.payload, expires)
            under_way += 1

    def close(self) -> None:
        """Send the last ones, within half a second; tell in the log what is lost."""
        deadline = time.monotonic() + _FAREWELL_WITHIN_S
        self.send()
        while self._kept and self._publisher.connected and time.monotonic() < deadline:
            time.sleep(0.01)
            self.send()
        for key in list(self._kept):
            self._give_up(key)
        self._tell_losses()

    def _settle(self) -> int:
        """Follow the broker's answers; count the events that still wait for one."""
        under_way = 0
        for key, event in list(self._kept.items()):
            answer = event.receipt and event.receipt.answer
            if answer == "acknowledged":
                self._forget(key)
                self._tell_losses()
            elif answer == "refused":
                self._give_up(key)
            elif answer == "lost":
                event.receipt = None
            elif event.receipt:
                under_way += 1
        return under_way

    def _give_up(self, key: tuple[str, int]) -> None:
        self.lost += 1
        self._unsaid_losses[self._forget(key).kind] += 1

    def _forget(self, key: tuple[str, int]) -> Kept:
        event = self._kept.pop(key)
        self._bytes -= len(event.payload)
        return event

    def _tell_losses(self) -> None:
        if self._unsaid_losses:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self._unsaid_losses.most_common())
            log.warning("%d events were lost, as the broker did not take them: %s", self._unsaid_losses.total(), kinds)
            self._unsaid_losses.clear()


def _new_run() -> str:
    return os.urandom(4).hex()
