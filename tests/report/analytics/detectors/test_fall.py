"""Falls are confirmed; what looks like one for a moment is not."""

from dataclasses import replace

import pytest
from hypothesis import given

from edge.pose import Person
from edge.report.analytics.body.body import People
from edge.report.analytics.body.descent import Descents
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
        # From when the fall was noticed, which is before somebody lies there.
        assert landed - 0.7 <= confirmed - SETTINGS.confirm <= landed + 0.3
        assert {each.state["fall"] for each in said if each.time < confirmed} <= {None, False}
        assert {each.state["fall"] for each in said if each.time >= confirmed} == {True}


def test_how_long_somebody_must_be_down_is_a_setting() -> None:
    for confirm, expected in ((1.0, [*CONFIRMED, "fall_recovered"]), (60.0, ["fall_suspected", "fall_dismissed"])):
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


def test_joints_that_are_off_for_good_hide_fewer_than_half_of_the_falls() -> None:
    """Hips that are found too low make a trunk too long, and all else too short and too slow against it."""
    falls = (become(to.FALLEN_AHEAD, 1.0, via=to.FALLING_AHEAD, ease=topple),)
    found = [
        kinds(played(falls, aslant, CORNER, 15.0, Noise(), seed)) for aslant in (45, 315) for seed in range(100, 110)
    ]
    assert found.count(CONFIRMED) > 10


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
    said = kinds(play(Fall(FallSettings(confirm=recovered - suspected - 1.0)), seen))
    assert "fall_confirmed" not in said
    assert said[-1] == "fall_dismissed"


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


def until(film: Film, end: float, then: float = 15.0) -> Film:
    """A film of which nobody is found any more from ``end`` on, for so long."""
    seen = [(t, persons) for t, persons in film if t < end]
    return [*seen, *nobody(then, start=end)]


def staged(*acts: Act, heading: float = 90.0, camera: Camera = SHELF, rate: float = 15.0) -> Film:
    """Somebody who stands for 1.5 s and then does these acts."""
    actor = Actor(to.STANDING._replace(y=4.0, heading=heading), hold(1.5), *acts)
    return list(frames(Scene("", "", (), actor.duration, (actor,), camera), rate, SIZE))


TOPPLES = become(to.FALLEN_ASIDE, 1.0, via=to.FALLING_ASIDE, ease=topple)


@CAMERAS
@pytest.mark.parametrize("rate", [10.0, 15.0, 30.0])
def test_who_comes_down_violently_and_is_not_found_has_fallen(camera: Camera, rate: float) -> None:
    landed = scene("fall-towards").duration - DOWN
    lost = until(film("fall-towards", camera, rate), landed)
    said = play(fall(), lost)
    assert kinds(said) == CONFIRMED
    # Less sure than of somebody who is seen to lie there.
    seen = happened(play(fall(), film("fall-towards", camera, rate)))
    assert happened(said)[-1].confidence <= 0.75 < 0.9 <= seen[-1].confidence


def test_who_is_lost_in_the_midst_of_a_descent_has_fallen() -> None:
    said = play(fall(), until(staged(TOPPLES), 2.45))
    assert kinds(said) == CONFIRMED


@pytest.mark.parametrize(
    "film",
    [
        until(staged(become(to.BENT, 0.4)), 1.8),
        until(staged(become(to.SITTING, 1.2, via=to.OVER)), 2.5),
        # A chair is less deep than the floor, and who sits down on the floor is seen low and upright first.
        until(staged(become(to.SITTING, 0.4), hold(1.0)), 2.2),
        until(staged(become(to.SIDE_SITTING, 0.6), hold(1.0)), 2.4),
        until(staged(become(to.KNEELING, 0.6), hold(0.4), become(to.FALLEN_AHEAD, 1.5)), 3.2),
        until(staged(become(to.SQUAT, 0.9), hold(0.4), become(to.FALLEN_BACK, 0.5), heading=45.0, camera=CORNER), 3.2),
    ],
    ids=["bends", "sits", "drops on a chair", "sits on the floor", "kneels", "squats"],
)
def test_who_goes_down_on_purpose_and_is_not_found_has_not_fallen(film: Film) -> None:
    assert "fall_confirmed" not in kinds(play(fall(), film))


def test_who_is_seen_sitting_after_coming_down_fast_has_not_fallen() -> None:
    acts = (become(to.SIDE_SITTING, 0.5), hold(12.0))
    for heading in (0.0, 180.0):
        said = play(fall(), staged(*acts, heading=heading))
        assert "fall_confirmed" not in kinds(said)
        assert said[-1].state["fall"] is False


