"""The bound on what second looks cost."""

from edge.config.settings import AttentionSettings

_MIN_SHARE = 0.1
"""Part of the time that is left to second looks on a machine that is busy with frames: without any, somebody who lies
would never be found there."""
_SAVED_LOOKS = 2.0
"""Number of looks that may be saved: frames do not come at quite equal intervals."""
_LOAD_S = 2.0
"""Time over which the load by frames is averaged."""


class Budget:
    """Second looks that may still be made: ``attention.looks`` a second, which take ``attention.share`` of the time."""

    def __init__(self, settings: AttentionSettings) -> None:
        self.settings = settings
        self._looks = 1.0
        self._seconds = 0.0
        self._load = 1.0
        self._now: float | None = None

    def begin(self, now: float) -> None:
        """Begin a frame at ``now`` s, on the clock of the frames; a step backwards counts as no time."""
        passed = 0.0 if self._now is None else max(0.0, now - self._now)
        self._now = now
        self._load *= max(0.0, 1 - passed / _LOAD_S)
        share = min(self.settings.share, max(_MIN_SHARE, 1 - self._load))
        self._looks = min(_SAVED_LOOKS, self._looks + self.settings.looks * passed)
        self._seconds = min(self._seconds + share * passed, share)

    def framed(self, seconds: float) -> None:
        """Note the time that the frame itself took, s."""
        self._load += seconds / _LOAD_S

    def allows(self) -> bool:
        """Tell whether a second look may be made now."""
        return self.settings.looks > 0 and self._looks >= 1 and self._seconds >= 0

    def looked(self, seconds: float) -> None:
        """Note the time that a second look took, s."""
        self._looks -= 1
        self._seconds -= seconds
