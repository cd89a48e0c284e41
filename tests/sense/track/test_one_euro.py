"""The One Euro filter against a scalar one written from the paper's formulas."""

import cmath
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sense.track.one_euro import STRENGTHS, Strength, smooth

SIGNALS = st.lists(st.tuples(st.floats(-1000, 1000), st.floats(0.01, 1.0)), min_size=1, max_size=20)
"""Values, each with the seconds since the one before."""


class OneEuro:
    """Casiez et al. 2012, algorithm 1: one value at a time."""

    def __init__(self, min_cutoff: float, beta: float, d_cutoff: float = 1.0) -> None:
        self.min_cutoff, self.beta, self.d_cutoff = min_cutoff, beta, d_cutoff
        self.x: float | None = None
        self.dx = 0.0

    def __call__(self, x: float, te: float) -> float:
        if self.x is None:
            self.x = x
            return x
        dx = (x - self.x) / te
        self.dx = self.exponential(self.alpha(te, self.d_cutoff), dx, self.dx)
        cutoff = self.min_cutoff + self.beta * abs(self.dx)
        self.x = self.exponential(self.alpha(te, cutoff), x, self.x)
        return self.x

    @staticmethod
    def alpha(te: float, cutoff: float) -> float:
        tau = 1.0 / (2 * math.pi * cutoff)
        return 1.0 / (1.0 + tau / te)

    @staticmethod
    def exponential(alpha: float, new: float, old: float) -> float:
        return alpha * new + (1 - alpha) * old


def run(values: list[complex], steps: list[float], strength: Strength, size: float = 1.0) -> list[complex]:
    """Each value smoothed, as one keypoint of one body."""
    before, slopes = np.full((1, 17), values[0]), np.zeros((1, 17), complex)
    steady = np.ones((1, 17), bool)
    found = [complex(before[0, 3])]
    for value, step in zip(values[1:], steps[1:], strict=True):
        new = np.full((1, 17), value)
        before, slopes = smooth(new, steady, before, slopes, np.array([size]), np.array([step]), strength)
        found.append(complex(before[0, 3]))
    return found


@given(SIGNALS, st.floats(0.05, 5), st.floats(0, 5), st.sampled_from([1, 1j]))
def test_along_one_axis_it_is_the_papers(
    signal: list[tuple[float, float]], cutoff: float, slope: float, axis: complex
) -> None:
    values, steps = zip(*signal, strict=True)
    reference = OneEuro(cutoff, slope)
    expected = [reference(value, step) * axis for value, step in signal]
    assert run([value * axis for value in values], list(steps), Strength(cutoff, slope)) == pytest.approx(expected)


@given(SIGNALS, st.floats(0, math.tau), st.floats(0.1, 10))
def test_a_turned_or_larger_way_is_smoothed_alike(
    signal: list[tuple[float, float]], angle: float, scale: float
) -> None:
    values = [complex(value, 3 * value**2 / 1000) for value, _ in signal]
    steps = [step for _, step in signal]
    factor = cmath.rect(scale, angle)
    expected = [factor * value for value in run(values, steps, STRENGTHS["normal"])]
    found = run([factor * value for value in values], steps, STRENGTHS["normal"], size=scale)
    assert found == pytest.approx(expected, abs=1e-6 * scale * 4000)


def test_where_it_is_not_steady_it_begins_anew() -> None:
    steady = np.zeros((1, 17), bool)
    steady[0, 0] = True
    before, slopes = np.zeros((1, 17), complex), np.full((1, 17), 9j)
    places = np.full((1, 17), 5 + 5j)
    found, after = smooth(places, steady, before, slopes, np.array([100.0]), np.array([0.1]), STRENGTHS["normal"])
    assert 0 < abs(found[0, 0]) < abs(5 + 5j)
    assert (found[0, 1:] == 5 + 5j).all()
    assert after[0, 0] != 0
    assert (after[0, 1:] == 0).all()


@pytest.mark.parametrize(("smoothing", "most"), [("normal", 0.5), ("strong", 0.35)])
def test_trembling_is_less_than_half(smoothing: str, most: float) -> None:
    """White noise of 2 % of the size of a body, at 15 frames/s."""
    noise = np.random.default_rng(1).normal(0, 2, (2, 600))
    values = [complex(x, y) for x, y in noise.T]
    found = run(values, [1 / 15] * 600, STRENGTHS[smoothing], size=100.0)
    raw, after = (float(np.sqrt(np.mean(np.abs(np.diff(way)) ** 2))) for way in (values, found))
    assert after < most * raw


@pytest.mark.parametrize("smoothing", STRENGTHS)
def test_somebody_who_walks_is_followed_within_a_frame(smoothing: str) -> None:
    """Two body sizes a second, which is a walk; the lag of a ramp is how far it is behind, over its speed."""
    size, speed, step = 100.0, 200.0, 1 / 15
    values = [complex(speed * step * number, 0) for number in range(30)]
    found = run(values, [step] * 30, STRENGTHS[smoothing], size=size)
    assert (values[-1] - found[-1]).real / speed < step
