"""How bodies move: acts, one after the other, each a time and a stance at every moment of it."""

import cmath
import math
from bisect import bisect_right
from collections.abc import Callable

from edge.tools.simulate.body import HEIGHT, Points, Stance, mix, skeleton

Track = Callable[[float], Stance]
"""The stance so many seconds after an act began."""
Act = Callable[[Stance], tuple[float, Track]]
"""From the stance before it: how long it takes, s, and its track."""
Ease = Callable[[float], float]


def glide(part: float) -> float:
    """From rest to rest with the least jerk (Flash and Hogan, J Neurosci 5 (1985) 1688)."""
    return part**3 * (10 - 15 * part + 6 * part**2)


def topple(part: float) -> float:
    """From rest, ever faster, to a sudden end: an inverted pendulum, linearised."""
    return (math.cosh(2.0 * part) - 1) / (math.cosh(2.0) - 1)


class Actor:
    """Somebody ``height`` m tall who stands on a ``floor`` of that height (m) and does acts, one after the other."""

    def __init__(self, start: Stance, *acts: Act, height: float = HEIGHT, floor: float = 0.0) -> None:
        self._height = height
        self._floor = floor
        self._starts: list[float] = []
        self._tracks: list[Track] = []
        self.duration = 0.0
        """Of all acts, s; then the last stance stays."""
        for act in acts:
            seconds, track = act(start)
            self._starts.append(self.duration)
            self._tracks.append(track)
            self.duration += seconds
            start = track(seconds)

    def stance(self, t: float) -> Stance:
        """The stance at ``t`` s; nobody who lives is quite still, so it sways by some millimetres."""
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
        """The 17 keypoints ``[17, 3]`` in m at ``t`` s."""
        return skeleton(self.stance(t), self._height, self._floor)


def hold(seconds: float) -> Act:
    """Stay so."""
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
    """Take another stance in the same place, or with the point between the ankles moved by ``shift`` (right + i
    forward as it faces at first, m) and the heading turned by ``turn`` degrees.

    ``via`` bends the way there (the middle point of a quadratic Bezier curve).
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
