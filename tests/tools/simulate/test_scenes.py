"""The scenes: people move as people do, and each shows what it is called."""

import itertools
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from edge import wire
from edge.errors import UsageError
from edge.pose import KEYPOINT_NAMES, Person
from edge.tools.simulate.body import Points
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import SCENES, frames, scene
from tests.support.scene_player import filmed

AT = {name: index for index, name in enumerate(KEYPOINT_NAMES)}
FALLS = ("fall", "fall-forward", "fall-backward", "fall-towards")
SOFT = sorted(SCENES.keys() - {*FALLS, "fall-get-up", "empty"})
PAGE = (Path(__file__).parents[3] / "docs" / "scenes.md").read_text()
RATE = 60
ANKLE = 0.039 * 1.7
"""Height of an ankle over a foot that stands, m."""


@cache
def played(name: str, actor: int = 0) -> Points:
    """Joints of one actor ``[frames, 17, 3]`` at 60 frames a second."""
    times = np.arange(0, SCENES[name].duration, 1 / RATE)
    return np.array([SCENES[name].actors[actor].joints(float(t)) for t in times])


def hips(joints: Points) -> Points:
    return np.asarray(joints[..., [AT["leftHip"], AT["rightHip"]], :].mean(axis=-2))


def shoulders(joints: Points) -> Points:
    return np.asarray(joints[..., [AT["leftShoulder"], AT["rightShoulder"]], :].mean(axis=-2))


def fastest_down(heights: Points) -> float:
    return float(-np.diff(heights).min() * RATE)


def times_over(values: Points, low: float, high: float) -> int:
    """How often ``values`` go above ``high`` having been below ``low``."""
    count, armed = 0, True
    for value in values:
        if armed and value > high:
            count, armed = count + 1, False
        elif value < low:
            armed = True
    return count


@pytest.mark.parametrize("name", SCENES)
def test_nobody_jumps_or_sinks_into_the_floor(name: str) -> None:
    for actor in range(len(SCENES[name].actors)):
        joints = played(name, actor)
        speeds = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * RATE
        assert speeds.max() < 12.0, "m/s"
        assert joints[..., 2].min() > 0.0
        assert joints[:, [AT["leftAnkle"], AT["rightAnkle"]], 2].min() > ANKLE - 1e-6


@pytest.mark.parametrize("name", sorted({*SOFT} - {"boxing"}))
def test_nobody_jerks_unless_falling(name: str) -> None:
    """A knee may: it snaps when a leg is nearly straight; and so may a fist that strikes."""
    for actor in range(len(SCENES[name].actors)):
        others = np.delete(played(name, actor), [AT["leftKnee"], AT["rightKnee"]], axis=1)
        acceleration = np.linalg.norm(np.diff(others, 2, axis=0), axis=-1) * RATE**2
        assert acceleration.max() < 80.0, "m/s2"


@pytest.mark.parametrize("name", SOFT)
def test_a_foot_that_stands_does_not_slide(name: str) -> None:
    for ankle in ("leftAnkle", "rightAnkle"):
        places = played(name)[:, AT[ankle]]
        planted = places[:, 2] < ANKLE + 0.002
        for stands, group in itertools.groupby(range(len(places)), planted.__getitem__):
            frames_of_it = list(group)
            if stands:
                assert np.linalg.norm(np.ptp(places[frames_of_it, :2], axis=0)) < 0.015, (
                    f"at {frames_of_it[0] / RATE} s"
                )


@pytest.mark.parametrize("name", FALLS)
def test_a_fall_is_as_fast_as_falls_are(name: str) -> None:
    """Choi and others: hips at 2.14 (SD 0.63) m/s, head at 2.91 (0.86), descent 0.583 (0.255) s."""
    joints = played(name)
    height = hips(joints)[:, 2]
    assert 2.14 - 0.63 < fastest_down(height) < 2.14 + 0.63
    assert 2.91 - 2 * 0.86 < fastest_down(joints[:, AT["nose"], 2]) < 2.91 + 2 * 0.86
    down = int(np.argmax(height < height.min() + 0.02))
    begun = int(np.flatnonzero(height[:down] > 0.95 * height[0])[-1])
    assert 0.583 - 0.255 < (down - begun) / RATE < 0.583 + 0.255


