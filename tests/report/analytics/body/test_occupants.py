"""Who is in the room, seen or not."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from edge.geometry.polygon import Polygon
from edge.pose import Keypoint, Person
from edge.report.analytics.body.body import People
from edge.report.analytics.body.occupants import Ended, Occupants
from edge.tools.simulate import stances as to
from edge.wire import MAX_POSES
from tests.support.scene_player import SIZE, held, standing

RATE = 10.0


class Room:
    """A room that is watched, with everybody who ceased to be there."""

    def __init__(self, assume: float = 60.0, resting: float = 1800.0, exits: Sequence[Polygon] = ()) -> None:
        self.occupants = Occupants(exits, assume, resting)
        self.ended: list[Ended] = []
        self._people = People()
        self._now = 0.0

    def see(self, seconds: float, *persons: Person) -> "Room":
        """Watch persons who stand still."""
        for _ in range(round(seconds * RATE)):
            self._now += 1 / RATE
            self.ended += self.occupants.update(self._people.see(persons, SIZE, self._now), self._now)
        return self

    @property
    def count(self) -> int:
        return self.occupants.count()

    def hows(self) -> list[tuple[int, str]]:
        return [(each.person, each.how) for each in self.ended]


def scored(person: Person, score: float) -> Person:
    return person._replace(pose=person.pose._replace(score=score))


def somebody(number: int = 1, x: float = 0.0, room: Room | None = None) -> Room:
    """A room in which somebody was seen surely, and moved; the person stands at (x, 3.8) m."""
    return (room or Room()).see(1.5, standing(x - 0.5, 3.8, number)).see(1.5, standing(x, 3.8, number))


def lying(number: int = 1, x: float = 0.0) -> Person:
    return held(to.LYING, x, 3.8, heading=90.0)._replace(id=number)


def test_who_is_lost_in_the_middle_is_assumed_until_the_time_is_over() -> None:
    room = somebody().see(59.0)
    assert (room.count, room.occupants.assumed) == (1, 1)
    assert 0 < room.occupants.remaining <= 1.1
    room.see(2.0)
    assert (room.count, room.occupants.assumed, room.occupants.remaining) == (0, 0, 0.0)
    assert room.hows() == [(1, "assumed")]
    assert 60.0 <= room.ended[0].seconds < 60.2


def test_who_was_last_seen_lying_is_assumed_for_longer() -> None:
    room = somebody().see(1.0, lying()).see(1700.0)
    assert room.count == 1
    assert not room.see(110.0).count


def test_a_time_of_0_switches_it_off() -> None:
    room = somebody(room=Room(assume=0.0)).see(0.1)
    assert room.count == 0
    assert room.hows() == [(1, "lost")]


def test_what_is_unsure_or_brief_or_never_moves_is_not_assumed() -> None:
    unsure = Room().see(3.0, scored(standing(-0.5, 3.8), 0.45)).see(3.0, scored(standing(0.0, 3.8), 0.45))
    brief = Room().see(0.9, standing(-0.5, 3.8)).see(0.9, standing(0.0, 3.8))
    now_and_then = Room().see(1.0, standing(-0.5, 3.8))
    for _ in range(60):
        now_and_then.see(0.1, scored(standing(0.0, 3.8), 0.45)).see(0.1, standing(0.0, 3.8))
    still = Room().see(30.0, standing(0.0, 3.8))
    never_upright = Room().see(3.0, lying()).see(3.0, lying(x=0.5))
    for room in (unsure, brief, now_and_then, still, never_upright):
        room.see(0.1)
        assert room.count == 0
        assert room.hows() == [(1, "lost")]


def test_who_comes_back_with_the_same_id_is_no_longer_assumed() -> None:
    room = somebody().see(20.0).see(1.0, standing(1.0, 4.5))
    assert (room.count, room.occupants.assumed) == (1, 0)
    assert room.ended == []


def test_who_appears_in_the_middle_with_a_new_id_is_who_was_lost() -> None:
    room = somebody().see(20.0).see(1.0, standing(1.0, 4.5, 2))
    assert (room.count, room.occupants.assumed) == (1, 0)


def test_nobody_appears_farther_away_than_a_walk_leads() -> None:
    assert somebody(x=-1.5).see(0.2).see(1.0, standing(1.5, 3.8, 2)).count == 2


def test_who_comes_in_through_the_edge_is_another_than_who_rests_inside() -> None:
    room = somebody().see(1.0, lying()).see(20.0)
    visitor = standing(-2.25, 3.8, 2)
    room.see(0.3, visitor)
    assert (room.count, room.occupants.assumed) == (2, 1)


def test_who_comes_in_through_an_exit_is_another_than_who_rests_inside() -> None:
    there: Polygon = ((0.05, 0.1), (0.25, 0.1), (0.25, 0.95), (0.05, 0.95))
    lost = somebody(room=Room(exits=[there])).see(1.0, lying()).see(20.0)
    assert lost.see(0.3, standing(-1.5, 3.8, 2)).count == 2
    without_exit = somebody().see(1.0, lying()).see(20.0)
    assert without_exit.see(0.3, standing(-1.5, 3.8, 2)).count == 1


def test_who_rests_stays_when_a_visitor_has_come_near_and_gone() -> None:
    room = somebody(x=-1.6).see(1.0, lying(x=-1.6)).see(30.0)
    way = [-2.25 + 0.12 * step for step in range(10)]
    for x in way:
        room.see(0.1, standing(x, 3.8, 2))
    room.see(3.0, standing(way[-1], 3.8, 2))
    assert room.count == 1, "the visitor may be the one who rested there"
    for x in reversed(way):
        room.see(0.1, standing(x, 3.8, 2))
    room.see(1.0)
    assert (2, "edge") in room.hows()
    assert (room.count, room.occupants.assumed) == (1, 1)


def test_furniture_that_looks_like_a_person_for_a_while_does_not_take_the_place_of_one() -> None:
    room = somebody().see(5.0).see(2.0, scored(standing(0.2, 3.8, 2), 0.4))
    assert room.count == 1
    room.see(10.0)
    assert (room.count, room.occupants.assumed) == (1, 1)
    assert room.see(50.0).count == 0
    assert room.hows() == [(2, "lost"), (1, "assumed")]


def test_an_assumption_that_ends_behind_furniture_is_told_when_that_is_lost() -> None:
    room = somebody().see(5.0).see(70.0, scored(standing(0.2, 3.8, 2), 0.4)).see(0.1)
    assert room.hows() == [(2, "lost"), (1, "assumed")]
    assert room.count == 0


def test_one_body_that_was_found_twice_is_one_person_when_one_find_is_lost() -> None:
    room = somebody()
    room.see(1.0, standing(0.0, 3.8), standing(0.1, 3.8, 2)).see(1.0, standing(0.1, 3.8, 2))
    assert (room.count, room.occupants.assumed) == (1, 0)


def test_of_two_people_who_were_seen_apart_one_is_assumed_though_the_other_stands_near() -> None:
    room = somebody()
    for x in (-1.6, -1.2, -0.8, -0.4):
        room.see(1.0, lying(), standing(x, 3.8, 2))
    room.see(5.0, standing(0.3, 3.8, 2))
    assert (room.count, room.occupants.assumed) == (2, 1)


def test_somebody_who_was_seen_beside_the_one_who_is_assumed_is_another() -> None:
    beside = scored(standing(1.2, 3.8, 2), 0.4)
    room = Room().see(1.5, standing(-1.5, 3.8), beside).see(1.5, standing(-1.0, 3.8), beside)
    assert room.see(10.0).see(1.0, beside).count == 2


def test_no_more_are_there_than_can_be_told() -> None:
    crowd = [standing(0.3 + 0.1 * number, 4.5, 2 + number) for number in range(MAX_POSES)]
    room = somebody(x=-1.5).see(0.1, standing(-1.5, 3.8), *crowd[6:]).see(0.1, *crowd)
    assert (room.count, room.occupants.assumed) == (MAX_POSES, 0)


def test_who_stands_where_somebody_stood_shows_that_nobody_is_there() -> None:
    room = somebody(x=-1.0)
    room.see(1.0, standing(-1.0, 3.8), standing(1.5, 3.8, 2)).see(1.0, standing(1.5, 3.8, 2))
    assert room.count == 2
    assert room.see(1.0, standing(-1.0, 3.8, 2)).count == 1


def test_finds_that_come_and_go_count_one_person_throughout() -> None:
    """Somebody on the floor who is found twice a second, always with the same id."""
    room = somebody()
    for _ in range(30):
        room.see(0.1, scored(lying(), 0.4))
        assert room.count == 1
        room.see(0.4)
        assert room.count == 1


@given(
    st.lists(
        st.tuples(
            st.floats(0.05, 8.0),
            st.lists(
                st.tuples(st.integers(1, 30), st.floats(-2.4, 2.4), st.floats(2.5, 5.0), st.floats(0.2, 1.0)),
                max_size=MAX_POSES,
                unique_by=lambda each: each[0],
            ),
        ),
        max_size=25,
    )
)
def test_counts_stay_within_bounds_and_every_assumption_ends(
    watched: list[tuple[float, list[tuple[int, float, float, float]]]],
) -> None:
    occupants, people, now = Occupants((), 60.0, 1800.0), People(), 0.0
    for step, seen in watched:
        now += step
        persons = [scored(quick_standing(number, x, y), score) for number, x, y, score in seen]
        occupants.update(people.see(persons, SIZE, now), now)
        assert len(persons) <= occupants.count() <= MAX_POSES
        assert 0 <= occupants.assumed <= occupants.count()
        assert 0.0 <= occupants.remaining <= 1800.0
    occupants.update([], now + 0.1)
    occupants.update([], now + 1801.0)
    assert (occupants.count(), occupants.assumed, occupants.remaining) == (0, 0, 0.0)


_MODEL = standing(0.0, 3.8)


def quick_standing(number: int, x: float, y: float) -> Person:
    """Somebody who stands elsewhere, without the cost of a projection."""
    shift, grow = 160.0 * x, 3.8 / y
    points = (
        Keypoint(320 + (px - 320) * grow + shift, 240 + (py - 240) * grow, score)
        for px, py, score in _MODEL.pose.keypoints
    )
    return Person(number, _MODEL.pose._replace(keypoints=tuple(points)))
