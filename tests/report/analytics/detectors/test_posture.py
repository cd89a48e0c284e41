"""Standing, sitting, bending and lying: in single pictures, and in scenes."""

from statistics import mean

import pytest
from hypothesis import given

from edge.pose import KEYPOINT_NAMES, Person
from edge.report.analytics.body.body import Body
from edge.report.analytics.detectors.posture import Posture, PostureSettings, posture
from edge.tools.simulate import stances as to
from edge.tools.simulate.body import HEIGHT, Stance, skeleton
from edge.tools.simulate.noise import Noise, Observer
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import SCENES
from tests.support.jumpy_people import FILMS
from tests.support.scene_player import SIZE, Said, act, held, nobody, play, standing, without
from tests.support.stick_people import fallen, stick

SETTINGS = PostureSettings()
CAMERAS = pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
ALL_AROUND = range(0, 360, 45)
FROM_BEFORE = range(90, 271, 45)
CHANGES = {
    "sit": ["sitting", "standing"],
    "sit-fast": ["sitting"],
    "fall": ["lying"],
    "fall-forward": ["lying"],
    "fall-backward": ["lying"],
    "fall-towards": ["lying"],
    "fall-get-up": ["lying", "sitting", "standing"],
    "tie-shoes": ["bending", "standing"],
    "pick-up": ["bending", "standing"],
    "pick-ups": ["bending", "standing"] * 6,
    "lie-down": ["sitting", "lying"],
    "tv": ["sitting"],
}
"""What each scene goes over into; in squats, lunges and ``lift-bar`` it depends on when one looks; the others stay as
they are."""
ENDS = {"sit-fast": "sitting", "tv": "sitting", "lie-down": "lying", "stand-still": "standing", "wave": "standing"}
ENDS |= dict.fromkeys(("fall", "fall-forward", "fall-backward", "fall-towards"), "lying")


def look(person: Person) -> str | None:
    body = Body.of(person, SIZE)
    return posture(body, body.frame_height or 0.0)


def changes(said: list[Said]) -> list[object]:
    return [event.details["to"] for each in said for event in each.events if event.person == 1]


@CAMERAS
@pytest.mark.parametrize(
    ("stance", "word", "headings"),
    [
        (to.STANDING, "standing", ALL_AROUND),
        (to.HANDS_UP, "standing", ALL_AROUND),
        (to.SITTING, "sitting", ALL_AROUND),
        (to.BENT, "bending", ALL_AROUND),
        # A trunk that leans away from a camera high up is foreshortened: not from behind.
        (to.SOFA, "sitting", FROM_BEFORE),
        (to.TYING, "bending", FROM_BEFORE),
    ],
)
def test_a_posture_is_told_from_all_sides(stance: Stance, word: str, headings: range, camera: Camera) -> None:
    for heading in headings:
        assert {look(held(stance, 0.0, y, heading, camera)) for y in (3.3, 3.8, 5.0)} == {word}, heading


@CAMERAS
@pytest.mark.parametrize(
    ("stance", "away"), [(to.FALLEN_AHEAD, 0), (to.FALLEN_BACK, 180), (to.FALLEN_ASIDE, 90), (to.LYING, 180)]
)
def test_lying_is_told_unless_the_head_points_straight_away(stance: Stance, away: int, camera: Camera) -> None:
    for heading in ALL_AROUND:
        if heading != away:
            assert look(held(stance, 0.0, 4.0, heading, camera)) == "lying", heading


def test_a_body_at_any_level_angle_of_the_picture_lies() -> None:
    """As bodies are that were found in a turned picture: the whole body lies aslant, with the head down too."""
    for degrees in range(60, 301, 10):
        assert look(Person(1, fallen(stick(320), degrees))) == "lying", degrees


def test_what_the_joints_do_not_show_is_unknown() -> None:
    upright = standing(0.0, 3.8)
    assert look(without(upright, "Ankle")) == "standing"
    for hidden in (("Knee", "Ankle"), ("Hip",), ("Shoulder",)):
        assert look(without(upright, *hidden)) is None
    assert look(without(held(to.FALLEN_ASIDE), "Knee", "Ankle")) is None
    assert look(without(held(to.SITTING), "Ankle")) == "sitting"


