"""The crop around people who are small."""

from hypothesis import given
from hypothesis import strategies as st

from edge.sense.attention.outline import Outline
from edge.sense.attention.zoom import zoom
from tests.support.stick_people import stick

SIZE, INPUT = (1280, 720), (353, 257)


def outline(x: float, y: float = 200.0, height: float = 100.0) -> Outline:
    found = Outline.of(stick(x, y, height=height))
    assert found
    return found


def test_small_people_are_inside_with_space_around_them() -> None:
    bodies = [outline(300), outline(500)]
    view = zoom(bodies, SIZE, INPUT)
    assert view
    assert view.turns == 0
    for body in bodies:
        assert view.left < body.left - 0.3 * body.height
        assert view.left + view.width > body.right + 0.3 * body.height
        assert view.top < body.top - 0.3 * body.height
        assert view.top + view.height > body.bottom + 0.3 * body.height
    assert view.width * SIZE[1] == view.height * SIZE[0]


def test_it_must_be_worth_it() -> None:
    assert zoom([], SIZE, INPUT) is None
    assert zoom([outline(300, height=500.0)], SIZE, INPUT) is None
    assert zoom([outline(100), outline(1200)], SIZE, INPUT) is None


def test_what_the_camera_does_not_see_is_not_enlarged() -> None:
    assert zoom([outline(100, y=80.0, height=40.0)], (320, 240), INPUT) is None
    view = zoom([outline(300, height=20.0)], SIZE, INPUT)
    assert view
    assert view.width >= INPUT[0]


@given(st.floats(-100, 1400), st.floats(-100, 900), st.floats(5, 900))
def test_it_is_inside_the_frame(x: float, y: float, height: float) -> None:
    view = zoom([outline(x, y, height)], SIZE, INPUT)
    if view:
        assert 0 <= view.left <= view.left + view.width <= SIZE[0]
        assert 0 <= view.top <= view.top + view.height <= SIZE[1]
