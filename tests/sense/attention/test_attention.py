"""Attention on scripted bodies: where it looks, what it believes, and whom it recognizes."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import AttentionSettings, TrackSettings
from edge.pose import Keypoint, Person, Pose
from edge.sense.attention.attention import Attention, Look
from edge.sense.attention.outline import Outline
from edge.sense.attention.view import View, whole
from edge.sense.track import Tracker
from tests.support.stick_people import fallen, stick

SIZE, INPUT, RATE = (1000, 700), (353, 257), 15.0
WHOLE = whole(*SIZE)
STANDS = stick(500)
LIES = fallen(STANDS, 90)
Scene = Callable[[float], Sequence[Pose]]


class Room:
    """Bodies that the upright frame shows, and those that only a turned look shows."""

    def __init__(self, settings: AttentionSettings | None = None) -> None:
        self.attention = Attention(settings or AttentionSettings(), INPUT)
        self.tracker = Tracker(TrackSettings())
        self.now = 0.0
        self.persons: list[Person] = []
        self.looks: list[Look] = []
        self.views: list[View] = []

    def play(self, seconds: float, upright: Scene | Sequence[Pose], turned: Sequence[Pose] = ()) -> None:
        for _ in range(round(seconds * RATE)):
            self.now += 1 / RATE
            self._frame(upright(self.now) if callable(upright) else upright, turned)

    def _frame(self, upright: Sequence[Pose], turned: Sequence[Pose]) -> None:
        attention, now = self.attention, self.now
        view = attention.first_view(SIZE, now, self.tracker.is_settled)
        self.views.append(view)
        if view.turns:
            attention.survey(turned if view.turns == 1 else [], view, now)
            self.persons = self.tracker.update([], now)
        else:
            self.persons = self.tracker.update(upright, now, partial(attention.claim, now=now))
            attention.see(self.persons, now)
        look = attention.next_look(now)
        if look is None:
            return
        self.looks.append(look)
        found = attention.take(look, turned if look.view.turns == 1 else [], self.persons, now)
        if found:
            person = self.tracker.recover(found.watch.person, found.pose)
            assert person
            if found.watch.person is None:
                found.watch.admit(person.id)
            self.persons = [*self.persons, person]

    @property
    def ids(self) -> set[int]:
        return {person.id for person in self.persons}

    @property
    def near(self) -> list[Look]:
        return [look for look in self.looks if look.watch]


def covers(view: View, pose: Pose) -> bool:
    outline = Outline.of(pose)
    assert outline
    x, y = outline.centre
    return view.left <= x <= view.left + view.width and view.top <= y <= view.top + view.height


def with_scores(pose: Pose, score: float) -> Pose:
    return Pose(score, tuple(Keypoint(x, y, score) for x, y, _ in pose.keypoints))


def test_nobody_is_looked_for_while_everybody_is_seen() -> None:
    room = Room(AttentionSettings(survey=0.0))
    room.play(5.0, [STANDS])
    assert not room.looks


def test_who_vanishes_inside_the_picture_is_looked_for_at_once_at_all_turns() -> None:
    room = Room()
    room.play(2.0, [STANDS])
    room.play(1.0, [])
    assert len(room.near) >= 11
    assert {look.view.turns for look in room.near} == {0, 1, 2, 3}
    assert all(covers(look.view, STANDS) for look in room.near)
    assert all(look.view.width <= 0.7 * SIZE[0] for look in room.near)


def test_a_body_that_comes_back_turned_is_the_same_person_in_most_frames() -> None:
    room = Room()
    room.play(2.0, [STANDS])
    before = room.ids
    found = 0
    for _ in range(30):
        room.play(1 / RATE, [], [LIES])
        assert room.ids <= before
        found += room.ids == before
    assert found >= 12


def test_who_leaves_through_the_side_is_not_looked_for() -> None:
    room = Room(AttentionSettings(survey=0.0))
    speed = 300.0
    room.play(3.5, lambda now: [stick(x)] if (x := 500 - speed * (now - 1.5) if now > 1.5 else 500) > 30 else [])
    room.looks.clear()
    room.play(5.0, [])
    assert len(room.near) <= RATE


def test_who_was_seen_briefly_is_not_looked_for() -> None:
    room = Room(AttentionSettings(survey=0.0))
    room.play(0.3, [STANDS])
    room.play(1.2, [])
    room.looks.clear()
    room.play(5.0, [])
    assert not room.near


def test_looks_become_rare_and_end() -> None:
    room = Room(AttentionSettings(survey=0.0, search=60.0))
    room.play(2.0, [STANDS])
    room.play(31.0, [])
    room.looks.clear()
    room.play(20.0, [])
    assert 15 <= len(room.near) <= 25
    room.play(10.0, [])
    room.looks.clear()
    room.play(10.0, [])
    assert not room.near


def test_who_goes_down_fast_is_looked_at_although_still_seen() -> None:
    """From 1.8 s on the body sinks by its height a second, and stays there."""
    room = Room(AttentionSettings(survey=0.0))
    room.play(4.0, lambda now: [stick(500, 100 + 300 * min(max(now - 1.8, 0.0), 0.6))])
    assert 20 <= len(room.near) <= 32
    slow = Room(AttentionSettings(survey=0.0))
    slow.play(6.0, lambda now: [stick(500, 100 + 100 * min(max(now - 1.8, 0.0), 1.8))])
    assert not slow.near


def test_a_find_is_not_somebody_else() -> None:
    other = fallen(stick(620), 90)
    room = Room(AttentionSettings(survey=0.0))
    room.play(2.0, [STANDS, other])
    (lost,) = room.ids - {person.id for person in room.persons if person.pose.keypoints[0].x > 700}
    room.play(2.0, [other], [other])
    assert room.near
    assert lost not in room.ids


@pytest.mark.parametrize(
    "turned", [fallen(stick(200), 90), with_scores(LIES, 0.2), fallen(stick(500, height=60.0), 90)]
)
def test_a_find_too_far_away_or_too_weak_or_too_small_is_nobody(turned: Pose) -> None:
    room = Room(AttentionSettings(survey=0.0))
    room.play(2.0, [STANDS])
    room.play(2.0, [], [turned])
    assert room.near
    assert not room.ids


def test_somebody_who_stands_up_again_keeps_the_id() -> None:
    room = Room()
    room.play(2.0, [STANDS])
    before = room.ids
    room.play(10.0, [], [LIES])
    room.play(1.0, [stick(560)])
    assert room.ids == before


def test_somebody_far_from_the_place_of_the_loss_is_new() -> None:
    room = Room()
    room.play(2.0, [stick(150)])
    before = room.ids
    room.play(3.0, [])
    room.play(1.0, [stick(900)])
    assert room.ids
    assert not room.ids & before


def test_a_body_that_lay_there_before_is_found_by_the_turned_frame() -> None:
    room = Room()
    room.play(20.0, [], [LIES])
    seen = []
    for _ in range(30):
        room.play(1 / RATE, [], [LIES])
        seen += room.ids
    assert len(seen) >= 12
    assert len(set(seen)) == 1


def test_in_an_empty_room_turned_looks_take_the_place_of_upright_ones() -> None:
    room = Room(AttentionSettings(survey=2.0))
    room.play(20.0, [])
    assert not room.looks
    turned = [view.turns for view in room.views if view.turns]
    assert len(turned) == pytest.approx(9, abs=1)
    assert set(turned) == {1, 2, 3}


def test_one_doubtful_find_is_nobody_and_is_soon_left_alone() -> None:
    """The turned frame shows a body once; no crop does."""
    room = Room()
    shown = False
    for _ in range(20 * int(RATE)):
        view_is_turned = room.views and room.views[-1].turns == 1
        room.play(1 / RATE, [], [] if shown else [LIES])
        shown = shown or bool(view_is_turned) or room.views[-1].turns == 1
    assert not room.ids
    assert len(room.near) <= 8


def test_people_who_are_small_are_looked_at_in_a_crop_in_two_of_three_frames() -> None:
    room = Room(AttentionSettings(survey=0.0))
    room.play(3.0, [stick(300, 200.0, height=150.0)])
    later = room.views[30:45]
    assert sum(view == WHOLE for view in later) == 5
    room = Room(AttentionSettings(survey=0.0, zoom=False))
    room.play(3.0, [stick(300, 200.0, height=150.0)])
    assert set(room.views) == {WHOLE}


def test_a_newcomer_ends_the_zoom_until_it_is_a_person() -> None:
    room = Room(AttentionSettings(survey=0.0))
    small = stick(300, 200.0, height=150.0)
    room.play(3.0, [small])
    room.play(3 / RATE, [small, stick(800, height=300.0)])
    room.play(3 / RATE, [small, stick(800, height=300.0)])
    assert room.views[-3:] == [WHOLE] * 3


def test_without_a_budget_for_looks_the_first_view_is_always_whole() -> None:
    attention = Attention(AttentionSettings(looks=0.0), INPUT)
    assert all(attention.first_view(SIZE, now / RATE, True) == WHOLE for now in range(200))


def test_without_a_budget_for_looks_nobody_is_remembered() -> None:
    """Whoever is away for longer than the tracker waits comes back as somebody else, as without attention."""
    room = Room(AttentionSettings(looks=0.0))
    room.play(2.0, [STANDS])
    before = room.ids
    room.play(3.0, [])
    room.play(1.0, [STANDS])
    assert room.ids
    assert not room.ids & before


@given(st.lists(st.tuples(st.floats(-200, 1200), st.floats(-200, 900), st.floats(10, 900)), max_size=4), st.data())
def test_every_view_is_inside_the_frame(people: list[tuple[float, float, float]], data: st.DataObject) -> None:
    room = Room()
    room.play(1.0, [stick(x, y, height) for x, y, height in people])
    gone = data.draw(st.sampled_from([0.3, 1.0, 3.0]))
    room.play(gone, [], [fallen(stick(x, y, height), 90) for x, y, height in people])
    for view in [*room.views, *(look.view for look in room.looks)]:
        assert view.width > 0
        assert view.height > 0
        assert 0 <= view.left <= view.left + view.width <= SIZE[0]
        assert 0 <= view.top <= view.top + view.height <= SIZE[1]


@pytest.mark.parametrize("step", [-5.0, 60.0])
def test_a_jump_of_the_clock_forgets_everybody(step: float) -> None:
    room = Room(AttentionSettings(survey=0.0))
    room.play(2.0, [STANDS])
    room.now += step
    room.play(2.0, [])
    assert not room.near


def test_outlines_of_people_who_stand_lie_and_hang_head_down() -> None:
    for degrees in (0, 90, 180):
        outline = Outline.of(fallen(STANDS, degrees))
        assert outline
        assert outline.inclination == pytest.approx(degrees, abs=1)
        assert math.isclose(outline.height, 300.0, rel_tol=0.15)
        assert outline.is_steep is (degrees == 0)
    assert Outline.of(with_scores(STANDS, 0.1)) is None