@CAMERAS
@pytest.mark.parametrize("rate", [5.0, 10.0])
@pytest.mark.parametrize("name", sorted(set(SCENES) - {"squats", "slow-squats", "lunges", "lift-bar"}))
def test_a_scene_goes_through_its_postures(name: str, camera: Camera, rate: float) -> None:
    found = changes(act(Posture(SETTINGS), name, camera, rate))
    # From high up, sitting on the edge of a bed towards the camera looks like standing.
    assert found == CHANGES.get(name, []) or (name == "lie-down" and camera is CORNER and found[-1] == "lying")


@pytest.mark.parametrize("name", ENDS)
def test_noise_hides_a_posture_from_few(name: str) -> None:
    """How joints are off stays so for a whole scene: one of ten who stands looks as if sitting all the time."""
    words = [
        act(Posture(SETTINGS), name, camera, 5.0, Noise(), seed)[-1].state["postures"].get("1")
        for camera in (CORNER, SHELF)
        for seed in range(10)
    ]
    assert words.count(ENDS[name]) >= 17


def test_a_posture_settles_in_seconds_whatever_the_rate() -> None:
    for rate in (2.0, 5.0, 10.0, 15.0):
        steps = range(int(4 * rate))
        upright = [(n / rate, (standing(0.0, 3.8),)) for n in steps]
        bent = [(4 + n / rate, (held(to.BENT),)) for n in steps]
        said = play(Posture(SETTINGS), [*upright, *bent])
        first = next(each.time for each in said if each.state["posture"] == "standing")
        (changed,) = (each.time for each in said if each.events)
        assert SETTINGS.settle <= first <= SETTINGS.settle + 1 / rate
        assert 4 + SETTINGS.settle / 2 <= changed <= 4 + SETTINGS.settle


def test_a_moment_is_no_posture() -> None:
    film = [(n / 10, (held(to.BENT) if n in (30, 31, 45) else standing(0.0, 3.8),)) for n in range(80)]
    assert changes(play(Posture(SETTINGS), film)) == []


def test_what_was_out_of_sight_meanwhile_has_changed_all_the_same() -> None:
    upright, bent = standing(0.0, 3.8), held(to.BENT)
    acts = [upright] * 30 + [without(upright, "Knee", "Ankle")] * 30 + [bent] * 30
    said = play(Posture(SETTINGS), [(n / 10, (person,)) for n, person in enumerate(acts)])
    assert said[55].state["posture"] is None
    assert changes(said) == ["bending"]


def test_each_has_a_posture_and_the_room_that_of_who_was_first() -> None:
    first, second = standing(-1.0, 3.8, 7), held(to.SITTING, 1.0)._replace(id=3)
    meaning = Posture(SETTINGS)
    film = [(n / 10, (second, first) if n > 5 else (first,)) for n in range(40)]
    assert play(meaning, film)[-1].state == {"posture": "standing", "postures": {"7": "standing", "3": "sitting"}}
    assert meaning.by_person == {7: {"posture": "standing"}, 3: {"posture": "sitting"}}
    assert play(meaning, nobody(3.0, start=4.0))[-1].state == {"posture": None, "postures": {}}
    assert meaning.by_person == {}


Film = list[tuple[float, tuple[Person, ...]]]
RATE = 10.0
CHILD_HEIGHT = 1.1
"""Of somebody who is five years old, m."""
SEAT = 0.65
"""Length of somebody who sits facing the camera, all of whose parts look shorter alike, in the length when standing."""


def upright(y: float, height: float = HEIGHT, x: float = 0.0, camera: Camera = SHELF, number: int = 1) -> Person:
    """Somebody who stands at (x, y), m, facing the camera."""
    (person,) = Observer(camera)([skeleton(to.STANDING._replace(x=x, y=y, heading=180.0), height)])
    return person._replace(id=number)


