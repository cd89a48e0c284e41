"""Notice a camera that hangs on its side or upside down, by people who are never seen upright."""

from edge.wire import Found, StatusLine

_NEVER_S = 12 * 3600.0
"""Time without anybody upright from which on that is odd: longer than anybody sleeps."""
_MIN_SIGHTINGS = 200
"""Least number of status lines with turned bodies in that time: seven minutes in all, at one line in two seconds."""
_MIN_LEAD = 2.0
"""A direction must be seen so many times as often as any other. docs/calibration.md, Image quality."""
_UPRIGHT_LINES = 5
"""Number of status lines in a row with upright bodies only that prove somebody upright; in a turned frame the model
now and then takes somebody for upright. docs/calibration.md, Image quality."""
_DEGREES = {"left": 90, "down": 180, "right": 270}
"""Degrees clockwise by which a frame must be turned so that heads that point there point up."""


def suggest_turn(sightings: Found, seconds: float) -> int:
    """Tell by how much the frame should be turned.

    Args:
        sightings: Numbers of status lines with sure bodies, by where their heads point.
        seconds: Time in which they were counted, and in which nobody was proved upright.

    Returns:
        90, 180 or 270 degrees clockwise; 0 if nothing is wrong, or too little is known.
    """
    turned = sightings._asdict()
    del turned["upright"]
    (second, _), (most, way) = sorted((count, name) for name, count in turned.items())[-2:]
    if seconds < _NEVER_S or most < _MIN_SIGHTINGS or most < _MIN_LEAD * second:
        return 0
    return _DEGREES[way]


class OrientationMonitor:
    """Counts sightings since ``sense`` started, or since somebody was proved upright."""

    def __init__(self) -> None:
        """Know of nobody."""
        self._sightings = Found()
        self._uptime = self._began_at = 0.0
        self._upright_lines = 0

    def hear(self, line: StatusLine) -> None:
        """Take in the sure bodies of one status line."""
        found = line.found
        if any(found[1:]):
            self._upright_lines = 0
        elif found.upright:
            self._upright_lines += 1
        if line.uptime < self._uptime or self._upright_lines >= _UPRIGHT_LINES:
            self._sightings, self._began_at = Found(), line.uptime
        self._uptime = line.uptime
        # Status lines, not bodies: turned frames are looked at less often than upright ones.
        self._sightings = Found(*(total + bool(count) for total, count in zip(self._sightings, found, strict=True)))

    def suggested_rotate(self, rotate: int, mirror: bool) -> int | None:
        """Suggest another ``camera.rotate``.

        Args:
            rotate: The one in force, degrees clockwise.
            mirror: Whether the frame is mirrored after turning.

        Returns:
            The suggestion; None if there is none.
        """
        turn = suggest_turn(self._sightings, self._uptime - self._began_at)
        return (rotate + (-turn if mirror else turn)) % 360 if turn else None
