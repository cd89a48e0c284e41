"""Intervals come from the same draws each time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tools.evaluate.photos.bootstrap import differences, draw, interval


def test_the_same_photos_are_drawn_each_time_all_of_them_alike() -> None:
    draws = draw(20, 500)
    assert draws.shape == (500, 20)
    assert (draws == draw(20, 500)).all()
    # 10000 drawn, 500 of each expected, standard deviation 22.
    assert np.abs(np.bincount(draws.ravel(), minlength=20) - 500).max() < 110


def test_the_interval_leaves_a_fortieth_on_each_side() -> None:
    assert interval([float(value) for value in range(1001)]) == (25, 975)
    assert interval([0.5, None, 0.5]) == (0.5, 0.5)
    assert interval([None]) is None
    assert interval([]) is None


@given(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=30))
def test_a_model_does_not_differ_from_itself(values: list[float | None]) -> None:
    assert interval(differences(values, values)) in ((0, 0), None)


def test_a_difference_is_known_where_both_values_are() -> None:
    assert differences([0.5, None, 0.25, 1.0], [0.25, 0.5, None, 1.0]) == pytest.approx([0.25, None, None, 0.0])
