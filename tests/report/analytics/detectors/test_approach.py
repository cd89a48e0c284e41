"""Coming nearer and going away: who walks is seen to, and who bends, turns or sits down is still."""

from collections.abc import Iterable, Iterator

import pytest

from edge.pose import Person
from edge.report.analytics.detectors.approach import Approach, ApproachSettings
from edge.tools.simulate.gait import walk
from edge.tools.simulate.motion import Act, Actor, hold
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import Scene, frames
from edge.tools.simulate.stances import STANDING
from tests.support.scene_player import SIZE, Said, act, floor_of, kinds, nobody, play, standing, without

LOOKS = ((EXACT, 0), (Noise(), 1), (Noise(), 2), (Noise(), 3))


def approach(on_floor: bool = False) -> Approach:
    return Approach(ApproachSettings(), on_floor)


def words(said: Iterable[Said]) -> list[str | None]:
    """The states one after the other, without repetitions."""
    found: list[str | None] = []
    for each in said:
        if found[-1:] != [each.state["approach"]]:
            found.append(each.state["approach"])
    return found


def scene_of(camera: Camera, x: float, y: float, heading: float, *acts: Act) -> Scene:
    actor = Actor(STANDING._replace(x=x, y=y, heading=heading), *acts)
    return Scene("", "", (), actor.duration, (actor,), camera)


@pytest.mark.parametrize("camera", [CORNER, SHELF])
@pytest.mark.parametrize("rate", [5.0, 10.0, 15.0])
@pytest.mark.parametrize("on_floor", [False, True])
def test_who_walks_up_approaches_once_and_who_walks_off_leaves(camera: Camera, rate: float, on_floor: bool) -> None:
    floor = floor_of(camera) if on_floor else None
    away = scene_of(camera, 0.0, 2.2, 0.0, hold(1.0), walk(0.3, 6.5), hold(2.0))
    both = scene_of(camera, 0.0, 5.5, 180.0, hold(1.0), walk(0.2, 2.8), hold(1.5), walk(0.0, 6.0), hold(1.0))
    for noise, seed in LOOKS:
        said = act(approach(on_floor), "approach", camera, rate, noise, seed, floor)
        assert kinds(said) == ["approaching"]
        assert words(said) == [None, "still", "approaching", "still"]
        for seen, expected in ((away, ["receding"]), (both, ["approaching", "receding"])):
            said = play(approach(on_floor), frames(seen, rate, SIZE, noise, seed), floor)
            assert kinds(said) == expected


@pytest.mark.parametrize(
    "name", ["stand-still", "walk-through", "pick-up", "squats", "sit-fast", "fall-forward", "wave"]
)
@pytest.mark.parametrize("camera", [CORNER, SHELF])
def test_whoever_does_not_walk_up_or_off_is_still(name: str, camera: Camera) -> None:
    for noise, seed in LOOKS:
        for floor in (None, floor_of(camera)):
            said = act(approach(floor is not None), name, camera, 10.0, noise, seed, floor)
            assert kinds(said) == []
            assert {each.state["approach"] for each in said} <= {None, "still"}


def test_nothing_is_known_of_nobody_of_a_moment_and_of_too_few_frames() -> None:
    assert approach().state == {"approach": None}
    said = play(
        approach(), [*nobody(2), *((3 + n / 10, [standing(0.0, 4.0)]) for n in range(60)), *nobody(2, start=9.1)]
    )
    assert words(said) == [None, "still", None]
    assert next(each.time for each in said if each.state["approach"]) == pytest.approx(4.1, abs=0.2)
    assert words(act(approach(), "approach", rate=1.0)) == [None]
    assert kinds(act(approach(), "approach", rate=3.0)) == ["approaching"]


def coming(speed: float, start: float = 5.5, number: int = 1) -> Iterator[Person]:
    """Somebody who slides along, 10 frames a second for 3 s."""
    for index in range(30):
        yield standing(-0.5, start - speed * index / 10, number)


def test_the_state_is_of_the_nearest() -> None:
    near = standing(0.8, 2.5, 2)
    together = [(index / 10, [person, near]) for index, person in enumerate(coming(1.0))]
    said = play(approach(), together)
    assert [(event.kind, event.person) for each in said for event in each.events] == [("approaching", 1)]
    assert words(said) == [None, "still"]
    alone = [(index / 10, [person]) for index, person in enumerate(coming(1.0))]
    assert words(play(approach(), alone)) == [None, "still", "approaching"]


def test_who_grows_on_the_spot_or_lifts_the_feet_goes_nowhere() -> None:
    """Each alone deceives; the size of who turns changes, and the feet of who lies down do."""
    here = standing(0.0, 4.0)
    grown = [(n / 10, [scaled(here, 1 + n / 100)]) for n in range(40)]
    assert kinds(play(approach(), grown)) == []
    lifted = [(n / 10, [moved(here, "Ankle", down=4.0 * n)]) for n in range(40)]
    assert kinds(play(approach(), lifted)) == []
    both = [(n / 10, [moved(scaled(here, 1 + n / 50), "Ankle", down=4.0 * n)]) for n in range(40)]
    assert kinds(play(approach(), both)) == ["approaching"]
    # Where no feet are seen size alone must do, and twice as much of it.
    for step, expected in ((1 / 80, []), (1 / 20, ["approaching"])):
        unseen = [(n / 10, [without(scaled(here, 1 + step * n), "Ankle")]) for n in range(40)]
        assert kinds(play(approach(), unseen)) == expected


def scaled(person: Person, factor: float) -> Person:
    """The same, larger about its feet."""
    points = person.pose.keypoints
    x, y = (points[15].x + points[16].x) / 2, (points[15].y + points[16].y) / 2
    larger = (point._replace(x=x + (point.x - x) * factor, y=y + (point.y - y) * factor) for point in points)
    return person._replace(pose=person.pose._replace(keypoints=tuple(larger)))


def moved(person: Person, part: str, down: float) -> Person:
    names = {"Ankle": (15, 16)}[part]
    points = [
        point._replace(y=point.y + down) if number in names else point
        for number, point in enumerate(person.pose.keypoints)
    ]
    return person._replace(pose=person.pose._replace(keypoints=tuple(points)))
