"""Motion: what moves is seen, and neither noise, nor a change of all the light, nor what was moved a while ago is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.sense.camera.rotate import Pixels
from edge.sense.duty.motion import Motion

RATE = 15.0


def room(height: int = 240, width: int = 320) -> NDArray[np.float32]:
    """A wall, a floor, and a window."""
    picture = np.full((height, width, 3), 110, np.float32)
    picture[height * 2 // 3 :] = 70
    picture[height // 8 : height // 3, width // 8 : width // 3] = 200
    return picture


def seen(picture: NDArray[np.float32], seed: int, noise: float = 5.0) -> Pixels:
    """Make what a camera gives of it."""
    grain = np.random.default_rng(seed).normal(0.0, noise, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def watched(picture: NDArray[np.float32], noise: float = 5.0, frames: int = 30) -> Motion:
    """Motion, after two seconds of one picture."""
    motion = Motion()
    for number in range(frames):
        motion.sees(seen(picture, number, noise), number / RATE)
    return motion


NEXT = 30 / RATE


# In a picture that is darker and noisier than this, noise may count as motion: docs/duty.md.
@given(seed=st.integers(0, 10000), noise=st.floats(0.0, 8.0), brightness=st.floats(0.2, 1.0))
@settings(max_examples=20, deadline=None)
def test_noise_is_no_motion(seed: int, noise: float, brightness: float) -> None:
    motion = watched(brightness * room(), noise)
    assert not any(
        motion.sees(seen(brightness * room(), seed + number, noise), NEXT + number / RATE) for number in (0, 1)
    )


@given(
    left=st.integers(0, 300),
    top=st.integers(0, 200),
    contrast=st.sampled_from([-60, -30, 30, 60]),
    seed=st.integers(0, 99),
)
@settings(max_examples=20, deadline=None)
def test_a_small_thing_that_appears_is_motion(left: int, top: int, contrast: int, seed: int) -> None:
    picture = room()
    picture[top : top + 40, left : left + 20] += contrast
    # Under the edge of white or black nothing can be seen.
    assert watched(room()).sees(seen(picture, seed), NEXT)


def test_a_slow_walk_is_motion_all_the_time() -> None:
    motion = watched(room())
    for number in range(60):
        picture = room()
        left = round(40 + 20 * number / RATE)  # px; a walk in three times the distance makes as much
        picture[80:200, left : left + 40] = 30
        assert motion.sees(seen(picture, number), NEXT + number / RATE)


@pytest.mark.parametrize("gain", [0.8, 0.9, 1.1, 1.2])
def test_all_the_light_may_change_a_little(gain: float) -> None:
    assert not watched(room()).sees(seen(gain * room(), 1), NEXT)


@pytest.mark.parametrize("gain", [0.4, 0.6, 1.6, 2.2])
def test_a_light_that_is_switched_is_motion(gain: float) -> None:
    picture = room() / 2
    assert watched(picture).sees(seen(gain * picture, 1), NEXT)


def test_what_was_moved_belongs_to_the_room_some_seconds_later() -> None:
    motion, picture = watched(room()), room()
    picture[100:200, 200:260] = 30
    moved = [motion.sees(seen(picture, number), NEXT + number / RATE) for number in range(round(10 * RATE))]
    assert all(moved[: round(RATE)])
    assert not any(moved[round(8 * RATE) :])


@pytest.mark.parametrize("later", [-1.0, 2.5])
def test_nothing_is_known_after_a_gap_or_a_step_backwards(later: float) -> None:
    motion = watched(room())
    assert not motion.sees(seen(room(), 1), NEXT)
    assert motion.sees(seen(room(), 2), NEXT + later)
    assert not motion.sees(seen(room(), 3), NEXT + later + 1 / RATE)


@given(height=st.integers(1, 1100), width=st.integers(1, 2000))
@settings(max_examples=30, deadline=None)
def test_pictures_of_all_sizes(height: int, width: int) -> None:
    motion = Motion()
    dark, bright = np.zeros((height, width, 3), np.uint8), np.full((height, width, 3), 255, np.uint8)
    assert [motion.sees(dark, 0.0), motion.sees(dark, 0.1), motion.sees(bright, 0.2)] == [True, False, True]