@pytest.mark.parametrize("name", SOFT)
def test_nothing_else_comes_down_like_a_fall(name: str) -> None:
    """Above 1.38 m/s it was always a fall in Sabatini and others, IEEE Trans Neural Syst Rehabil Eng 24 (2016) 774."""
    assert fastest_down(hips(played(name))[:, 2]) < 1.38


@pytest.mark.parametrize("name", FALLS)
def test_who_has_fallen_lies_flat_on_the_floor_and_stays(name: str) -> None:
    joints = played(name)[-10 * RATE :]
    trunk = shoulders(joints) - hips(joints)
    tilt = np.degrees(np.arccos(np.abs(trunk[:, 2]) / np.linalg.norm(trunk, axis=-1)))
    assert tilt.min() > 75.0, "from the vertical"
    assert joints[..., 2].max() < 0.6
    assert np.ptp(joints, axis=0).max() < 0.02


def test_who_lies_on_a_bed_lies_above_the_floor() -> None:
    joints = played("lie-down")[-10 * RATE :]
    assert np.abs(shoulders(joints) - hips(joints))[:, 2].max() < 0.1
    assert joints[..., 2].min() > 0.5


def test_who_got_up_stands_again() -> None:
    height = hips(played("fall-get-up"))[:, 2]
    assert height.min() < 0.3
    assert height[-1] == pytest.approx(height[0], abs=0.01)


@pytest.mark.parametrize(
    ("name", "joint", "times"),
    [("squats", "leftHip", 8), ("jumping-jacks", "leftWrist", 10), ("arm-raises", "rightWrist", 8)],
)
def test_exercises_are_repeated_as_often_as_they_say(name: str, joint: str, times: int) -> None:
    height = played(name)[:, AT[joint], 2]
    if name == "squats":
        height = -height
    low, high = np.quantile(height, 0), np.quantile(height, 1)
    assert times_over(height, low + 0.3 * (high - low), high - 0.3 * (high - low)) == times
    assert f"{times} " in SCENES[name].description


def test_a_waving_hand_is_up_and_goes_to_and_fro() -> None:
    joints = played("wave")
    wrist, elbow, shoulder = (joints[:, AT[f"right{name}"]] for name in ("Wrist", "Elbow", "Shoulder"))
    up = wrist[:, 2] > shoulder[:, 2] + 0.1
    assert up.sum() > 4.5 * RATE
    beside = (wrist - elbow)[up, 0]
    assert times_over(beside, -0.05, 0.05) == 8
    assert not (joints[:, AT["leftWrist"], 2] > joints[:, AT["leftShoulder"], 2]).any()


@pytest.mark.parametrize(("name", "sides"), [("raise-hand", ["right"]), ("both-hands", ["left", "right"])])
def test_a_raised_hand_is_above_the_head_for_four_seconds(name: str, sides: list[str]) -> None:
    joints = played(name)
    for side in ("left", "right"):
        up = int((joints[:, AT[f"{side}Wrist"], 2] > joints[:, AT["nose"], 2]).sum())
        assert (4.0 * RATE < up < 6.0 * RATE) if side in sides else up == 0


def test_people_walk_at_the_pace_of_people() -> None:
    place = hips(played("walk-through"))[RATE : 5 * RATE, :2]
    speed = np.linalg.norm(np.diff(place, axis=0), axis=-1) * RATE
    assert speed.mean() == pytest.approx(1.2, abs=0.1)
    assert np.ptp(speed) < 0.3


