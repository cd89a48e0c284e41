"""Motion of bodies as a sequence of acts, each with a duration and a stance at every moment."""

import cmath
import math
from bisect import bisect_right
from collections.abc import Callable

from edge.tools.simulate.body import HEIGHT, Points, Stance, mix, skeleton

Track = Callable[[float], Stance]
"""From seconds since the act began to the stance."""
Act = Callable[[Stance], tuple[float, Track]]
"""From the stance before the act to its duration, s, and its track."""
Ease = Callable[[float], float]
"""From the fraction of the time to the fraction of the way, both 0 to 1."""


def glide(part: float) -> float:
    """Minimum-jerk motion from rest to rest (Flash and Hogan, J Neurosci 5 (1985) 1688)."""
    return part**3 * (10 - 15 * part + 6 * part**2)


def topple(part: float) -> float:
    """Motion of a falling inverted pendulum, linearised: from rest, accelerating, to a sudden end."""
    return (math.cosh(2.0 * part) - 1) / (math.cosh(2.0) - 1)


class Actor:
    """A person of ``height`` m, on a floor of height ``floor`` m, who performs acts one after the other."""

    def __init__(self, start: Stance, *acts: Act, height: float = HEIGHT, floor: float = 0.0) -> None:
        self._height = height
        self._floor = floor
        self._starts: list[float] = []
        self._tracks: list[Track] = []
        self.duration = 0.0
        """Duration of all acts, s; after them the last stance is kept."""
        for act in acts:
            seconds, track = act(start)
            self._starts.append(self.duration)
            self._tracks.append(track)
            self.duration += seconds
            start = track(seconds)

    def stance(self, t: float) -> Stance:
        """Stance at ``t`` s, with a sway of some millimetres, as of a living person."""
        t = min(max(t, 0.0), self.duration)
        index = bisect_right(self._starts, t) - 1
        stance = self._tracks[index](t - self._starts[index])
        forward, aside = 0.2 * math.sin(math.tau * t / 3.7), 0.2 * math.sin(math.tau * t / 5.3)
        return stance._replace(
            lean=stance.lean + forward,
            pitch=stance.pitch + 2 * forward,
            sway=stance.sway + aside,
            roll=stance.roll + aside,
        )

    def joints(self, t: float) -> Points:
        """Keypoints ``[17, 3]`` in m at ``t`` s."""
        return skeleton(self.stance(t), self._height, self._floor)


def hold(seconds: float) -> Act:
    """Keep the stance."""
    return lambda start: (seconds, lambda _: start)


def become(
    stance: Stance,
    seconds: float,
    *,
    via: Stance | None = None,
    ease: Ease = glide,
    shift: complex = 0j,
    turn: float = 0.0,
) -> Act:
    """Change to another stance.

    Args:
        stance: The stance to reach; its position and heading are ignored.
        seconds: Duration.
        via: Middle control point of a quadratic Bezier curve from one stance to the other.
        ease: Course in time.
        shift: Movement of the point between the ankles, m: right + i forward, as the body faces at first.
        turn: Change of the heading, degrees.

    Returns:
        The act.
    """

    def act(start: Stance) -> tuple[float, Track]:
        place = complex(start.x, start.y) + shift * cmath.rect(1.0, math.radians(start.heading))
        end = stance._replace(x=place.real, y=place.imag, heading=start.heading + turn)
        middle = mix([start, end], [0.5, 0.5])
        if via is not None:
            middle = via._replace(x=middle.x, y=middle.y, heading=middle.heading)

        def track(t: float) -> Stance:
            part = ease(min(1.0, t / seconds))
            return mix([start, middle, end], [(1 - part) ** 2, 2 * part * (1 - part), part**2])

        return seconds, track

    return act
