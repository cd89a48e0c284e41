"""Every scene, for false alarms of whatever has to do with places."""

from collections import Counter

import pytest

from edge.config.settings import LineSettings, ZoneSettings
from edge.geometry.ground_plane import Floor
from edge.report.analytics.body.body import Body
from edge.report.analytics.detectors.approach import Approach, ApproachSettings
from edge.report.analytics.detectors.line_crossing import LineCrossing
from edge.report.analytics.detectors.zone_occupancy import ZoneOccupancy
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import SCENES
from tests.support.scene_player import SIZE, filmed, floor_of, on_floor

EVERYWHERE = ZoneSettings("room", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
STAGE = ((-1.8, 2.6), (1.8, 2.6), (1.8, 5.5), (-1.8, 5.5))
EXIT = ((1.6, 2.4), (1.6, 6.0))
CROSSED = {"walk-through": ["in"], "leave": ["in"], "two-cross": ["in", "out"]}
WALKED_UP = {"approach", "leave-down"}
PERHAPS = {
    "fall-towards": {"approaching"},
    "fall-get-up": {"approaching"},
    "lie-down": {"receding"},
    "leave-by-door": {"receding"},
    "lie-behind-sofa": {"approaching", "receding"},
}
"""Who walks some steps before falling, gets up 0.75 m nearer, or lies down 0.75 m farther back; walks away through a
door; or lies down 0.75 m nearer with the feet out of sight."""


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("camera", [CORNER, SHELF])
@pytest.mark.parametrize("with_floor", [False, True])
def test_only_what_happens_is_said(name: str, camera: Camera, with_floor: bool) -> None:
    floor = floor_of(camera) if with_floor else None
    for noise, seed in ((EXACT, 0), (Noise(), 4), (Noise(), 5)):
        said = happened(name, camera, floor, noise, seed)
        actors = len(SCENES[name].actors)
        assert said["room zone_entered"] == actors
        assert said["room zone_left"] <= actors
        assert said["stage zone_left"] <= said["stage zone_entered"] <= actors
        assert said["in"] == CROSSED.get(name, []).count("in")
        assert said["out"] == CROSSED.get(name, []).count("out")
        ways = {way: said[way] for way in ("approaching", "receding") if said[way]}
        if name in WALKED_UP:
            assert ways == {"approaching": 1}
        else:
            assert ways.keys() <= PERHAPS.get(name, set())
            assert set(ways.values()) <= {1}


def happened(name: str, camera: Camera, floor: Floor | None, noise: Noise, seed: int) -> Counter[str]:
    unit = "metres" if floor else "frame"
    stage, (start, end) = (
        (part if floor else tuple(on_floor(camera, *spot) for spot in part)) for part in (STAGE, EXIT)
    )
    meanings = (
        ZoneOccupancy((EVERYWHERE, ZoneSettings("stage", stage, unit)), 5.0),
        LineCrossing((LineSettings("exit", start, end, unit),)),
        Approach(ApproachSettings(), floor is not None),
    )
    said: Counter[str] = Counter()
    for time, persons in filmed(name, camera, 5.0, noise, seed):
        people = [Body.of(person, SIZE, floor) for person in persons]
        for event in (event for meaning in meanings for event in meaning.update(people, time)):
            said[" ".join(filter(None, (event.zone, str(event.details.get("direction", event.kind)))))] += 1
    return said