def test_sitting_is_sitting() -> None:
    joints = played("sit")[int(11 * RATE)]
    hip, knee, ankle = (joints[AT[f"left{name}"]] for name in ("Hip", "Knee", "Ankle"))
    assert abs(hip[2] - knee[2]) < 0.12, "the thigh is level"
    assert hip[2] == pytest.approx(0.55, abs=0.08)
    assert np.linalg.norm((knee - ankle)[:2]) < 0.15, "the shank is upright"


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
@pytest.mark.parametrize("noise", [EXACT, Noise()], ids=["exact", "noise"])
@pytest.mark.parametrize("name", SCENES)
def test_every_frame_fits_through_the_wall(name: str, noise: Noise, camera: Camera) -> None:
    for number, (t, persons) in enumerate(filmed(name, camera, 5.0, noise, 1)):
        line = wire.FrameLine(number, t, t, 640, 480, persons)
        assert wire.decode(wire.encode(line)) == line
        for point in (point for person in persons for point in person.pose.keypoints):
            assert -640 <= point.x <= 2 * 640
            assert -480 <= point.y <= 2 * 480


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
@pytest.mark.parametrize("name", SCENES)
def test_people_are_in_the_picture(name: str, camera: Camera) -> None:
    """All of them in every frame, and nearly whole, once they have come in and before they leave."""
    if name in ("walk-through", "leave", "leave-down", "leave-by-door", "lie-behind-sofa", "two-cross", "empty"):
        return
    entering = 5.0 if np.abs(played(name)[0, :, 0]).min() > 3.0 else 0.0
    least = 8 if name == "approach" else 15
    for t, persons in filmed(name, camera, 5.0):
        if t >= entering:
            assert [person.id for person in persons] == list(range(1, len(SCENES[name].actors) + 1)), t
            assert min(sum(point.score > 0.9 for point in person.pose.keypoints) for person in persons) >= least, t


def seen(name: str, camera: Camera = CORNER) -> list[tuple[Person, ...]]:
    return [persons for _, persons in filmed(name, camera)]


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
def test_who_leaves_is_gone(camera: Camera) -> None:
    for name in ("walk-through", "leave", "leave-down", "leave-by-door"):
        counts = [len(persons) for persons in seen(name, camera)]
        assert max(counts) == 1
        assert counts[-1] == 0
    assert not any(seen("empty", camera))


def test_who_leaves_downwards_is_last_seen_at_the_bottom() -> None:
    last = [persons for persons in seen("leave-down") if persons][-1][0]
    assert min(point.y for point in last.pose.keypoints if point.score > 0.5) > 0.8 * 480


def test_two_cross_in_the_picture() -> None:
    both = [persons for persons in seen("two-cross") if len(persons) == 2]
    apart = [first.pose.keypoints[0].x - second.pose.keypoints[0].x for first, second in both]
    assert apart[0] < -200
    assert apart[-1] > 200


def test_the_person_on_television_stays_in_a_small_rectangle() -> None:
    points = np.array([persons[-1].pose.keypoints for persons in seen("tv")])[..., :2].reshape(-1, 2)
    width, height = np.ptp(points, axis=0)
    assert width < 0.1 * 640
    assert height < 0.2 * 480


def test_frames_come_at_the_rate_and_of_the_size_that_is_asked() -> None:
    times = [t for t, _ in frames(scene("stand-still"), rate=10.0)]
    assert len(times) == 301
    assert np.diff(times) == pytest.approx(0.1)
    small, large = (
        np.array(next(frames(scene("stand-still"), size=size))[1][0].pose.keypoints)
        for size in ((320, 240), (640, 480))
    )
    np.testing.assert_allclose(small[:, :2] * 2, large[:, :2], atol=0.02)
    assert scene("stand-still").persons(0.0) == next(frames(scene("stand-still")))[1]


def test_an_unknown_scene_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="'dance' is not known; expected one of walk-through, sit, "):
        scene("dance")


def test_the_page_lists_every_scene_as_it_is() -> None:
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in PAGE.splitlines() if row.startswith("| `")]
    assert rows == [
        [f"`{name}`", made.description, "; ".join(made.expected), f"{made.duration:.0f}"]
        for name, made in SCENES.items()
    ]


def test_the_example_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(PAGE.split("```python\n")[1].split("```")[0], {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == " 0.00 s []"
    assert " 5.00 s [1]" in lines
