"""The light level on ``state``: how bright the picture's brightest parts are, in coarse steps.

It is no illuminance: a camera with automatic exposure keeps its pictures about equally bright until it can no longer
compensate for the dark.
"""

from edge import wire
from edge.report.analytics.signal.steps import Steps
from edge.report.messages.state import LIGHT


class LightLevel:
    """``percent`` of white; None while no picture is known."""

    def __init__(self) -> None:
        self._steps = Steps(1 / LIGHT.step)

    def hear(self, line: wire.StatusLine | None) -> None:
        """Take in a status line; None where ``sense`` is silent."""
        self._steps.update(None if line is None or line.brightness is None else 100 * line.brightness)

    @property
    def percent(self) -> float | None:
        """0 (black) to 100 (white), in steps of ``LIGHT``."""
        return self._steps.value
