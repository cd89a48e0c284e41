"""Noise is as large as it says, the same for the same seed, and hides what is behind."""

import numpy as np
import pytest

from edge.pose import KEYPOINT_NAMES, Person
from edge.tools.simulate.body import skeleton
from edge.tools.simulate.noise import EXACT, Noise, Observer
from edge.tools.simulate.pinhole_camera import CORNER
from edge.tools.simulate.scenes import frames, scene
from edge.tools.simulate.stances import STANDING

OCCLUSION = Noise(0.0, 0.0, 0.0, 0.0, occlusion=True)
JITTER = Noise(0.0, 1.0, 0.0, 0.0, occlusion=False)
HIP = KEYPOINT_NAMES.index("leftHip")
NOSE = KEYPOINT_NAMES.index("nose")


def at(x: float = 0.0, y: float = 4.0, heading: float = 180.0) -> np.ndarray:
    return skeleton(STANDING._replace(x=x, y=y, heading=heading))


def scores(person: Person) -> dict[str, float]:
    return {name: point.score for name, point in zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True)}


def unsure(person: Person) -> set[str]:
    return {name for name, score in scores(person).items() if score < 0.5}


def spread(y: float, keypoint: int) -> float:
    """Of x and y over 300 frames, px."""
    observer = Observer(CORNER, JITTER)
    points = [observer([at(y=y)])[0].pose.keypoints[keypoint] for _ in range(300)]
    return float(np.std([point[:2] for point in points], axis=0).mean())


def test_the_same_seed_gives_the_same_frames() -> None:
    first, again, other = (list(frames(scene("fall"), noise=Noise(), seed=seed)) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_without_noise_the_projection_is_exact() -> None:
    (person,) = Observer(CORNER, EXACT)([at()])
    pixels, _ = CORNER.project(at())
    np.testing.assert_allclose([point[:2] for point in person.pose.keypoints], pixels, atol=0.006)
    assert min(scores(person).values()) > 0.9


def test_jitter_grows_with_the_body_and_follows_the_falloffs() -> None:
    assert spread(3.0, HIP) / spread(6.0, HIP) == pytest.approx(
        CORNER.project(at(y=6.0))[1][HIP] / CORNER.project(at(y=3.0))[1][HIP], rel=0.15
    )
    assert spread(4.0, HIP) / spread(4.0, NOSE) == pytest.approx(0.107 / 0.026, rel=0.2)


def test_jitter_is_in_oks_sigmas_of_the_size_of_the_body() -> None:
    """A body's area is about half of its bounding box (that of COCO's people is)."""
    pixels, _ = CORNER.project(at())
    size = float(np.sqrt(np.prod(np.ptp(pixels, axis=0)) * 0.53))
    assert spread(4.0, HIP) == pytest.approx(0.107 * size, rel=0.3)


def test_as_many_are_lost_and_missed_as_it_says() -> None:
    observer = Observer(CORNER, Noise(0.0, 0.0, dropout=0.1, missed=0.2, occlusion=False))
    seen = [observer([at()]) for _ in range(1000)]
    found = [persons[0] for persons in seen if persons]
    assert len(found) == pytest.approx(800, abs=60)
    assert np.mean([len(unsure(person)) / 17 for person in found]) == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(("heading", "far"), [(90.0, "right"), (-90.0, "left")])
def test_from_the_side_the_far_side_is_hidden(heading: float, far: str) -> None:
    (person,) = Observer(CORNER, OCCLUSION, seed=3)([at(heading=heading)])
    near = {"left": "right", "right": "left"}[far]
    assert {f"{far}Shoulder", f"{far}Hip", f"{far}Elbow"} <= unsure(person)
    assert not unsure(person) & {f"{near}Shoulder", f"{near}Hip", f"{near}Elbow", f"{near}Knee", "nose"}


def test_from_behind_there_is_no_face() -> None:
    behind, before = (Observer(CORNER, OCCLUSION, seed=3)([at(heading=heading)])[0] for heading in (0.0, 180.0))
    assert {"nose", "leftEye", "rightEye"} <= unsure(behind)
    assert not unsure(before)


def test_somebody_nearer_hides_somebody_farther() -> None:
    near, far = at(y=3.0), at(y=4.0)
    alone = Observer(CORNER, OCCLUSION, seed=3)([near, at(x=1.5, y=4.0)])
    behind = Observer(CORNER, OCCLUSION, seed=3)([near, far])
    assert not unsure(alone[1])
    assert len(unsure(behind[1])) >= 4
    assert behind[0] == alone[0]


def test_with_too_little_in_sight_nobody_is_found() -> None:
    observer = Observer(CORNER, EXACT)
    assert not observer([at(x=9.0)])
    assert not observer([at(y=-3.0)])
    assert not observer([at(y=0.4)])


def test_what_is_outside_scores_low() -> None:
    (person,) = Observer(CORNER, EXACT)([at(y=1.8)])
    assert {"leftAnkle", "rightAnkle"} <= unsure(person)
    assert scores(person)["leftAnkle"] < 0.1
    assert scores(person)["nose"] > 0.9
