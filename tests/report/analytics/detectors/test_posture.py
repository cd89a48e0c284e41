"""Standing, sitting, bending and lying: in single pictures, and in scenes."""

import pytest
from hypothesis import given

from edge.pose import Person
from edge.report.analytics.body.body import Body
from edge.report.analytics.detectors.posture import Posture, PostureSettings, posture
from edge.tools.simulate import stances as to
from edge.tools.simulate.body import Stance
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import SCENES
from tests.support.jumpy_people import FILMS
from tests.support.scene_player import SIZE, Said, act, held, nobody, play, standing, without

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
    "lie-down": ["sitting", "lying"],
    "tv": ["sitting"],
}
"""What each scene goes over into; in ``squats`` it depends on when one looks, and the others stay as they are."""
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


def test_what_the_joints_do_not_show_is_unknown() -> None:
    upright = standing(0.0, 3.8)
    assert look(without(upright, "Ankle")) == "standing"
    for hidden in (("Knee", "Ankle"), ("Hip",), ("Shoulder",)):
        assert look(without(upright, *hidden)) is None
    assert look(without(held(to.FALLEN_ASIDE), "Knee", "Ankle")) is None
    assert look(without(held(to.SITTING), "Ankle")) == "sitting"


@CAMERAS
@pytest.mark.parametrize("rate", [5.0, 10.0])
@pytest.mark.parametrize("name", sorted(set(SCENES) - {"squats"}))
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


@given(FILMS)
def test_changes_follow_each_other_whatever_is_seen(film: list[tuple[float, tuple[Person, ...]]]) -> None:
    for each in play(Posture(SETTINGS), film):
        assert set(each.state["postures"].values()) <= {None, "standing", "sitting", "bending", "lying"}
        for event in each.events:
            assert event.details["from"] != event.details["to"] == each.state["postures"][str(event.person)]
