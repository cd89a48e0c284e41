import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.sense.camera.rotate import orient, rotated
from tests.support.camera import RED_GREEN_BLUE_WHITE, TURNED, Time, make_settings, request


@pytest.mark.parametrize(("rotate", "mirror"), TURNED)
def test_turns_clockwise_and_then_mirrors(rotate: int, mirror: bool) -> None:
    assert orient(RED_GREEN_BLUE_WHITE, rotate, mirror).tolist() == TURNED[rotate, mirror]


@pytest.mark.parametrize(("rotate", "mirror"), TURNED)
def test_gives_its_own_contiguous_array(rotate: int, mirror: bool) -> None:
    turned = orient(RED_GREEN_BLUE_WHITE, rotate, mirror)
    assert turned.flags.c_contiguous
    assert turned.flags.owndata
    assert turned.flags.writeable
    assert turned.dtype == np.uint8
    assert not np.shares_memory(turned, RED_GREEN_BLUE_WHITE)


@given(arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(3))), st.integers(-8, 8))
def test_four_quarters_are_none(pixels: np.ndarray, quarters: int) -> None:
    there = rotated(pixels, 90 * quarters)
    assert np.array_equal(rotated(there, -90 * quarters), pixels)
    assert np.array_equal(rotated(pixels, 90 * quarters + 360), there)


@pytest.mark.parametrize(("rotate", "mirror"), TURNED)
def test_every_source_is_turned_by_the_settings(rotate: int, mirror: bool) -> None:
    from edge.sense.camera.fake.source import FakeSource, forget, picture

    forget()
    time = Time()
    settings = make_settings(rotate=rotate, mirror=mirror, size="64x48")
    with FakeSource(request(settings, time, "frames=1,end"), time.clock) as camera:
        (frame,) = camera.frames()
    assert np.array_equal(frame.content, orient(picture(0, 64, 48), rotate, mirror))
    assert frame.content.shape == ((64, 48, 3) if rotate in (90, 270) else (48, 64, 3))
