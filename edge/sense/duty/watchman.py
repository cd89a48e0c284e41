"""Watchman: which frames the model looks at, by whether anybody may be there.

Every frame, unless nobody has been found and nothing has moved for a while. Then a few looks a second are enough, as a
picture in which nothing changed shows nobody still; the first motion brings every frame back.
"""

import math

from edge.config.settings import DutySettings
from edge.sense.camera.rotate import Pixels
from edge.sense.duty.motion import Motion

_EARLY = 0.1
"""Part of the time between two looks that may be missing: frames do not come at quite equal intervals."""


class Watchman:
    """For each frame in turn: ``wants(pixels, now)``, and where it does, ``looked(...)`` after the look."""

    def __init__(self, settings: DutySettings) -> None:
        self.settings = settings
        self.is_idle = False
        """Nobody is there, as far as is known, and nothing moved in the last frame."""
        self.spared = 0
        """Number of frames that the model did not look at."""
        self._motion = Motion()
        self._sign_at = self._looked_at = math.inf
        self._in_doubt = False

    def wants(self, pixels: Pixels, now: float) -> bool:
        """Tell whether the model has to look at a frame.

        Args:
            pixels: RGB ``[height, width, 3]``.
            now: Time of the frame, s; a step backwards counts as motion.

        Returns:
            False: nothing moved, and nobody was found for a while.
        """
        if not self.settings.enabled:
            self.is_idle = False
            return True
        if self._motion.sees(pixels, now):
            self._sign_at = now
        self.is_idle = now - self._sign_at >= self.settings.idle_after
        is_early = now - self._looked_at < (1 - _EARLY) / self.settings.floor_rate
        if self.is_idle and is_early and not self._in_doubt:
            self.spared += 1
            return False
        self._looked_at = now
        return True

    def looked(self, somebody: bool, doubt: bool, now: float) -> None:
        """Take in what the look at a frame gave.

        Args:
            somebody: Somebody was found, or is looked for.
            doubt: There is a body that will be a person if the next frames show it too. A cupboard may look like one
                in a single frame, so this is no sign of somebody yet.
            now: Time of the frame, s.
        """
        self._in_doubt = doubt
        if somebody:
            self._sign_at = now
