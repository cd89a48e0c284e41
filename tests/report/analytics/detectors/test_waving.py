"""Waving, on a forearm that is told how to move."""

import math
from collections.abc import Callable, Sequence

import pytest

from edge.geometry.anthropometry import FOREARM, UPPER_ARM
from edge.pose import KEYPOINT_NAMES, Keypoint, Person
from edge.report.analytics.detectors.waving import Waving, WavingSettings
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import scene
from tests.support.scene_player import Said, act, filmed, kinds, play

SETTINGS = WavingSettings()
(STANDING,) = scene("stand-still").persons(0.0)
HEIGHT = 234.0
"""Of that person, px."""
Film = Sequence[tuple[float, tuple[Person, ...]]]


def forearm(
    frequency: float, swing: float = 0.14, rate: float = 15.0, seconds: float = 8.0, up: float = 0.12
) -> list[tuple[float, tuple[Person, ...]]]:
    """Somebody whose left wrist swings beside the elbow by ``swing`` body heights, ``up`` above it."""
    elbow = STANDING.pose.keypoints[KEYPOINT_NAMES.index("leftShoulder")]
    elbow = elbow._replace(x=elbow.x + 0.15 * HEIGHT)
    seen = []
    for number in range(int(seconds * rate) + 1):
        t = number / rate
        wrist = elbow._replace(
            x=elbow.x + swing / 2 * HEIGHT * math.cos(math.tau * frequency * t), y=elbow.y - up * HEIGHT
        )
        placed = {"leftElbow": elbow, "leftWrist": wrist}
        points = tuple(
            placed.get(name, point) for name, point in zip(KEYPOINT_NAMES, STANDING.pose.keypoints, strict=True)
        )
        seen.append((t, (STANDING._replace(pose=STANDING.pose._replace(keypoints=points)),)))
    return seen


def begun(said: list[Said]) -> float:
    return next(each.time for each in said if each.events)


@pytest.mark.parametrize("frequency", [0.5, 1.0, 2.0, 3.0, 4.0])
def test_from_slow_to_fast(frequency: float) -> None:
    said = play(Waving(SETTINGS), forearm(frequency))
    assert kinds(said) == ["waving"]
    assert next(event.details for each in said for event in each.events) == {"side": "left"}
    # Four swings of half a turn each, the last not to its end.
    assert 1.5 / frequency < begun(said) < 2 / frequency + 0.1
    assert said[-1].state == {"waving": True}


@pytest.mark.parametrize(
    "changes",
    [
        {"frequency": 0.25},
        {"frequency": 7.5},
        {"frequency": 1.0, "swing": 0.05},
        {"frequency": 1.0, "up": 0.03},
        {"frequency": 1.0, "up": -0.12},
    ],
    ids=["too slow", "too fast", "too small", "not raised", "hanging"],
)
def test_what_is_no_waving(changes: dict[str, float]) -> None:
    said = play(Waving(SETTINGS), forearm(**changes))
    assert kinds(said) == []
    assert {each.state["waving"] for each in said} == {False}


@pytest.mark.parametrize("rate", [5.0, 8.0, 10.0, 15.0, 30.0])
def test_the_frame_rate_changes_nothing(rate: float) -> None:
    said = act(Waving(SETTINGS), "wave", rate=rate)
    assert kinds(said) == ["waving"]
    # The hand is up at 2.3 s (which may count as a swing), swings every 0.35 s, and comes down from 7.2 s on.
    assert 2.3 + 2 * 0.35 <= begun(said) < 2.3 + 5 * 0.35
    assert [each.time for each in said if each.state["waving"]][-1] == pytest.approx(7.2 + 1.2, abs=0.6)


def test_more_swings_take_longer() -> None:
    few, many = (begun(play(Waving(WavingSettings(swings=n, within=10.0)), forearm(1.0))) for n in (4, 8))
    assert many - few == pytest.approx(2.0, abs=0.1)
    assert kinds(play(Waving(WavingSettings(swings=8, within=3.0)), forearm(1.0))) == []


def test_a_swing_now_and_then_is_no_waving() -> None:
    """One every 2 s, with the arm up all the time."""
    assert kinds(play(Waving(SETTINGS), forearm(0.25, seconds=20.0))) == []


