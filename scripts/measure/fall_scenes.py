"""``python -m scripts.measure.fall_scenes``: count confirmed falls, in falls and similar motions from eight sides.

The fall detector was tuned with the package's scenes; these have other headings, speeds and noise.
"""

import argparse
from collections import Counter
from collections.abc import Iterator

from edge.report.analytics.body.body import People
from edge.report.analytics.detectors.fall import Fall, FallSettings
from edge.tools.simulate import stances as to
from edge.tools.simulate.motion import Act, Actor, become, hold, topple
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF
from edge.tools.simulate.scenes import Scene, frames
from edge.tools.simulate.stances import STANDING

RATE = 8.0
"""Frames per second."""
SIZE = (640, 480)
HEADINGS = range(0, 360, 45)
"""Directions of the body, degrees; 180 faces the camera."""
CAMERAS = {"corner": CORNER, "shelf": SHELF}

_LONG = hold(8.0)
"""Longer than ``fall.confirm``."""
_TIE = (become(to.TYING_ON, 0.5), become(to.TYING, 0.5)) * 6
FALLS: dict[str, tuple[Act, ...]] = {
    "fall aside": (become(to.FALLEN_ASIDE, 1.0, via=to.FALLING_ASIDE, ease=topple), _LONG),
    "fall aside, slowly": (become(to.FALLEN_ASIDE, 1.5, via=to.FALLING_ASIDE, ease=topple), _LONG),
    "fall ahead": (become(to.FALLEN_AHEAD, 1.0, via=to.FALLING_AHEAD, ease=topple), _LONG),
    "fall back": (become(to.FALLEN_BACK, 1.0, via=to.FALLING_BACK, ease=topple), _LONG),
}
OTHERS: dict[str, tuple[Act, ...]] = {
    "tie shoes": (become(to.TYING, 1.8, via=to.STEP_BACK), *_TIE, become(STANDING, 1.8, via=to.STEP_BACK)),
    "tie shoes, fast": (become(to.TYING, 1.0, via=to.STEP_BACK), *_TIE, become(STANDING, 1.2, via=to.STEP_BACK)),
    "pick up, fast": (become(to.BENT, 0.7), hold(0.5), become(STANDING, 0.9)),
    "bend for long": (become(to.BENT, 1.0), _LONG),
    "sit down": (become(to.SITTING, 2.0, via=to.OVER), _LONG),
    "drop on a chair": (become(to.SITTING, 0.7, via=to.OVER), _LONG),
    "drop on a sofa": (become(to.SOFA, 0.6, via=to.INTO), _LONG),
    "squat for long": (become(to.SQUAT, 0.8), _LONG),
    "kneel": (become(to.HALF_KNEELING, 1.5, via=to.STEP_BACK), become(to.KNEELING, 1.0), _LONG),
    "sit on the floor": (become(to.KNEELING, 1.5), become(to.SIDE_SITTING, 1.6), _LONG),
    "lie down on the floor": (
        become(to.KNEELING, 1.8), become(to.SIDE_SITTING, 1.8), hold(0.5), become(to.FALLEN_ASIDE, 2.0), _LONG,
    ),
    "lie down on a bed": (
        become(to.EDGE, 2.0, via=to.OVER), hold(1.5), become(to.LYING, 3.0, shift=0.8 - 0.75j, turn=-90.0), _LONG,
    ),
}  # fmt: skip


def confirmed(acts: tuple[Act, ...], heading: int, seed: int) -> Iterator[tuple[str, bool]]:
    """Play acts in front of each camera.

    Yields:
        The camera's name, and whether a fall was confirmed.
    """
    actor = Actor(STANDING._replace(x=0.0, y=4.0, heading=float(heading)), hold(1.5), *acts)
    for name, camera in CAMERAS.items():
        played = Scene("", "", (), actor.duration, (actor,), camera)
        people, fall = People(), Fall(FallSettings())
        kinds = {
            event.kind
            for t, persons in frames(played, RATE, SIZE, Noise(), seed)
            for event in fall.update(people.see(persons, SIZE, t), t)
        }
        yield name, "fall_confirmed" in kinds


def main() -> None:
    """Print a line for each motion, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="of the noise, for each (default: 3)")
    seeds = parser.parse_args().seeds
    print(f"{'':<24}{'played':>8}{'confirmed':>11}   headings of wrong results")
    for title, acts_by_name, right in (("falls", FALLS, True), ("others", OTHERS, False)):
        sums: Counter[bool] = Counter()
        for name, acts in acts_by_name.items():
            found = [
                (heading, is_fall)
                for heading in HEADINGS
                for seed in range(seeds)
                for _, is_fall in confirmed(acts, heading, 1000 + seed)
            ]
            said = sum(is_fall for _, is_fall in found)
            wrong = Counter(heading for heading, is_fall in found if is_fall is not right)
            print(f"{name:<24}{len(found):>8}{said:>11}   {', '.join(f'{each}: {n}' for each, n in wrong.items())}")
            sums.update(is_fall for _, is_fall in found)
        print(f"{title:<24}{sums.total():>8}{sums[True]:>11}\n")


if __name__ == "__main__":
    main()
