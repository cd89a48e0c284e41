"""Progress is told of what takes long, and then ever more seldom."""

import signal

import pytest

from edge.tools.progress import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_speaks_after_two_seconds_and_then_later_and_later(clock: Clock, capfd: pytest.CaptureFixture[str]) -> None:
    progress = Progress("posenet-edge record", clock)
    for second in range(300):
        clock.now = float(second)
        progress.say(f"{second} s")
    assert capfd.readouterr().err.splitlines() == [
        f"posenet-edge record: {second} s" for second in (2, 6, 14, 30, 62, 122, 182, 242)
    ]


def test_a_step_that_takes_long_is_told_while_it_is_at_work(clock: Clock, capfd: pytest.CaptureFixture[str]) -> None:
    with Progress("posenet-edge audit", clock) as progress:
        for step, seconds in (("runs", 1.0), ("nowhere to write", 3.0), ("no device open", 1.5)):
            progress.begin(step)
            clock.now += seconds
            signal.raise_signal(signal.SIGALRM)
    assert capfd.readouterr().err == "posenet-edge audit: nowhere to write ...\n"


def test_afterwards_the_signal_is_as_it_was() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with Progress():
        assert signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_items_are_counted(clock: Clock, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in Progress("build-models", clock).count("reading photos", "abcd"):
        clock.now += 1.0
    assert capfd.readouterr().err == "build-models: reading photos: 3 of 4\n"
