"""Falls are confirmed; what looks like one for a moment is not."""

from dataclasses import replace

import pytest
from hypothesis import given

from edge.pose import Person
from edge.report.analytics.detectors.fall import Fall, FallSettings
from edge.report.analytics.event import Event
from edge.report.analytics.frame_rate_guard import FrameRateGuard
from edge.tools.simulate import stances as to
from edge.tools.simulate.body import Stance
from edge.tools.simulate.motion import Act, Actor, become, hold, topple
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import SCENES, Scene, frames, scene
from tests.support.jumpy_people import FILMS
from tests.support.scene_player import SIZE, Said, act, filmed, held, kinds, nobody, play, standing

SETTINGS = FallSettings()
CAMERAS = pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
STAYS = ("fall", "fall-forward", "fall-backward", "fall-towards")
"""Falls after which somebody lies there for 15 s, until the end."""
DOWN = 15.0
CONFIRMED = ["fall_suspected", "fall_confirmed"]
HAPPENS = {**dict.fromkeys(STAYS, CONFIRMED), "fall-get-up": [*CONFIRMED, "fall_recovered"]}
ALL_AROUND = range(0, 360, 45)
Film = list[tuple[float, tuple[Person, ...]]]


def fall() -> Fall:
    return Fall(SETTINGS)


def film(name: str, camera: Camera = CORNER, rate: float = 10.0) -> Film:
    return list(filmed(name, camera, rate))


def happened(said: list[Said]) -> list[Event]:
    return [event for each in said for event in each.events]


def times(said: list[Said]) -> list[float]:
    return [each.time for each in said for _ in each.events]


@CAMERAS
@pytest.mark.parametrize("name", SCENES)
def test_falls_are_confirmed_and_nothing_else_is(name: str, camera: Camera) -> None:
    for rate, noise, seed in ((10.0, EXACT, 0), (5.0, Noise(), 0), (5.0, Noise(), 4), (10.0, Noise(), 1)):
        said = act(fall(), name, camera, rate, noise, seed)
        assert kinds(said) == HAPPENS.get(name, []), (rate, seed)
        assert said[-1].state["fall"] is (name in STAYS)


@CAMERAS
@pytest.mark.parametrize("name", STAYS)
def test_times_are_seconds_whatever_the_rate(name: str, camera: Camera) -> None:
    landed = scene(name).duration - DOWN
    for rate in (5.0, 10.0, 15.0):
        said = act(fall(), name, camera, rate)
        suspected, confirmed = times(said)
        assert landed - 0.3 <= suspected <= landed + 0.5
        assert confirmed - suspected == pytest.approx(SETTINGS.confirm, abs=1.01 / rate)
        assert {each.state["fall"] for each in said if each.time < confirmed} <= {None, False}
        assert {each.state["fall"] for each in said if each.time >= confirmed} == {True}


def test_how_long_somebody_must_be_down_is_a_setting() -> None:
    for confirm, expected in ((1.0, [*CONFIRMED, "fall_recovered"]), (60.0, ["fall_suspected"])):
        assert kinds(act(Fall(FallSettings(confirm=confirm)), "fall-get-up")) == expected


def test_who_gets_up_again_has_recovered_after_as_long_as_it_took() -> None:
    said = act(fall(), "fall-get-up", rate=10.0)
    suspected, _, recovered = times(said)
    assert happened(said)[-1].details == {"seconds": pytest.approx(recovered - suspected, abs=0.5)}
    # The last 3 s of the scene somebody stands there.
    assert scene("fall-get-up").duration - 3.0 <= recovered
    assert said[-1].state["fall"] is False


def played(
    acts: tuple[Act, ...], heading: float, camera: Camera, rate: float = 12.0, noise: Noise = EXACT, seed: int = 0
) -> list[Said]:
    """What is said of somebody who stands, does these acts and stays so for 8 s."""
    actor = Actor(to.STANDING._replace(y=4.0, heading=heading), hold(1.5), *acts, hold(8.0))
    made = Scene("", "", (), actor.duration, (actor,), camera)
    return play(fall(), frames(made, rate, SIZE, noise, seed))


@CAMERAS
@pytest.mark.parametrize(
    ("end", "via", "away"),
    [
        (to.FALLEN_ASIDE, to.FALLING_ASIDE, 90),
        (to.FALLEN_AHEAD, to.FALLING_AHEAD, 0),
        (to.FALLEN_BACK, to.FALLING_BACK, 180),
    ],
)
def test_falls_to_all_sides_but_straight_away_are_confirmed(
    end: Stance, via: Stance, away: int, camera: Camera
) -> None:
    for heading in ALL_AROUND:
        if heading != away:
            said = played((become(end, 1.0, via=via, ease=topple),), heading, camera)
            assert kinds(said) == CONFIRMED, heading


