"""The simulated body is made of rigid segments, in the proportions of people."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.pose import FACE_NAMES, KEYPOINT_NAMES
from edge.tools.simulate.body import Points, Stance, both, skeleton
from edge.tools.simulate.scenes import SCENES
from edge.tools.simulate.stances import STANDING

AT = {name: index for index, name in enumerate(KEYPOINT_NAMES)}
SIDES = ("left", "right")
TRUNK = [side + name for side in SIDES for name in ("Shoulder", "Hip")]
# As in Winter's figure: from where to where, fraction of height.
LIMBS = [("Shoulder", "Elbow", 0.186), ("Elbow", "Wrist", 0.146), ("Hip", "Knee", 0.245), ("Knee", "Ankle", 0.246)]
ANGLE = st.floats(-180, 180)
SHORT = st.floats(-0.2, 0.2)
STANCE = st.builds(
    Stance,
    **dict.fromkeys(("heading", "lean", "sway", "pitch", "roll", "twist", "nod", "turn"), ANGLE),
    **{f"{side}_{name}": ANGLE for side in SIDES for name in ("flex", "spread", "elbow", "rotate")},
    **{f"{side}_{name}": SHORT for side in SIDES for name in ("ahead", "aside", "lift")},
    reach=st.floats(0.1, 1.2),
    x=st.floats(-5, 5),
    y=st.floats(-5, 5),
)


def distances(joints: Points, pairs: list[tuple[str, str]]) -> Points:
    ones, others = ([AT[name] for name in names] for names in zip(*pairs, strict=True))
    return np.asarray(np.linalg.norm(joints[..., ones, :] - joints[..., others, :], axis=-1))


def middle(joints: Points, name: str) -> Points:
    return np.asarray(joints[..., AT[f"left{name}"], :] + joints[..., AT[f"right{name}"], :]) / 2


def assert_rigid(joints: Points, height: float) -> None:
    """``joints [..., 17, 3]`` are joined by bones of the right lengths; trunk and head are each of one piece."""
    for side, (one, other, part) in itertools.product(SIDES, LIMBS):
        np.testing.assert_allclose(distances(joints, [(side + one, side + other)]), part * height)
    np.testing.assert_allclose(distances(joints, [("leftShoulder", "rightShoulder")]), 0.259 * height)
    np.testing.assert_allclose(distances(joints, [("leftHip", "rightHip")]), 0.191 * height)
    trunk = np.linalg.norm(middle(joints, "Shoulder") - middle(joints, "Hip"), axis=-1)
    np.testing.assert_allclose(trunk, 0.288 * height)
    upright = skeleton(STANDING, height)
    for piece in (TRUNK, sorted(FACE_NAMES)):
        pairs = list(itertools.combinations(piece, 2))
        np.testing.assert_allclose(distances(joints, pairs) - distances(upright, pairs), 0.0, atol=1e-9)
    neck, upright_neck = (
        np.linalg.norm(some[..., AT["nose"], :] - middle(some, "Shoulder"), axis=-1) for some in (joints, upright)
    )
    np.testing.assert_allclose(neck, upright_neck)


@settings(deadline=None)
@given(STANCE, st.floats(0.3, 2.2))
def test_bones_keep_their_lengths_in_any_stance(stance: Stance, height: float) -> None:
    assert_rigid(skeleton(stance, height), height)


@pytest.mark.parametrize("name", SCENES)
def test_bones_keep_their_lengths_in_every_frame_of_every_scene(name: str) -> None:
    for number, actor in enumerate(SCENES[name].actors):
        joints = np.array([actor.joints(float(t)) for t in np.arange(0, actor.duration, 1 / 15)])
        assert_rigid(joints, 0.6 if (name, number) == ("tv", 1) else 1.7)


def test_who_stands_straight_has_the_heights_of_the_table() -> None:
    joints = skeleton(STANDING._replace(reach=1.0, **both(aside=0.191 / 2)), 1.0)
    for name, height in {"Eye": 0.936, "Shoulder": 0.818, "Hip": 0.530, "Knee": 0.285, "Ankle": 0.039}.items():
        for side in SIDES:
            assert joints[AT[side + name], 2] == pytest.approx(height, abs=1e-3), name


@settings(deadline=None)
@given(STANCE)
def test_a_mirrored_stance_is_a_mirrored_body(stance: Stance) -> None:
    fields = stance._asdict()
    for name in ("x", "heading", "sway", "roll", "twist", "turn"):
        fields[name] = -fields[name]
    for name in [name for name in fields if name.startswith("left_")]:
        other = name.replace("left", "right")
        fields[name], fields[other] = fields[other], fields[name]
    swapped = [AT[name.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")] for name in AT]
    mirrored = skeleton(stance)[swapped] * (-1, 1, 1)
    np.testing.assert_allclose(skeleton(Stance(**fields)), mirrored, atol=1e-9)


def test_the_angles_go_the_way_their_names_say() -> None:
    """Of somebody who faces along y."""
    upright = skeleton(STANDING)

    def moved(name: str, **fields: float) -> Points:
        return np.asarray(skeleton(STANDING._replace(**fields))[AT[name]] - upright[AT[name]])

    assert moved("nose", pitch=30)[1] > 0.2, "forward"
    assert moved("nose", roll=30)[0] > 0.2, "to the right"
    assert moved("nose", turn=60)[0] < -0.05, "to the left"
    assert moved("nose", nod=40)[2] < -0.02, "down"
    assert moved("leftHip", lean=20)[1] > 0.2, "forward"
    assert moved("leftHip", sway=20)[0] > 0.2, "to the right"
    assert moved("rightWrist", right_flex=90)[1] > 0.4, "forward"
    assert moved("rightWrist", right_spread=90)[0] > 0.4, "to its own side"
    assert moved("leftWrist", left_spread=90)[0] < -0.4, "to its own side"
    assert moved("rightWrist", right_elbow=90)[1] > 0.2, "elbows bend forward"
    assert moved("rightKnee", reach=0.7)[1] > 0.2, "and knees too"
    up = skeleton(STANDING._replace(right_spread=90, right_elbow=90, right_rotate=90))
    assert up[AT["rightWrist"], 2] > up[AT["rightElbow"], 2] + 0.2, "outwards"
    assert skeleton(STANDING._replace(heading=90))[AT["nose"], 0] < -0.1, "counter-clockwise"
