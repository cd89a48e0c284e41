"""People as a bad tracker hands them on: ids that jump, bodies that change within a frame, joints that go missing."""

from hypothesis import strategies as st

from edge.pose import Person
from edge.tools.simulate import stances as to
from tests.support.scene_player import held, without

_STANCES = (to.STANDING, to.SITTING, to.BENT, to.TYING, to.FALLEN_ASIDE, to.FALLEN_AHEAD, to.KNEELING)
_BODIES = tuple(held(stance, x, y, heading) for stance in _STANCES for x, y, heading in ((0, 3.8, 180), (0.8, 3.2, 60)))
_PARTS = ("Shoulder", "Hip", "Knee", "Ankle", "leftHip", "rightShoulder")


def _seen(drawn: list[tuple[int, int, list[str]]]) -> tuple[Person, ...]:
    return tuple(without(_BODIES[body], *hidden)._replace(id=number) for number, body, hidden in drawn)


def _timed(drawn: list[tuple[float, tuple[Person, ...]]]) -> list[tuple[float, tuple[Person, ...]]]:
    now, film = 0.0, []
    for step, persons in drawn:
        now += step
        film.append((now, persons))
    return film


_PEOPLE = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, len(_BODIES) - 1), st.lists(st.sampled_from(_PARTS), max_size=2)),
    max_size=3,
    unique_by=lambda one: one[0],
).map(_seen)
_STEPS = st.sampled_from((0.0, 0.05, 0.1, 0.2, 0.5, 1.2))

FILMS = st.lists(st.tuples(_STEPS, _PEOPLE), max_size=60).map(_timed)
"""Frames with their times, s, that never go backwards."""