def test_joints_that_are_off_for_good_hide_few_falls() -> None:
    """Hips that are found too low make a trunk too long, and all else too short and too slow against it."""
    falls = (become(to.FALLEN_AHEAD, 1.0, via=to.FALLING_AHEAD, ease=topple),)
    found = [
        kinds(played(falls, aslant, CORNER, 5.0, Noise(), seed)) for aslant in (45, 315) for seed in range(100, 110)
    ]
    assert found.count(CONFIRMED) >= 18


@CAMERAS
@pytest.mark.parametrize(
    "acts",
    [
        (become(to.SITTING, 0.7, via=to.OVER),),
        (become(to.SOFA, 0.6, via=to.INTO),),
        (become(to.BENT, 0.7),),
        (become(to.SQUAT, 0.8),),
        (become(to.TYING, 1.8, via=to.STEP_BACK),),
        (become(to.TYING, 1.0, via=to.STEP_BACK), *(become(to.TYING_ON, 0.5), become(to.TYING, 0.5)) * 6),
        (become(to.HALF_KNEELING, 1.5, via=to.STEP_BACK), become(to.KNEELING, 1.0)),
        (become(to.EDGE, 1.2, via=to.OVER), hold(0.3), become(to.LYING, 1.5, shift=0.8 - 0.75j, turn=-90.0)),
        (become(to.KNEELING, 1.8), hold(0.5), become(to.SIDE_SITTING, 1.8), hold(0.5), become(to.FALLEN_ASIDE, 2.0)),
    ],
    ids=["chair", "sofa", "pick-up", "squat", "shoe", "shoe-fast", "kneel", "bed", "floor"],
)
def test_going_down_on_purpose_is_never_confirmed(acts: tuple[Act, ...], camera: Camera) -> None:
    for heading in ALL_AROUND:
        assert "fall_confirmed" not in kinds(played(acts, heading, camera)), heading


@pytest.mark.parametrize("across", [-1.0, 0.0, 0.8])
@CAMERAS
def test_leaving_the_frame_downwards_is_no_fall(camera: Camera, across: float) -> None:
    actor = SCENES["leave-down"].actors[0]
    seen = replace(scene("leave-down", camera), actors=(actor,))
    for rate in (5.0, 15.0):
        moved = [
            (t, tuple(shifted(person, across * 100) for person in persons)) for t, persons in frames(seen, rate, SIZE)
        ]
        assert kinds(play(fall(), [*moved, *nobody(20.0, start=moved[-1][0])])) == []


def shifted(person: Person, x: float) -> Person:
    points = tuple(point._replace(x=point.x + x) for point in person.pose.keypoints)
    return person._replace(pose=person.pose._replace(keypoints=points))


@CAMERAS
@pytest.mark.parametrize("name", STAYS)
def test_who_gets_a_new_id_while_falling_has_fallen_all_the_same(name: str, camera: Camera) -> None:
    landed = scene(name).duration - DOWN
    for missing in (0.0, 0.5, 1.0):
        changed = [
            (t, tuple(person._replace(id=1 if t < landed - missing else 2) for person in persons))
            for t, persons in film(name, camera)
            if not landed - missing < t < landed
        ]
        said = play(fall(), changed)
        assert kinds(said) == CONFIRMED, missing
        assert said[-1].events or said[-1].state["fall"] is True


@pytest.mark.parametrize("name", ["fall-get-up", *STAYS])
def test_ids_that_jump_on_the_floor_neither_end_a_fall_nor_make_two(name: str) -> None:
    jumping = [(t, tuple(person._replace(id=int(t)) for person in persons)) for t, persons in film(name)]
    assert kinds(play(fall(), jumping)) == HAPPENS[name]


@pytest.mark.parametrize("name", ["tie-shoes", "sit-fast", "pick-up", "lie-down", "squats", "leave-down"])
def test_ids_that_jump_make_no_fall(name: str) -> None:
    jumping = [(t, tuple(person._replace(id=int(t / 0.7)) for person in persons)) for t, persons in film(name)]
    assert "fall_confirmed" not in kinds(play(fall(), jumping))


