"""Rate control: keeps the processor's temperature and the latency within bounds, by looking at fewer frames a second.

The rate is lowered in steps, and raised again in steps once there is some room below the bounds for a while. So it
never swings faster than the heat of the machine does.
"""

import math
from typing import NamedTuple

from edge.config.settings import DutySettings

LEAST_RATE = 2.0
"""Frames a second that are always looked at: less, and a fall would be over between two of them."""
DOWN_S, UP_S = 10.0, 30.0
"""Time between two steps down, and time within the inner bounds before a step up."""
_STEP = 2 / 3
"""Factor of a step down; a step up is as large."""
_SAVED_FRAMES = 2.0
"""Number of frames that may be saved: a camera's do not come just when one is due."""
_COOLER_BY = 5.0
"""Degrees below ``duty.max_temperature`` at which it is cool enough for more."""
_FASTER_BY = 0.7
"""Part of ``duty.max_latency`` below which there is time for more."""


class Readings(NamedTuple):
    """How the machine is."""

    temperature: float | None
    """Temperature of the processor, degrees Celsius; None where it is not known."""
    throttled: bool
    """The firmware slows the processor down because of its heat."""
    latency: float
    """Median time from the capture of a frame to its line, s; 0 without frames."""


class RateControl:
    """``judge`` the readings every few seconds; ``admits`` tells of each frame whether it may be looked at."""

    def __init__(self, settings: DutySettings, most: float) -> None:
        """Begin with all frames.

        Args:
            settings: The bounds; may be replaced at any time.
            most: Frames a second that the camera gives.
        """
        self.settings = settings
        self.rate = most
        """Most frames a second that may be looked at."""
        self.reason = ""
        """Why ``rate`` is lower than what the camera gives: a word of ``edge.wire.DUTIES``; empty: it is not."""
        self.refused = 0
        """Number of frames that may not be."""
        self.is_well = False
        """Every frame is looked at, and there is room below the bounds, by the last readings."""
        self._most = most
        self._stepped_at = -math.inf
        self._good_since: float | None = None
        self._share = 0.0
        self._last = -math.inf

    def judge(self, readings: Readings, now: float, least: float = LEAST_RATE) -> str:
        """Take in readings.

        Args:
            readings: How the machine is.
            now: Of them, monotonic s.
            least: Frames a second below which the rate is not lowered now.

        Returns:
            Why fewer frames than ``least`` ought to be looked at, a word as ``reason``; empty: they need not.
        """
        self.is_well = False
        if not self.settings.enabled:
            self.rate, self.reason, self._good_since = self._most, "", None
            return ""
        if why := self._why_less(readings):
            self._good_since = None
            if now - self._stepped_at >= DOWN_S:
                least = min(least, self._most)
                self.reason = why
                if self.rate <= least:
                    return why
                self.rate, self._stepped_at = max(least, self.rate * _STEP), now
        elif not self._is_good(readings):
            self._good_since = None
        elif self.reason:
            if self._good_since is None:
                self._good_since = now
            if now - self._good_since >= UP_S:
                self.rate, self._stepped_at, self._good_since = min(self._most, self.rate / _STEP), now, now
                self.reason = self.reason if self.rate < self._most else ""
        else:
            self.is_well = True
        return ""

    def admits(self, now: float) -> bool:
        """Tell whether a frame of ``now`` s may be looked at; the others are to be passed over without a trace."""
        passed, self._last = max(0.0, now - self._last), now
        self._share = min(_SAVED_FRAMES, self._share + passed * self.rate)
        if not self.reason:
            return True
        if self._share < 1.0:
            self.refused += 1
            return False
        self._share -= 1.0
        return True

    def _why_less(self, readings: Readings) -> str:
        temperature, throttled, latency = readings
        if throttled or (temperature is not None and temperature >= self.settings.max_temperature):
            return "hot"
        return "slow" if latency > self.settings.max_latency else ""

    def _is_good(self, readings: Readings) -> bool:
        temperature, _, latency = readings
        is_cool = temperature is None or temperature <= self.settings.max_temperature - _COOLER_BY
        return is_cool and latency <= _FASTER_BY * self.settings.max_latency
