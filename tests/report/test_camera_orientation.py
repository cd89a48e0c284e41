"""A camera on its side or upside down, noticed by people who are never seen upright."""

from dataclasses import replace

import pytest

from edge.report.camera_orientation import OrientationMonitor, suggest_turn
from edge.wire import Found, StatusLine

DAY_S = 86400.0


@pytest.mark.parametrize(
    ("sightings", "seconds", "turn"),
    [
        (Found(), DAY_S, 0),
        (Found(upright=5000), DAY_S, 0),
        (Found(left=500), DAY_S, 90),
        (Found(down=500), DAY_S, 180),
        (Found(right=500), DAY_S, 270),
        # In a turned frame the model takes a few for upright, or for turned otherwise.
        (Found(upright=100, left=500, right=100), DAY_S, 90),
        # On a sofa people lie either way.
        (Found(left=500, right=400), DAY_S, 0),
        (Found(left=50), DAY_S, 0),
        # Somebody sleeps.
        (Found(left=15000), DAY_S / 3, 0),
    ],
)
def test_which_turn_is_suggested(sightings: Found, seconds: float, turn: int) -> None:
    assert suggest_turn(sightings, seconds) == turn


class Hearing:
    """A monitor that hears a status line a minute."""

    def __init__(self, status: StatusLine) -> None:
        self.monitor = OrientationMonitor()
        self._status = replace(status, uptime=0.0)

    def hear(self, found: Found, hours: float) -> int | None:
        """What it suggests after such lines."""
        for _ in range(round(60 * hours)):
            self._status = replace(self._status, uptime=self._status.uptime + 60, found=found)
            self.monitor.hear(self._status)
        return self.monitor.suggested_rotate(0, False)

    def restart(self) -> None:
        self._status = replace(self._status, uptime=0.0)


@pytest.mark.parametrize(
    ("rotate", "mirror", "suggested"), [(0, False, 90), (270, False, 0), (0, True, 270), (90, True, 0)]
)
def test_the_suggestion_is_a_value_of_the_setting(
    status_line: StatusLine, rotate: int, mirror: bool, suggested: int
) -> None:
    hearing = Hearing(status_line)
    assert hearing.monitor.suggested_rotate(rotate, mirror) is None
    hearing.hear(Found(left=3), hours=24)
    assert hearing.monitor.suggested_rotate(rotate, mirror) == suggested


def test_who_sleeps_before_an_upright_camera_also_gets_up(status_line: StatusLine) -> None:
    hearing = Hearing(status_line)
    for _ in range(7):
        assert hearing.hear(Found(left=3), hours=10) is None
        assert hearing.hear(Found(upright=30), hours=0.1) is None


def test_single_upright_bodies_prove_nothing(status_line: StatusLine) -> None:
    hearing = Hearing(status_line)
    for _ in range(24):
        hearing.hear(Found(left=3), hours=1)
        hearing.hear(Found(upright=3), hours=0.05)
    assert hearing.hear(Found(upright=3, left=1), hours=1) == 90


def test_the_suggestion_ends_when_somebody_is_upright(status_line: StatusLine) -> None:
    hearing = Hearing(status_line)
    assert hearing.hear(Found(down=3), hours=24) == 180
    assert hearing.hear(Found(upright=3), hours=0.1) is None


def test_it_begins_anew_when_sense_does(status_line: StatusLine) -> None:
    hearing = Hearing(status_line)
    hearing.hear(Found(left=3), hours=11)
    hearing.restart()
    assert hearing.hear(Found(left=3), hours=11) is None
    assert hearing.hear(Found(left=3), hours=2) == 90
