"""Model control: a smaller model where fewer frames alone do not help, and the larger one again much later.

Only with ``model.file = "auto"``. On a machine that is hot or slow the rate of frames is lowered first, to the one that
is to be kept, then the model, then the rate again. It never flaps: a larger model comes back after ten minutes of work
without any trouble at the earliest, and each time that this turns out to have been too early, after twice that time.
"""

import math
from collections.abc import Sequence

from edge.config.settings import DutySettings

DOWN_S = 60.0
"""Least time between two changes, in which the first one shows what it brings: heat takes its time."""
SLOW_S = 30.0
"""Time for which a look must take too long: a backup at night may end by itself."""
UP_S, LONGEST_UP_S = 600.0, 86400.0
"""Time of work without trouble before a larger model is tried again, at first, and at most after many vain tries."""
HELD_S = 3600.0
"""A larger model that was kept for less was a vain try."""
_GAP_S = 10.0
"""Most time between two judgements that counts."""


class ModelControl:
    """``judge`` every few seconds; ``index`` tells which model is to run, and ``reason`` why."""

    def __init__(
        self, settings: DutySettings, pixels: Sequence[int], index: int, look: float | None, most: float, longest: float
    ) -> None:
        """Begin with the model that was chosen at the start.

        Args:
            settings: Whether anything is changed; may be replaced at any time.
            pixels: Height times width of the input of each model, the smallest first. The time of a look grows with
                them: docs/duty.md.
            index: Of the chosen one.
            look: Time of a look with it in the trial, s; None: there was nothing to choose.
            most: Greatest time of a look for which a model is chosen, s.
            longest: Greatest time of a look that keeps the rate, s.
        """
        self.settings = settings
        self.index = index
        self._pixels = pixels
        self._most, self._longest = most, longest
        self._too_slow = look is not None and look > longest
        self._word = "fits" if look is not None else "set"
        self._slow_s = self._good_s = 0.0
        self._wait_s = UP_S
        self._judged_at, self._changed_at = math.inf, -math.inf
        self._raised_at: float | None = None
        """When the last change was one to a larger model; None if it was not."""

    @property
    def reason(self) -> str:
        """Why this model runs: a word of ``edge.wire.MODEL_CHOICES``."""
        if self._word == "set":
            return "set"
        if self._too_slow and self.index == 0:
            return "too_slow"
        return "largest" if self.index == len(self._pixels) - 1 else self._word

    def spares_frames(self, now: float) -> bool:
        """Tell whether no smaller model is left, so that fewer frames have to do, at ``now``, monotonic s."""
        return not self.settings.enabled or (self.index == 0 and now - self._changed_at >= DOWN_S)

    def judge(self, look: float | None, trouble: str, is_well: bool, now: float) -> None:
        """Take in how the machine is.

        Args:
            look: Median time of a look lately, s; None while the model hardly works, which tells nothing.
            trouble: ``hot`` or ``slow``, if it is so although as few frames are looked at as are to be kept; or empty.
            is_well: Every frame is looked at, and there is room below all bounds.
            now: Monotonic, s.
        """
        passed, self._judged_at = max(0.0, min(now - self._judged_at, _GAP_S)), now
        if look is None or not self.settings.enabled or self._word == "set":
            self._slow_s = 0.0
            return
        self._slow_s = self._slow_s + passed if look > self._longest else 0.0
        if self._slow_s >= SLOW_S:
            self._too_slow, trouble = True, trouble or "slow"
        elif look <= self._longest:
            self._too_slow = False
        if trouble:
            self._good_s = 0.0
            if self.index > 0 and now - self._changed_at >= DOWN_S:
                self._lower(trouble, now)
            return
        self._good_s = self._good_s + passed if is_well and look <= self._longest else 0.0
        if self._good_s >= self._wait_s and self._expected(look) <= self._most:
            self._raise(now)

    def _expected(self, look: float) -> float:
        """Time that a look with the next larger model would take; infinite if there is none."""
        larger = self._pixels[self.index + 1 : self.index + 2]
        return look * larger[0] / self._pixels[self.index] if larger else math.inf

    def _lower(self, why: str, now: float) -> None:
        self.index -= 1
        self._word, self._changed_at = why, now
        self._slow_s, self._too_slow = 0.0, False
        if self._raised_at is not None:
            is_vain = now - self._raised_at < HELD_S
            self._wait_s, self._raised_at = min(2 * self._wait_s, LONGEST_UP_S) if is_vain else UP_S, None

    def _raise(self, now: float) -> None:
        self.index += 1
        self._changed_at = self._raised_at = now
        self._good_s = 0.0
