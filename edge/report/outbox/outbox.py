"""Events on their way to the broker: each is kept until the broker acknowledged it, or until it is too old to matter.

An event that is younger than ``EVENT.expires`` is said on ``event/<kind>``, an older one on ``late/<kind>``, where no
automation takes it for something that happens now. ``run`` and ``sequence`` number an event, so that it is known again
when it is said twice; a number that never comes is an event that was lost. A number is never given twice: where it is
not certain how far an earlier process has counted, and where the disk fails, another run begins.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, takewhile
from pathlib import Path
from typing import Any

from edge.config.settings import OutboxSettings
from edge.errors import BadLine
from edge.mqtt.publisher import Publisher, Receipt
from edge.report.messages.event import EVENT, LATE
from edge.report.messages.message import as_json
from edge.runtime.append_log import AppendLog
from edge.runtime.log_once import LogOnce
from edge.runtime.token_bucket import TokenBucket

log = logging.getLogger(__name__)

MAX_BYTES = 4 << 20
"""Payloads kept at most, all together."""
AT_ONCE = 16
"""Events that wait for the broker's acknowledgement at most."""
_LATE_RATE = 20.0
"""Late events a second at most, so that those who listen are not flooded after an outage."""
_FAREWELL_WITHIN_S = 0.5
_DISK_AGAIN_AFTER_S = 60.0
_MAX_SURPLUS_BYTES = 64 << 10
"""Length of the file beyond twice what it must hold, at which it is written anew."""


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
        place: Where events are kept now: ``ram``, or ``disk`` too.
    """

    def __init__(
        self,
        settings: OutboxSettings,
        publisher: Publisher,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Begin with what an earlier process left in ``folder``, if ``settings`` say so.

        Args:
            settings: How much is kept, where, and for how long.
            publisher: Where events go.
            folder: Of the service; None: there is none.
            clock: Monotonic, s.
            wall: s since 1970.
        """
        self.place = "ram"
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
        self._disk: AppendLog | None = None
        self._disk_again_at = 0.0
        self._log_once = LogOnce(log)
        if settings.keep == "disk" and not folder:
            log.warning("outbox.keep = disk: no folder in STATE_DIRECTORY; events are kept in RAM")
        elif settings.keep == "disk" and folder:
            self._disk = AppendLog(folder / "events")
            self._read(self._disk, wall())
            self._write_anew(self._disk)

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, payload: Mapping[str, Any]) -> None:
        """Keep an event, and send what is due; the oldest are given up where there are too many.

        Args:
            payload: As ``event_payload`` built it.
        """
        key, event = self._number(payload)
        if self.place == "disk" and not self._append(_stored(event)):
            key, event = self._number(payload)
        self._kept[key] = event
        self._bytes += len(event.payload)
        if self._disk and self.place == "ram" and self._clock() >= self._disk_again_at:
            self._write_anew(self._disk)
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
        if not self._publisher.connected:
            return
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
        """Send the last ones, within half a second; tell in the log what is lost with the RAM."""
        deadline = time.monotonic() + _FAREWELL_WITHIN_S
        self.send()
        while self._kept and self._publisher.connected and time.monotonic() < deadline:
            time.sleep(0.01)
            self.send()
        if self.place == "ram":
            for key in list(self._kept):
                self._give_up(key)
        self._tell_losses()

    def _number(self, payload: Mapping[str, Any]) -> tuple[tuple[str, int], Kept]:
        self._sequence += 1
        numbered = as_json({**payload, "run": self._run, "sequence": self._sequence})
        return (self._run, self._sequence), Kept(payload["kind"], numbered, self._clock())

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
        # A power cut may undo this: then the event is said twice.
        if self.place == "disk" and self._append(b"done %s %d" % (key[0].encode(), key[1]), synchronize=False):
            assert self._disk
            if self._disk.size > 2 * self._bytes + _MAX_SURPLUS_BYTES:
                self._write_anew(self._disk)
        return event

    def _tell_losses(self) -> None:
        if self._unsaid_losses:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self._unsaid_losses.most_common())
            log.warning("events were lost, as the broker did not take them: %s", kinds)
            self._unsaid_losses.clear()

    def _read(self, disk: AppendLog, wall: float) -> None:
        try:
            lines = disk.read()
        except OSError as error:
            self._disk_failed(error)
            return
        is_certain = False
        """No number after the last one that is known was given."""
        for line in lines:
            try:
                word, run, sequence = self._take(line or b"", wall)
            except (BadLine, ValueError):
                is_certain = False
                self.lost += 1
            else:
                if word != b"done":
                    self._run, self._sequence, is_certain = run, sequence, True
        if self.lost:
            log.warning("%s: %d of %d lines are damaged; as many events may be lost", disk.path, self.lost, len(lines))
        if not is_certain:
            self._run, self._sequence = _new_run(), 0

    def _take(self, line: bytes, wall: float) -> tuple[bytes, str, int]:
        """Follow one line of the file: ``event MONOTONIC JSON``, ``done RUN SEQUENCE`` or ``last RUN SEQUENCE``.

        Returns:
            Its first word, run and sequence.

        Raises:
            BadLine, ValueError: It is no such line, or the event is one of another version.
        """
        word, first, rest = line.split(b" ", 2)
        if word != b"event":
            key = first.decode(), int(rest)
            if word == b"done" and key in self._kept:
                self._bytes -= len(self._kept.pop(key).payload)
            return word, *key
        payload = EVENT.read(rest)
        now = self._clock()
        ages = now - float(first), wall - payload["time"]
        # After a reboot the monotonic clock began anew, and the other one may not be set yet: an event is fresh where
        # both say so.
        is_fresh = all(0 <= age < EVENT.expires for age in ages)
        key = payload["run"], payload["sequence"]
        self._kept[key] = Kept(payload["kind"], rest, now - (max(ages) if is_fresh else max(ages[1], EVENT.expires)))
        self._bytes += len(rest)
        return word, *key

    def _lines(self) -> Iterator[bytes]:
        yield from map(_stored, self._kept.values())
        yield b"last %s %d" % (self._run.encode(), self._sequence)

    def _write_anew(self, disk: AppendLog) -> None:
        try:
            disk.rewrite(self._lines())
        except OSError as error:
            self._disk_failed(error)
        else:
            self.place = "disk"

    def _append(self, line: bytes, synchronize: bool = True) -> bool:
        assert self._disk
        try:
            self._disk.append(line, synchronize)
        except OSError as error:
            self._disk_failed(error)
            return False
        return True

    def _disk_failed(self, error: OSError) -> None:
        """Go on in RAM with another run: the next process would give the next numbers of this one again."""
        assert self._disk
        self.place = "ram"
        self._run, self._sequence = _new_run(), 0
        self._disk_again_at = self._clock() + _DISK_AGAIN_AFTER_S
        self._log_once.log(
            logging.WARNING, f"{self._disk.path}: {error.strerror}; events are kept in RAM, trying again"
        )


def _stored(event: Kept) -> bytes:
    return b"event %.3f %s" % (event.happened, event.payload)


def _new_run() -> str:
    return os.urandom(4).hex()
