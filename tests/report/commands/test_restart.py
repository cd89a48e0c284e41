"""A restart: once in a while, where somebody starts the services again."""

import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadSetting
from edge.report.commands.dispatcher import TooSoon
from edge.report.commands.restart import APART_S, Restart


class Process:
    """A ``report`` that is asked to start again."""

    def __init__(self, is_tended: bool = True) -> None:
        self.now = 1000.0
        self.told: list[str] = []
        self.stopping = threading.Event()
        self.restart = Restart(is_tended, self.told.append, self.stopping, lambda: self.now)

    def ask(self, after: float, payload: bytes = b"restart") -> bool:
        self.now = 1000.0 + after
        self.restart.command(payload)
        return self.restart.asked

    @property
    def goes_on(self) -> bool:
        return not (self.restart.asked or self.told or self.stopping.is_set())


def test_sense_is_told_and_this_process_ends() -> None:
    process = Process()
    assert process.ask(APART_S)
    assert (process.told, process.stopping.is_set()) == (["restart"], True)


def test_soon_after_a_start_it_is_refused() -> None:
    process = Process()
    with pytest.raises(TooSoon, match="found a start 299 s ago, expected 300 s between two"):
        process.ask(APART_S - 1)
    assert process.goes_on


def test_where_nobody_starts_it_again_it_is_refused() -> None:
    process = Process(is_tended=False)
    with pytest.raises(BadSetting, match="nobody would start this process again"):
        process.ask(2 * APART_S)
    assert process.goes_on


@given(st.binary().filter(lambda payload: payload != b"restart"))
def test_another_payload_is_refused(payload: bytes) -> None:
    process = Process()
    with pytest.raises(BadSetting, match="command/restart: expected restart, found"):
        process.ask(APART_S, payload)
    assert process.goes_on


@given(st.lists(st.floats(0.0, 30.0), max_size=60))
def test_whoever_keeps_asking_cannot_keep_it_from_working(waits: list[float]) -> None:
    """However the commands come, a new process works for ``APART_S`` between two restarts."""
    process, now, restarts = Process(), 0.0, [0.0]
    for wait in waits:
        now += wait
        try:
            if process.ask(now - restarts[-1]):
                restarts.append(now)
                process = Process()
        except TooSoon:
            pass
    assert all(later - earlier >= APART_S for earlier, later in pairwise(restarts))
