"""The light level follows the brightness of the picture in coarse steps, and knows nothing without one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import wire
from edge.report.light_level import LightLevel
from edge.report.messages.state import LIGHT
from scripts.message_docs import example_status


def heard(status_line: wire.StatusLine, *brightness: float | None) -> list[float | None]:
    light, said = LightLevel(), []
    for each in brightness:
        light.hear(replace(status_line, brightness=each))
        said.append(light.percent)
    return said


def test_it_is_a_percentage_that_does_not_flicker(status_line: wire.StatusLine) -> None:
    assert heard(status_line, 0.82, 0.83, 0.79, 0.85, 0.02, 0.0) == [80, 80, 80, 85, 0, 0]


def test_without_a_picture_it_is_not_known(status_line: wire.StatusLine) -> None:
    assert heard(status_line, 0.5, None, 0.5) == [50, None, 50]
    light = LightLevel()
    assert light.percent is None
    light.hear(status_line)
    light.hear(None)
    assert light.percent is None


@given(st.lists(st.floats(0.0, 1.0)))
def test_it_is_always_a_step_within_its_bounds(brightness: list[float]) -> None:
    for percent in heard(example_status(), *brightness):
        assert LIGHT.quantize(percent) == pytest.approx(percent)
        LIGHT.read("light", LIGHT.quantize(percent))