def test_an_arm_that_is_not_seen_is_unknown() -> None:
    seen = forearm(1.0, seconds=4.0)
    hidden = STANDING.pose._replace(
        keypoints=tuple(
            point._replace(score=0.1) if name.endswith("Wrist") else point
            for name, point in zip(KEYPOINT_NAMES, STANDING.pose.keypoints, strict=True)
        )
    )
    seen += [(4.1 + n / 15, (STANDING._replace(pose=hidden),)) for n in range(30)]
    said = play(Waving(SETTINGS), seen)
    assert {each.state["waving"] for each in said if 3.0 < each.time < 4.5} == {True}
    assert {each.state["waving"] for each in said if each.time > 4.7} == {None}


def kept(film: Film, change: Callable[[dict[str, Keypoint], float], None]) -> Film:
    """The same with keypoints changed, frame by frame."""

    def changed(person: Person, t: float) -> Person:
        points = dict(zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True))
        change(points, t)
        return person._replace(pose=person.pose._replace(keypoints=tuple(points.values())))

    return [(t, tuple(changed(person, t) for person in persons)) for t, persons in film]


def test_a_forearm_that_is_nearer_level_than_upright_does_not_wave() -> None:
    """The same swing about the upright forearm, and 60 degrees and more beside it: punching, or pointing about."""

    def aside(points: dict[str, Keypoint], _: float) -> None:
        points["leftWrist"] = points["leftWrist"]._replace(x=points["leftWrist"].x + 0.14 * HEIGHT)

    film = forearm(1.5, up=0.06, swing=0.08)
    assert kinds(play(Waving(SETTINGS), film)) == ["waving"]
    assert kinds(play(Waving(SETTINGS), kept(film, aside))) == []


def test_an_elbow_that_moves_as_the_hand_does_is_no_waving() -> None:
    """An arm that strikes: the elbow, below the shoulder, goes as far as the hand does against it."""

    def strike(points: dict[str, Keypoint], t: float) -> None:
        way = 0.08 * HEIGHT * math.cos(math.tau * 1.5 * t)
        for name in ("leftElbow", "leftWrist"):
            points[name] = points[name]._replace(y=points[name].y + 0.06 * HEIGHT + way / 2, x=points[name].x + way)

    film = forearm(1.5, swing=0.12)
    assert kinds(play(Waving(SETTINGS), film)) == ["waving"]
    assert kinds(play(Waving(SETTINGS), kept(film, strike))) == []


def test_the_whole_arm_may_wave_over_the_head() -> None:
    """Elbow and hand turn about the shoulder, both above it."""

    def turn(points: dict[str, Keypoint], t: float) -> None:
        angle = math.radians(25) * math.cos(math.tau * 1.0 * t)
        shoulder = points["leftShoulder"]
        for name, length in (("leftElbow", UPPER_ARM), ("leftWrist", UPPER_ARM + FOREARM)):
            points[name] = shoulder._replace(
                x=shoulder.x + length * HEIGHT * math.sin(angle), y=shoulder.y - length * HEIGHT * math.cos(angle)
            )

    assert kinds(play(Waving(SETTINGS), kept(forearm(1.0), turn))) == ["waving"]


def test_a_wrist_that_jumps_to_the_other_arm_is_not_seen() -> None:
    """A model confuses the fists of a guard, or those of two people side by side; a forearm is not that long."""

    def guard(points: dict[str, Keypoint], t: float) -> None:
        elbow = points["leftElbow"]
        far = 0.2 * HEIGHT if int(4 * t) % 2 else 0.0
        points["leftWrist"] = elbow._replace(x=elbow.x - far, y=elbow.y - 0.12 * HEIGHT)

    assert kinds(play(Waving(SETTINGS), kept(forearm(1.0), guard))) == []


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
@pytest.mark.parametrize("turned", [0.0, 45.0, 90.0], ids=["front", "oblique", "side"])
@pytest.mark.parametrize("name", ["boxing", "lift-bar"])
def test_fast_arms_do_not_wave(name: str, camera: Camera, turned: float) -> None:
    assert kinds(play(Waving(SETTINGS), filmed(name, camera, 15.0, turned=turned))) == []
    assert kinds(play(Waving(SETTINGS), filmed(name, camera, 15.0, Noise(), 1, turned))) == []


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
@pytest.mark.parametrize("turned", [0.0, 30.0, -30.0], ids=["front", "left", "right"])
def test_waving_is_seen_from_the_front_and_half_from_the_side(camera: Camera, turned: float) -> None:
    assert kinds(play(Waving(SETTINGS), filmed("wave", camera, 15.0, turned=turned))) == ["waving"]
    assert kinds(play(Waving(SETTINGS), filmed("wave", camera, 15.0, Noise(), 1, turned))) == ["waving"]
