"""When a camera is called blind, and when no longer."""

from collections.abc import Iterator
from itertools import pairwise
from math import pi, sin

import pytest

from edge.image_quality import (
    BEGINS_AFTER_S,
    ENDS_AFTER_S,
    MIN_BRIGHTNESS,
    SURE_HOLDS_S,
    BlindnessMonitor,
    ImageQuality,
    blindness,
)

GOOD = ImageQuality(0.8, 0.25, 2.5)
DARK = ImageQuality(0.01, 0.25, 2.5)
BARELY_GOOD = ImageQuality(1.1 * MIN_BRIGHTNESS, 0.25, 2.5)


def monitor_of(*looks: tuple[float, ImageQuality | None]) -> BlindnessMonitor:
    monitor = BlindnessMonitor()
    for now, quality in looks:
        monitor.measured(quality, now)
    return monitor


@pytest.mark.parametrize(
    ("quality", "reason"),
    [
        (GOOD, ""),
        (GOOD._replace(brightness=0.01), "dark"),
        (GOOD._replace(contrast=0.01), "covered"),
        (GOOD._replace(sharpness=0.1), "blurred"),
        (ImageQuality(0.0, 0.0, 0.0), "dark"),
    ],
)
def test_each_measure_has_its_reason(quality: ImageQuality, reason: str) -> None:
    assert blindness(quality) == reason


def test_it_is_poor_at_once_and_blind_after_a_while() -> None:
    monitor = monitor_of((0.0, GOOD), (10.0, DARK))
    assert (monitor.is_poor, monitor.blindness(10.0)) == (True, "")
    assert monitor.blindness(10.0 + BEGINS_AFTER_S - 0.1) == ""
    assert monitor.blindness(10.0 + BEGINS_AFTER_S) == "dark"


def test_a_short_dip_makes_nobody_blind() -> None:
    monitor = monitor_of((0.0, DARK), (1.0, GOOD), (1.0 + ENDS_AFTER_S, GOOD))
    assert not monitor.is_poor
    assert monitor.blindness(BEGINS_AFTER_S + 1.0) == ""


def test_it_ends_after_clearly_good_pictures_in_a_row() -> None:
    blind = ((0.0, DARK), (10.0, DARK))
    assert monitor_of(*blind, (20.0, GOOD)).blindness(20.0) == "dark"
    assert monitor_of(*blind, (20.0, GOOD), (22.0, DARK), (24.0, GOOD)).blindness(24.0) == "dark"
    assert monitor_of(*blind, (20.0, GOOD), (20.0 + ENDS_AFTER_S, GOOD)).blindness(30.0) == ""


def test_barely_good_pictures_do_not_end_it() -> None:
    assert blindness(BARELY_GOOD) == ""
    monitor = monitor_of((0.0, DARK), *((float(now), BARELY_GOOD) for now in range(1, 60)))
    assert monitor.blindness(60.0) == "dark"


def test_a_sure_body_proves_for_a_while_that_it_sees() -> None:
    monitor = monitor_of((0.0, DARK), (10.0, DARK))
    monitor.found_sure_body(10.0)
    assert monitor.blindness(10.0 + SURE_HOLDS_S) == ""
    assert monitor.blindness(10.1 + SURE_HOLDS_S) == "dark"


def test_nothing_is_said_without_a_picture() -> None:
    assert monitor_of((0.0, DARK), (10.0, None)).blindness(20.0) == ""


@pytest.mark.parametrize("period", [3.0, 8.0, 20.0])
def test_light_around_the_threshold_does_not_make_it_flicker(period: float) -> None:
    def said() -> Iterator[str]:
        monitor = BlindnessMonitor()
        for now in range(120):
            brightness = MIN_BRIGHTNESS * (1 + 0.4 * sin(2 * pi * now / period))
            monitor.measured(GOOD._replace(brightness=brightness), now)
            yield monitor.blindness(now)

    words = list(said())
    assert sum(before != after for before, after in pairwise(words)) <= 1