def shorter(person: Person, legs: float, trunk: float, width: float = 1.0) -> Person:
    """The same with the feet where they are, and with legs, trunk (with the head) and width so many times as large."""
    points = person.pose.keypoints
    hips, feet = (
        mean(point.y for point, name in zip(points, KEYPOINT_NAMES, strict=True) if name.endswith(joint))
        for joint in ("Hip", "Ankle")
    )
    middle, seat = mean(point.x for point in points), feet - legs * (feet - hips)
    moved = (
        point._replace(
            x=middle + width * (point.x - middle),
            y=feet - legs * (feet - point.y) if point.y > hips else seat - trunk * (hips - point.y),
        )
        for point in points
    )
    return person._replace(pose=person.pose._replace(keypoints=tuple(moved)))


def seated(person: Person) -> Person:
    return shorter(person, SEAT, SEAT)


def stooped(person: Person) -> Person:
    """The same, bent towards the camera and a little to a side: only the trunk looks shorter."""
    return shorter(person, 1.0, 0.5, width=0.7)


def acts(*parts: tuple[float, Person], rate: float = RATE) -> Film:
    """Somebody who is seen in each way for so many seconds."""
    shown = [person for seconds, person in parts for _ in range(round(seconds * rate))]
    return [(number / rate, (person,)) for number, person in enumerate(shown)]


@pytest.mark.parametrize("rate", [3.0, 5.0, 15.0])
def test_sitting_down_facing_the_camera_is_told_by_the_own_length(rate: float) -> None:
    stands = upright(3.8)
    sits = seated(stands)
    assert look(sits) == "standing"
    film = acts((2.0, stands), (60.0, sits), (2.0, stands), rate=rate)
    assert changes(play(Posture(SETTINGS), film)) == ["sitting", "standing"]


def test_the_feet_of_somebody_who_sits_down_may_move_a_little() -> None:
    stands = upright(3.8)
    for y in (3.6, 3.7, 3.9, 4.0):
        assert changes(play(Posture(SETTINGS), acts((2.0, stands), (4.0, seated(upright(y)))))) == ["sitting"]


def test_a_length_that_trembles_does_not_wear_off() -> None:
    """A sample now and then of somebody who sits less low does not become what standing is compared with."""
    stands = upright(3.8)
    perched, less_low = shorter(stands, 0.7, 0.9), shorter(stands, 0.8, 1.0)
    assert {look(perched), look(less_low)} == {"standing"}
    film = acts((4.0, stands), *[(2.9, perched), (0.1, less_low)] * 10, (4.0, perched))
    assert changes(play(Posture(SETTINGS), film)) == ["sitting"]


@CAMERAS
@pytest.mark.parametrize("height", [CHILD_HEIGHT, HEIGHT])
def test_walking_away_and_back_is_standing_all_the_time(camera: Camera, height: float) -> None:
    for rate in (2.0, 10.0):
        steps = int(4 / 1.2 * rate)
        there = [upright(3.0 + 1.2 * n / rate, height, camera=camera) for n in range(steps)]
        film = [(n / rate, (person,)) for n, person in enumerate([*there, *reversed(there)])]
        said = play(Posture(SETTINGS), film)
        assert changes(said) == []
        assert said[-1].state["posture"] == "standing"


