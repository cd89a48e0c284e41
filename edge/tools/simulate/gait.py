"""Walking and turning in steps; a foot that bears weight does not move until it swings."""

import cmath
import math

from edge.tools.simulate.body import HEIGHT, Stance
from edge.tools.simulate.motion import Act, Track, glide
from edge.tools.simulate.stances import STANDING

STEP_TIME_S = 0.517
"""With ``STEP_M`` this is 1.2 m/s at 116 steps a minute: Oberg and others, J Rehabil Res Dev 30 (1993) 210."""
STEP_M = 0.62
_MAX_TURN_STEP_DEG = 45.0
"""Greatest angle of a step when turning on the spot."""
_LIFT = 0.07
"""Height to which an ankle swings, fraction of body height."""
_DROP, _BOB = 0.05, 0.02
"""By how much the hips are lower than when standing, and move up and down; fractions of the straight leg."""
_ARM_SWING_DEG, _ELBOW_SWING_DEG = 20.0, 8.0


def walk(x: float, y: float) -> Act:
    """Walk to (x, y) in m, turning in that direction with the first two steps."""

    def act(start: Stance) -> tuple[float, Track]:
        way = complex(x - start.x, y - start.y)
        count = max(1, math.ceil(abs(way) / STEP_M))
        return _steps(start, way, math.degrees(cmath.phase(way)) - 90.0, count, min(2, count))

    return act


def turn(heading: float) -> Act:
    """Turn to ``heading`` (degrees) on the spot, in the shorter direction."""

    def act(start: Stance) -> tuple[float, Track]:
        count = max(1, math.ceil(abs(_shorter(heading - start.heading)) / _MAX_TURN_STEP_DEG))
        return _steps(start, 0j, heading, count, count)

    return act


def _shorter(angle: float) -> float:
    return (angle + 180.0) % 360.0 - 180.0


def _steps(start: Stance, way: complex, heading: float, count: int, turning: int) -> tuple[float, Track]:
    """Take ``count`` steps along ``way`` (x + iy, m); ``heading`` is reached after ``turning`` of them.

    In units of steps, the hips move from 0 to ``count``, and the footfalls are at 0, 1, 2 ..., even ones of the right
    foot and odd ones of the left. Footfall k bears weight from k - 1/2 to k + 1/2; then the foot swings to k + 2.

    Returns:
        Duration, s, and track.
    """
    rotation = _shorter(heading - start.heading)
    stride = min(1.0, abs(way) / count / STEP_M)

    def place(step: float) -> tuple[complex, float]:
        """Position and heading of the hips after ``step`` steps."""
        step = min(max(step, 0.0), count)
        return complex(start.x, start.y) + way * step / count, start.heading + rotation * min(1.0, step / turning)

    def footfall(number: int, outwards: float) -> complex:
        hips, facing = place(number)
        return hips + cmath.rect(outwards, math.radians(facing))

    def track(t: float) -> Stance:
        step = t / STEP_TIME_S - 0.5
        # The hips accelerate evenly over the first step and slow down evenly over the last one.
        begun, left = min(1.0, step + 0.5), min(1.0, count + 0.5 - step)
        hips, facing = place(step + (1 - begun) ** 2 / 2 - (1 - left) ** 2 / 2)
        feet = {}
        for side, parity, outwards in (("right", 0, STANDING.right_aside), ("left", 1, -STANDING.left_aside)):
            last = 2 * math.floor((step - parity + 0.5) / 2) + parity
            swung = max(0.0, step - last - 0.5)
            ends = [footfall(number, outwards * HEIGHT) for number in (last, last + 2)]
            foot = ends[0] + (ends[1] - ends[0]) * swung**2 * (3 - 2 * swung)
            own = (foot - hips) / HEIGHT * cmath.rect(1.0, -math.radians(facing))
            feet[f"{side}_aside"] = math.copysign(1.0, outwards) * own.real
            feet[f"{side}_ahead"] = own.imag
            feet[f"{side}_lift"] = _LIFT * math.sin(math.pi * swung) ** 2
        pace = glide(begun) * glide(left) * stride
        swing = pace * math.sin(math.pi * step)
        return STANDING._replace(
            x=hips.real,
            y=hips.imag,
            heading=facing,
            reach=STANDING.reach - pace * (_DROP - _BOB * math.cos(math.tau * step)),
            left_flex=-_ARM_SWING_DEG * swing,
            right_flex=_ARM_SWING_DEG * swing,
            left_elbow=STANDING.left_elbow + _ELBOW_SWING_DEG * (pace - swing),
            right_elbow=STANDING.right_elbow + _ELBOW_SWING_DEG * (pace + swing),
            **feet,
        )

    return (count + 1) * STEP_TIME_S, track
