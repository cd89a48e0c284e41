"""Whatever fails of the disk, and wherever it is cut off: only what was not stored is lost, and that is declared."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.config.settings import OutboxSettings
from edge.report.outbox import outbox as module
from edge.report.outbox.outbox import Outbox
from edge.runtime import durable
from tests.support.outbox import Answers, happened

Key = tuple[str, int]
CALLS = ("write", "fsync", "fdatasync", "replace", "ftruncate", "open")


class Disk:
    """Fails the calls that are to fail; nothing else differs, except that nothing waits for a real disk."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, is_to_fail: Callable[[int], bool] = lambda number: False
    ) -> None:
        self.made = 0
        self._is_to_fail = is_to_fail

        def instrumented(call: Callable[..., Any]) -> Callable[..., Any]:
            def made(*arguments: Any, **named: Any) -> Any:
                self.made += 1
                if self._is_to_fail(self.made):
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                return call(*arguments, **named)

            return made

        for name in CALLS:
            real = (lambda _descriptor: None) if name in ("fsync", "fdatasync") else getattr(os, name)
            monkeypatch.setattr(os, name, instrumented(real))
        monkeypatch.setattr(durable, "open", instrumented(open), raising=False)


class Life:
    """One process: it puts events, the broker takes some, and it dies."""

    def __init__(self, folder: Path) -> None:
        self.broker = Answers(connected=False)
        self.now = 1000.0
        self.outbox = Outbox(OutboxSettings(keep="disk"), self.broker, folder, lambda: self.now, lambda: self.now)  # type: ignore[arg-type]
        self.given: list[Key] = []
        self.stored: set[Key] = set()
        """Whose ``put`` returned with the disk in use, and which the broker did not acknowledge."""

    def put(self, person: int) -> None:
        before = set(self.outbox._kept)
        self.outbox.put(happened(person, self.now))
        self.given += set(self.outbox._kept) - before
        if self.outbox.place == "disk":
            self.stored = set(self.outbox._kept)

    def acknowledge(self) -> None:
        self.broker.connected = True
        self.outbox.send()
        self.broker.answer()
        self.outbox.send()
        self.broker.connected = False
        self.stored &= set(self.outbox._kept)

    def live(self) -> None:
        """Long enough for the file to be written anew, and for another try after a failure."""
        for person in (1, 2):
            self.put(person)
        self.acknowledge()
        for person in (3, 4, 5):
            self.put(person)
        self.now += 61.0
        self.put(6)


@pytest.fixture
def often_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_SURPLUS_BYTES", 300)


def folders(root: Path) -> Iterator[Path]:
    number = 0
    while True:
        number += 1
        (root / str(number)).mkdir()
        yield root / str(number)


def check_next(before: Life, folder: Path, strays: int = 0) -> Outbox:
    """Start the next process, on a disk that is well again.

    strays: how many events may be in the file although it was told that they are not, and were given other numbers.
    """
    after = Life(folder)
    kept = set(after.outbox._kept)
    assert before.stored <= kept, "what was stored is lost"
    assert len(kept - set(before.given)) <= strays
    after.put(7)
    (number,) = after.given
    assert number not in before.given, "a number was given twice"
    assert after.outbox.place == "disk"
    return after.outbox


@pytest.mark.usefixtures("often_anew")
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_every_call_to_the_disk_may_fail(tmp_path: Path, for_good: bool) -> None:
    places = folders(tmp_path)
    number = calls = 0
    while number <= calls:
        folder = next(places)
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, lambda made, number=number: made == number or (for_good and made > number > 0))  # type: ignore[misc]
            before = Life(folder)
            before.live()
            calls = max(calls, disk.made if number == 0 else 0)
            assert set(before.outbox._kept) == set(before.given[2:]), "the RAM keeps them all the same"
            if number == 0:
                assert before.outbox.place == "disk"
        with pytest.MonkeyPatch.context() as patch:
            Disk(patch)
            # A disk that is dead for good does not take back what it has of a line either.
            check_next(before, folder, strays=int(for_good))
        number += 1
    assert calls > 20


def test_it_may_be_torn_at_every_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Disk(monkeypatch)
    life, sizes = Life(tmp_path), [0]
    file = tmp_path / "events"
    sizes[0] = file.stat().st_size
    for person in (1, 2, 3):
        life.put(person)
        sizes.append(file.stat().st_size)
    whole = file.read_bytes()
    for length, folder in zip(range(sizes[0] - 5, len(whole)), folders(tmp_path), strict=False):
        (folder / "events").write_bytes(whole[:length])
        found = Life(folder).outbox
        # All but the line break is a whole line too.
        entire = sum(size - 1 <= length for size in sizes[1:])
        assert list(found._kept) == life.given[:entire]
        is_clean = any(size - 1 <= length <= size for size in sizes)
        assert found.lost == (not is_clean)
        # A new run declares that of the old one something may be lost; else the count goes on.
        assert (
            (found._run, found._sequence) == (life.outbox._run, entire) if is_clean else found._run != life.outbox._run
        )


def test_any_bit_may_flip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Disk(monkeypatch)
    life = Life(tmp_path)
    for person in (1, 2, 3, 4):
        life.put(person)
    life.outbox._append(b"done %s 2" % life.outbox._run.encode())
    kept = [key for key in life.given if key[1] != 2]
    whole = (tmp_path / "events").read_bytes()
    for byte, folder in zip(range(len(whole)), folders(tmp_path), strict=False):
        changed = bytearray(whole)
        changed[byte] ^= 1 << byte % 8
        (folder / "events").write_bytes(changed)
        found = Life(folder)
        assert found.outbox.lost >= 1
        missing = set(kept) - set(found.outbox._kept)
        assert len(missing) <= 2, "a line, and its neighbour where it was the line break"
        found.put(7)
        run, sequence = found.given[0]
        assert (run, sequence) not in life.given, "a number was given twice"
        # Who listens sees a gap below the next number, or another run.
        assert run != life.outbox._run or all(number < sequence for _, number in missing)


def test_a_full_disk_is_told_once_and_used_again_when_it_has_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    life = Life(tmp_path)
    life.put(1)
    with pytest.MonkeyPatch.context() as patch:
        Disk(patch, lambda made: True)
        for person in (2, 3):
            life.put(person)
        life.now += 61.0
        life.put(4)
        assert life.outbox.place == "ram"
    assert [record.message for record in caplog.records] == [
        f"{tmp_path}/events: Input/output error; events are kept in RAM, trying again"
    ]
    life.now += 61.0
    life.put(5)
    assert life.outbox.place == "disk"
    assert set(check_next(life, tmp_path)._kept) >= set(life.given)
