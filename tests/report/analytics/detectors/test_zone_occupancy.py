"""Zones: who is in one, who comes, goes and dwells, and who only vanishes there."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import ZoneSettings
from edge.geometry.polygon import Polygon
from edge.pose import Person
from edge.report.analytics.body.body import Body, middle
from edge.report.analytics.detectors.zone_occupancy import ZoneOccupancy
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from tests.support.scene_player import SIZE, Said, act, floor_of, kinds, nobody, on_floor, play, standing, without

CLEAR = 5.0
CORNERS = ((-1.0, 3.0), (0.5, 3.0), (0.5, 4.6), (-1.0, 4.6))
ON_FLOOR = ZoneSettings("rug", CORNERS, "metres")
IN_FRAME = ZoneSettings("rug", tuple(on_floor(CORNER, *corner) for corner in CORNERS))
DWELLING = ZoneSettings("rug", IN_FRAME.polygon, dwell=3.0)
FAR = ((0.0, 0.0), (0.05, 0.0), (0.0, 0.05))
INSIDE = standing(0.0, 3.8)
OUTSIDE = standing(1.2, 3.8)


def zones(settings: ZoneSettings = IN_FRAME) -> ZoneOccupancy:
    return ZoneOccupancy((settings,), CLEAR)


def stay(*persons: Person, seconds: float, start: float = 0.0, rate: float = 15.0) -> list[tuple[float, list[Person]]]:
    return [(start + number / rate, list(persons)) for number in range(round(seconds * rate))]


def rug(said: Said) -> dict[str, bool | int | None]:
    return dict(said.state["zones"]["rug"])


@pytest.mark.parametrize("camera", [CORNER, SHELF])
@pytest.mark.parametrize("rate", [5.0, 10.0, 15.0])
def test_who_walks_through_enters_and_leaves(camera: Camera, rate: float) -> None:
    in_frame = ZoneSettings("rug", tuple(on_floor(camera, *corner) for corner in CORNERS))
    for settings in (ON_FLOOR, in_frame):
        for noise, seed in ((EXACT, 0), (Noise(), 1), (Noise(), 2), (Noise(), 3)):
            said = act(zones(settings), "walk-through", camera, rate, noise, seed, floor_of(camera))
            assert kinds(said) == ["zone_entered", "zone_left"]
            entered, left = (each.time for each in said if each.events)
            # It walks 1.5 m at 1.2 m/s.
            assert left - entered == pytest.approx(1.5 / 1.2 + settings.leave - settings.enter, abs=0.4)
            assert [event.zone for each in said for event in each.events] == ["rug", "rug"]
            assert {rug(each)["people"] for each in said if entered <= each.time < left} == {1}


def test_an_empty_zone_is_unknown_until_it_was_looked_at_for_long_enough() -> None:
    unknown = {"occupied": None, "people": None, "dwelling": None}
    assert zones().state == {"zones": {"rug": unknown}}
    said = play(zones(), stay(OUTSIDE, seconds=CLEAR + 1))
    assert [rug(each) for each in said if each.time < CLEAR][-1] == unknown
    assert rug(said[-1]) == {"occupied": False, "people": 0, "dwelling": None}
    assert kinds(said) == []


def test_of_each_person_it_is_known_who_is_inside() -> None:
    many = ZoneOccupancy((IN_FRAME, replace(IN_FRAME, name="mat"), replace(IN_FRAME, name="far", polygon=FAR)), CLEAR)
    said = []
    for t, persons in stay(INSIDE, OUTSIDE._replace(id=2), seconds=2):
        many.update([Body.of(person, SIZE) for person in persons], t)
        said.append(many.by_person)
    nothing = {"zone": {"rug": None, "mat": None, "far": None}}
    assert said[0] == {1: nothing, 2: nothing}
    assert said[-1] == {
        1: {"zone": {"rug": True, "mat": True, "far": False}},
        2: {"zone": {"rug": False, "mat": False, "far": False}},
    }


def test_a_step_in_is_no_entering_and_a_step_out_no_leaving() -> None:
    steps = [*stay(OUTSIDE, seconds=2), *stay(INSIDE, seconds=0.4, start=2), *stay(OUTSIDE, seconds=2, start=2.4)]
    assert kinds(play(zones(), steps)) == []
    steps = [*stay(INSIDE, seconds=2), *stay(OUTSIDE, seconds=0.9, start=2), *stay(INSIDE, seconds=2, start=2.9)]
    assert kinds(play(zones(), steps)) == ["zone_entered"]
    steps = [*stay(INSIDE, seconds=2), *stay(OUTSIDE, seconds=1.2, start=2), *stay(INSIDE, seconds=2, start=3.2)]
    assert kinds(play(zones(), steps)) == ["zone_entered", "zone_left", "zone_entered"]


@pytest.mark.parametrize("rate", [1.0, 5.0, 15.0])
def test_somebody_dwells_once_each_time(rate: float) -> None:
    out, back = 5 + DWELLING.leave + 1, 6.0
    said = play(
        zones(DWELLING),
        [
            *stay(INSIDE, seconds=5, rate=rate),
            *stay(OUTSIDE, seconds=out - 5, start=5, rate=rate),
            *stay(INSIDE, seconds=back, start=out, rate=rate),
        ],
    )
    assert kinds(said) == ["zone_entered", "zone_dwelling", "zone_left", "zone_entered", "zone_dwelling"]
    times = [each.time for each in said if "zone_dwelling" in [event.kind for event in each.events]]
    assert times == pytest.approx([3.0, out + 3.0], abs=1 / rate + 0.01)
    assert {rug(each)["dwelling"] for each in said if times[0] <= each.time <= 5} == {True}
    assert {rug(each)["dwelling"] for each in said if out <= each.time < out + 2.9} == {False}


def test_who_vanishes_inside_is_there_for_as_long_as_in_the_room() -> None:
    said = play(zones(), [*stay(INSIDE, seconds=2), *nobody(10, start=2.0)])
    assert kinds(said) == ["zone_entered", "zone_left"]
    left = said[[bool(each.events) for each in said].index(True, 20)].time
    assert left == pytest.approx(2.0 + CLEAR, abs=0.1)
    assert rug(said[-1])["people"] == 0


def test_who_comes_back_with_another_id_never_left() -> None:
    other = INSIDE._replace(id=7)
    said = play(zones(DWELLING), [*stay(INSIDE, seconds=2), *nobody(1, start=2.0), *stay(other, seconds=9, start=3.1)])
    assert kinds(said) == ["zone_entered", "zone_dwelling"]
    assert {rug(each)["people"] for each in said if each.time > 1} == {1}


def test_who_walks_in_takes_nobodys_place() -> None:
    other = [OUTSIDE._replace(id=7), INSIDE._replace(id=7)]
    seen = [
        *stay(INSIDE, OUTSIDE._replace(id=7), seconds=2),
        *stay(other[0], seconds=1, start=2),
        *stay(other[1], seconds=CLEAR, start=3),
    ]
    said = play(zones(), seen)
    assert kinds(said) == ["zone_entered", "zone_entered", "zone_left"]
    assert [rug(each)["people"] for each in said if each.time < 6][-1] == 2
    assert rug(said[-1])["people"] == 1


def around(person: Person, *names: str) -> Polygon:
    """A box around the middle of these keypoints, in fractions of the frame."""
    point = middle([point for name in names if (point := Body.of(person, SIZE).point(name))])
    assert point
    x, y = point.x / SIZE[0], point.y / SIZE[1]
    return tuple((x + across, y + down) for across, down in ((-0.1, -0.05), (0.1, -0.05), (0.1, 0.05), (-0.1, 0.05)))


FEET, HIPS, HEAD = ("leftAnkle", "rightAnkle"), ("leftHip", "rightHip"), ("nose",)


def test_the_point_that_is_set_counts() -> None:
    for box in (FEET, HIPS, HEAD):
        for point, names in (("feet", FEET), ("hips", HIPS), ("head", HEAD)):
            settings = ZoneSettings("rug", around(INSIDE, *box), point=point)
            expected = ["zone_entered"] if names == box else []
            assert kinds(play(zones(settings), stay(INSIDE, seconds=3))) == expected


def test_hips_count_for_feet_only_where_those_are_hidden_for_long() -> None:
    hidden = without(INSIDE, "Ankle")
    by_hips = ZoneSettings("rug", around(INSIDE, *HIPS))
    flicker = [(number / 15, [INSIDE if number % 10 == 0 else hidden]) for number in range(150)]
    assert kinds(play(zones(by_hips), flicker)) == []
    for before in (0.0, 2.0):
        said = play(zones(by_hips), [*stay(INSIDE, seconds=before), *stay(hidden, seconds=3, start=before)])
        assert kinds(said) == ["zone_entered"]


def test_on_the_floor_hips_are_nowhere() -> None:
    hidden = without(INSIDE, "Ankle")
    said = play(zones(ON_FLOOR), [*stay(INSIDE, seconds=2), *stay(hidden, seconds=8, start=2)], floor_of(CORNER))
    assert kinds(said) == ["zone_entered", "zone_left"]


LOOK = st.dictionaries(st.integers(1, 4), st.sampled_from([INSIDE, OUTSIDE, without(INSIDE, "Ankle", "Hip")]))


@given(st.lists(st.tuples(st.floats(0.01, 2.0), LOOK), max_size=60))
def test_as_many_are_inside_as_entered_and_did_not_leave(looks: list[tuple[float, dict[int, Person]]]) -> None:
    now, seen = 0.0, []
    for step, persons in looks:
        now += step
        seen.append((now, [person._replace(id=number) for number, person in persons.items()]))
    inside = 0
    for each in play(zones(DWELLING), seen):
        happened = [event.kind for event in each.events]
        inside += happened.count("zone_entered") - happened.count("zone_left")
        state = rug(each)
        assert (state["people"] or 0) == inside
        assert state["occupied"] is (True if inside else False if each.time - seen[0][0] >= CLEAR else None)
        assert not state["dwelling"] or inside