def test_sensitivity_decides_whether_absence_is_enough() -> None:
    lost = until(film("fall-towards"), scene("fall-towards").duration - DOWN)
    mild = until(staged(become(to.KNEELING, 0.45), hold(0.5), heading=180.0, camera=CORNER), 2.45)
    found = {
        sensitivity: ["fall_confirmed" in kinds(play(Fall(SETTINGS, sensitivity), film)) for film in (lost, mild)]
        for sensitivity in ("low", "normal", "high")
    }
    assert found == {"low": [False, False], "normal": [True, False], "high": [True, True]}


def test_at_low_sensitivity_who_is_seen_to_lie_has_fallen() -> None:
    assert kinds(play(Fall(SETTINGS, "low"), film("fall-towards"))) == CONFIRMED


@pytest.mark.parametrize("number", [1, 7])
def test_who_stands_there_again_did_not_fall_whatever_the_id(number: int) -> None:
    landed = scene("fall-towards").duration - DOWN
    lost = until(film("fall-towards"), landed, then=2.0)
    place = SCENES["fall-towards"].actors[0].stance(landed)
    up = [(landed + 2.1 + n / 10, (standing(place.x, place.y, number=number),)) for n in range(80)]
    said = play(fall(), [*lost, *up])
    assert kinds(said) == ["fall_suspected", "fall_dismissed"]
    (dismissed,) = (each.time for each in said if "fall_dismissed" in [event.kind for event in each.events])
    assert landed + 2.1 < dismissed < landed + 3.5
    assert said[-1].state["fall"] is False


def test_who_stood_by_all_the_time_does_not_dismiss_a_fall() -> None:
    landed = scene("fall-towards").duration - DOWN
    here = standing(0.3, 4.3, number=8)
    lost = until(film("fall-towards"), landed)
    assert kinds(play(fall(), [(t, (*persons, here)) for t, persons in lost])) == CONFIRMED


def test_nothing_is_known_while_somebody_who_came_down_is_lost() -> None:
    landed = scene("fall-towards").duration - DOWN
    lost = until(film("fall-towards"), landed, then=80.0)
    said = play(Fall(SETTINGS, "low"), lost)
    assert {each.state["fall"] for each in said if 2.1 < each.time < landed} == {False}
    assert {each.state["fall"] for each in said if landed + 1.2 < each.time < landed + 60.0} == {None}
    assert said[-1].state["fall"] is False


def test_who_sits_there_is_not_lost() -> None:
    said = play(fall(), staged(become(to.SIDE_SITTING, 0.5), hold(8.0), heading=180.0))
    assert {each.state["fall"] for each in said if each.time > 6.0} == {False}


def test_who_is_found_lying_long_after_the_loss_is_remembered() -> None:
    film_ = staged(TOPPLES, hold(40.0), heading=180.0)
    gone = [(t, () if 2.5 < t < 20.0 else persons) for t, persons in film_]
    said = play(Fall(SETTINGS, "low"), gone)
    assert kinds(said)[-2:] == CONFIRMED
    assert times(said)[-1] > 20.0


def test_a_descent_that_is_played_again_and_again_is_no_fall() -> None:
    down = [persons for _, persons in staged(TOPPLES)][15:]
    again = [*down, *reversed(down)] * 8
    standing_first = [persons for _, persons in staged()][:20]
    said = play(fall(), [(n / 15, persons) for n, persons in enumerate([*standing_first, *again])])
    assert "fall_confirmed" not in kinds(said)


def test_two_ids_at_one_place_are_one_fall() -> None:
    doubled = [
        (t, tuple(each._replace(id=n) for each in persons for n in (1, 2)))
        for t, persons in staged(TOPPLES, hold(8.0), heading=180.0)
    ]
    assert kinds(play(fall(), doubled)) == CONFIRMED


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
                assert seen[0][0] + SETTINGS.confirm <= each.time
                assert suspected
            elif event.kind == "fall_recovered":
                confirmed -= 1
        assert 0 <= confirmed <= len(suspected)


@given(FILMS)
def test_whatever_is_seen_there_is_no_fall_without_a_descent(seen: Film) -> None:
    people, descents = People(), Descents()
    first = min((t for t, persons in seen if descents.update(people.see(persons, SIZE, t), t)), default=float("inf"))
    assert all(each.time >= first for each in play(fall(), seen) for _ in each.events)
