"""A look says what the body does, and many looks say it whatever their rate."""

import pytest

from edge.report.analytics.body.aftermath import Evidence, Look, look_at
from edge.report.analytics.body.body import Body
from edge.report.analytics.body.descent import Descent, Trunk
from edge.tools.simulate import stances as to
from edge.tools.simulate.body import Stance
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from tests.support.scene_player import SIZE, held, without

CAMERAS = pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
ALL_AROUND = range(0, 360, 45)


def descent_of(camera: Camera = CORNER) -> Descent:
    """The descent of somebody who stood in the middle."""
    body = Body.of(held(to.STANDING, camera=camera), SIZE)
    trunk = Trunk.of(body)
    assert trunk
    assert body.frame_height
    assert body.feet
    return Descent(1, body.frame_height, trunk.centre, body.feet.y, trunk.hips, 1.0, 0.0)


def look(stance: Stance, heading: float = 90.0, camera: Camera = CORNER, score: float | None = None) -> Look:
    person = held(stance, heading=float(heading), camera=camera)
    if score is not None:
        person = person._replace(pose=person.pose._replace(score=score))
    return look_at(Body.of(person, SIZE), descent_of(camera))


@CAMERAS
def test_who_stands_is_up_and_nobody_on_the_floor_is(camera: Camera) -> None:
    for heading in ALL_AROUND:
        assert look(to.STANDING, heading, camera) is Look.UP
        for down in (to.FALLEN_ASIDE, to.FALLEN_AHEAD, to.FALLEN_BACK, to.SIDE_SITTING):
            assert look(down, heading, camera) is not Look.UP


@CAMERAS
@pytest.mark.parametrize("stance", [to.FALLEN_ASIDE, to.FALLEN_AHEAD, to.FALLEN_BACK])
def test_who_has_fallen_lies_but_where_the_legs_hide_it(stance: Stance, camera: Camera) -> None:
    assert [look(stance, heading, camera) for heading in ALL_AROUND].count(Look.LYING) >= 5


@CAMERAS
@pytest.mark.parametrize("stance", [to.SITTING, to.BENT, to.SQUAT, to.TYING, to.KNEELING, to.SIDE_SITTING])
def test_who_sits_bends_or_kneels_does_not_lie(stance: Stance, camera: Camera) -> None:
    for heading in ALL_AROUND:
        assert look(stance, heading, camera) is not Look.LYING, heading


def test_a_level_trunk_that_did_not_come_down_only_bends() -> None:
    bent = without(held(to.BENT, heading=90.0), "Ankle")
    assert look_at(Body.of(bent, SIZE), descent_of()) is not Look.LYING


def test_a_trunk_over_the_feet_crouches() -> None:
    assert look(to.TYING, 90.0) is Look.SITTING
    assert look(to.TYING, 90.0, score=0.4) is Look.CROUCHING


def test_only_a_plain_body_says_that_it_sits() -> None:
    assert look(to.SIDE_SITTING, 180.0) is Look.SITTING
    assert look(to.SIDE_SITTING, 180.0, score=0.4) is Look.CROUCHING
    hidden = without(held(to.FALLEN_ASIDE), "Hip", "Ankle")
    assert look_at(Body.of(hidden, SIZE), descent_of()) is Look.PLAIN
    vague = hidden._replace(pose=hidden.pose._replace(score=0.4))
    assert look_at(Body.of(vague, SIZE), descent_of()) is Look.VAGUE


def looks(what: Look, rate: float, seconds: float, evidence: Evidence | None = None) -> Evidence:
    evidence = evidence or Evidence()
    for number in range(int(seconds * rate)):
        evidence.add(what, number / rate)
    return evidence


@pytest.mark.parametrize("rate", [5.0, 10.0, 15.0, 30.0])
def test_times_count_and_not_numbers_of_looks(rate: float) -> None:
    assert not looks(Look.LYING, rate, 0.9).is_lying(1.0)
    assert looks(Look.LYING, rate, 1.6).is_lying(5.0)
    for against in (Look.SITTING, Look.UP, Look.PLAIN):
        assert not looks(against, rate, 5.0, evidence=looks(Look.LYING, rate, 5.0)).is_lying(5.0)
        assert not looks(against, rate, 2.0).is_unopposed(5.0)
        assert looks(against, rate, 1.2).is_unopposed(5.0)


def test_what_happens_while_the_body_comes_down_speaks_neither_way() -> None:
    evidence = looks(Look.UP, 30.0, 0.99)
    assert evidence.is_unopposed(5.0)
    looks(Look.LYING, 30.0, 3.0, evidence=evidence)
    assert evidence.is_lying(5.0)


def test_unsure_looks_are_doubt_but_not_against_a_fall() -> None:
    evidence = looks(Look.CROUCHING, 15.0, 5.0)
    assert evidence.is_unopposed(5.0)
    looks(Look.LYING, 15.0, 3.0, evidence=evidence)
    assert not evidence.is_lying_likely


def test_one_look_makes_nothing_likely() -> None:
    evidence = Evidence()
    evidence.add(Look.LYING, 0.2)
    assert not evidence.is_lying_likely
    evidence.add(Look.LYING, 0.27)
    assert evidence.is_lying_likely


def test_lying_that_is_seldom_seen_is_not_certain() -> None:
    evidence = Evidence()
    for second in range(4):
        evidence.add(Look.LYING, 1.0 + 2 * second)
    assert not evidence.is_lying(12.0)
    assert evidence.is_lying(8.0)


def test_certainty_is_how_plainly_the_body_lies() -> None:
    assert Evidence().certainty == 0.0
    assert looks(Look.LYING, 15.0, 5.0).certainty == 1.0
    assert looks(Look.LYING, 20.0, 0.5).certainty == 0.5
    assert 0.4 < looks(Look.SITTING, 15.0, 5.0, evidence=looks(Look.LYING, 15.0, 5.0)).certainty < 0.6