def test_a_child_beside_an_adult_stands_and_each_sits_by_the_own_length() -> None:
    adult, child = upright(3.8), upright(3.8, CHILD_HEIGHT, x=1.0, number=2)
    scenes = [(adult, child), (seated(adult), child), (seated(adult), seated(child)), (adult, seated(child))]
    words = [("standing", "standing"), ("sitting", "standing"), ("sitting", "sitting"), ("standing", "sitting")]
    film = [(n / RATE, scenes[n // 30]) for n in range(120)]
    said = play(Posture(SETTINGS), film)
    for number, (first, second) in enumerate(words):
        assert said[30 * number + 29].state["postures"] == {"1": first, "2": second}


def test_feet_that_the_frame_cuts_off_tell_nothing() -> None:
    near = upright(3.8)
    down = SIZE[1] - 2 - max(point.y for point in near.pose.keypoints)
    moved = tuple(point._replace(y=point.y + down) for point in near.pose.keypoints)
    near = near._replace(pose=near.pose._replace(keypoints=moved))
    said = play(Posture(SETTINGS), acts((3.0, near), (3.0, shorter(near, 0.75, 0.75))))
    assert changes(said) == []
    assert said[-1].state["posture"] == "standing"


def test_somebody_first_seen_sitting_is_known_from_the_first_time_up_on() -> None:
    stands = upright(3.8)
    said = play(Posture(SETTINGS), acts((5.0, seated(stands)), (2.0, stands), (5.0, seated(stands)), (2.0, stands)))
    # Of what was before nothing is known: that looked like standing further away.
    assert changes(said) == ["sitting", "standing"]
    assert [round(each.time) for each in said if each.events] == [8, 13]


def test_bending_towards_the_camera_keeps_the_hips_up() -> None:
    stands = upright(3.8)
    bends = stooped(stands)
    assert look(bends) == "standing"
    assert changes(play(Posture(SETTINGS), acts((2.0, stands), (2.0, bends), (2.0, stands)))) == ["bending", "standing"]


def test_squatting_to_pick_something_up_is_sitting() -> None:
    stands = upright(3.8)
    squats = shorter(stands, 0.45, 0.8)
    assert look(squats) == "standing"
    assert changes(play(Posture(SETTINGS), acts((2.0, stands), (2.0, squats), (2.0, stands)))) == [
        "sitting",
        "standing",
    ]


@pytest.mark.parametrize(
    ("away_s", "moved_m", "word"), [(3.0, 0.1, "sitting"), (3.0, 1.6, "standing"), (40, 0, "standing")]
)
def test_who_is_found_again_in_the_same_place_is_the_same(away_s: float, moved_m: float, word: str) -> None:
    stands = upright(3.8)
    again = seated(upright(3.8, x=moved_m, number=2))
    before = acts((2.0, stands), (2.0, seated(stands)))
    film = [*before, *nobody(away_s, RATE, 4.0), *[(time + 4.1 + away_s, who) for time, who in acts((3.0, again))]]
    assert play(Posture(SETTINGS), film)[-1].state["postures"] == {"2": word}


def test_who_comes_beside_somebody_is_not_the_same() -> None:
    adult, child = upright(3.8), upright(3.8, CHILD_HEIGHT, x=0.4, number=2)
    film = [(n / RATE, (adult, child) if n > 30 else (adult,)) for n in range(60)]
    assert play(Posture(SETTINGS), film)[-1].state["postures"] == {"1": "standing", "2": "standing"}


@CAMERAS
def test_lying_across_the_picture_is_told_without_legs(camera: Camera) -> None:
    stands = upright(3.8, camera=camera)
    for heading in (60.0, 90.0, 120.0, 240.0, 270.0, 300.0):
        lies = without(held(to.FALLEN_AHEAD, 0.0, 3.8, heading, camera), "Knee", "Ankle")
        assert play(Posture(SETTINGS), acts((3.0, lies)))[-1].state["posture"] is None
        assert play(Posture(SETTINGS), acts((2.0, stands), (3.0, lies)))[-1].state["posture"] == "lying"


def test_leaning_over_something_that_hides_the_legs_is_not_lying() -> None:
    """Whether towards the camera, sitting on a chair and on the floor, or standing and to a side."""
    stands = upright(3.8)
    for hidden in (shorter(stands, SEAT, 0.2), shorter(stands, 0.2, 0.2), held(to.BENT, heading=90.0, camera=SHELF)):
        said = play(Posture(SETTINGS), acts((2.0, stands), (3.0, without(hidden, "Knee", "Ankle"))))
        assert said[-1].state["posture"] is None


@given(FILMS)
def test_changes_follow_each_other_whatever_is_seen(film: list[tuple[float, tuple[Person, ...]]]) -> None:
    for each in play(Posture(SETTINGS), film):
        assert set(each.state["postures"].values()) <= {None, "standing", "sitting", "bending", "lying"}
        for event in each.events:
            assert event.details["from"] != event.details["to"] == each.state["postures"][str(event.person)]