def test_who_stands_by_or_comes_to_help_ends_no_fall() -> None:
    here = (standing(-0.5, 4.2, number=8),)
    helper = [(t, (*persons, *(here if t > 12.0 else ()))) for t, persons in film("fall")]
    said = play(fall(), [*helper, *((helper[-1][0] + n / 10, (*helper[-1][1], *here)) for n in range(1, 100))])
    assert kinds(said) == CONFIRMED
    assert {event.person for event in happened(said)} == {1}


def test_who_stood_by_all_the_time_is_not_who_got_up() -> None:
    here = (standing(0.3, 4.1, number=8),)
    fallen = [(t, (*persons, *here)) for t, persons in film("fall")]
    end = fallen[-1][0]
    assert kinds(play(fall(), [*fallen, *((end + n / 10, here) for n in range(100))])) == CONFIRMED


def test_ids_that_are_exchanged_do_not_get_anybody_up() -> None:
    exchanged = [(t, tuple(person._replace(id=1 + (t > 12.0)) for person in persons)) for t, persons in film("fall")]
    helped = [(t, (standing(-0.6, 4.2), *persons) if t > 12.0 else persons) for t, persons in exchanged]
    said = play(fall(), helped)
    assert kinds(said) == CONFIRMED
    assert said[-1].state["fall"] is True


def test_who_comes_into_sight_lying_beside_somebody_has_not_fallen() -> None:
    lies = held(to.FALLEN_ASIDE, 0.3, 3.7)._replace(id=2)
    seen = [(n / 10, (standing(0.0, 3.8), lies) if n > 30 else (standing(0.0, 3.8),)) for n in range(120)]
    assert kinds(play(fall(), seen)) == []


def test_who_is_just_getting_up_when_it_would_be_confirmed_is_not_down() -> None:
    seen = film("fall-get-up")
    suspected, _, recovered = times(play(fall(), seen))
    assert kinds(play(Fall(FallSettings(confirm=recovered - suspected - 1.0)), seen)) == ["fall_suspected"]


@CAMERAS
def test_noise_does_not_hide_that_somebody_got_up(camera: Camera) -> None:
    for seed in range(6):
        assert kinds(act(fall(), "fall-get-up", camera, 10.0, Noise(), seed)) == HAPPENS["fall-get-up"], seed


def test_who_passes_the_place_of_who_is_not_seen_any_more_is_not_up() -> None:
    lying = film("fall")
    end = lying[-1][0]
    passing = [(end + 1 + n / 10, (standing(-2.0 + n / 10, 3.6, number=5),)) for n in range(40)]
    assert kinds(play(fall(), [*lying, *passing])) == CONFIRMED


def test_a_fall_is_over_when_nobody_is_seen_down_there_for_long() -> None:
    lying = film("fall")
    said = play(Fall(FallSettings(give_up=20.0)), [*lying, *nobody(30.0, start=lying[-1][0])])
    assert kinds(said) == CONFIRMED
    over = next(each.time for each in said if each.time > lying[-1][0] and not each.state["fall"])
    assert over == pytest.approx(lying[-1][0] + 20.0, abs=0.5)


def test_who_lies_there_at_the_start_may_have_fallen() -> None:
    lying = [(n / 10, (held(to.FALLEN_ASIDE),)) for n in range(100)]
    up = [(10 + n / 10, (standing(0.0, 3.8),)) for n in range(40)]
    said = play(fall(), [*lying, *up])
    assert kinds(said) == []
    assert {each.state["fall"] for each in said if each.time < 10.0} == {None}
    assert said[-1].state["fall"] is False
    assert play(fall(), nobody(10.0))[-1].state["fall"] is False


@pytest.mark.parametrize("name", STAYS)
def test_nothing_is_known_below_five_frames_a_second(name: str) -> None:
    said = play(FrameRateGuard(fall), film(name, rate=3.0))
    assert kinds(said) == []
    assert {each.state["fall"] for each in said if each.time > 3.5} == {None}
    assert kinds(play(FrameRateGuard(fall), film(name, rate=5.0))) == CONFIRMED


@given(FILMS)
def test_whatever_is_seen_no_fall_is_confirmed_before_its_time(seen: Film) -> None:
    said = play(fall(), seen)
    suspected: list[float] = []
    confirmed = 0
    for each in said:
        for event in each.events:
            assert 0.0 <= event.confidence <= 1.0
            if event.kind == "fall_suspected":
                suspected.append(each.time)
            elif event.kind == "fall_confirmed":
                confirmed += 1
                assert min(suspected) + SETTINGS.confirm <= each.time
            else:
                confirmed -= 1
        assert 0 <= confirmed <= len(suspected)
