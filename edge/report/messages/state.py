"""The message on ``state``: what the detectors know, which commands are in force, and when that is published.

It is published on a change, at a bounded rate, and again unchanged now and then.
"""

from typing import Any

from edge.config.settings import SENSITIVITIES, Settings
from edge.report.analytics import registry
from edge.report.analytics.base import NOTHING_OFF, SwitchedOff
from edge.report.fields import ByName, Entity, Field, Flag, Group, Number, Text, Words
from edge.report.messages.message import Message, time_field

APART = 0.5
"""Seconds between two messages at least; after a burst of changes the last value still goes out."""
LOOK = 0.1
"""Seconds between two computations of the state at least: one takes as long as hearing a frame."""
AGAIN = 30.0
"""Seconds after which it is published again unchanged."""
EXPIRES = 90
"""Seconds after which a consumer should not rely on the last one any more: two may be lost."""
COMMANDED: dict[str, Field] = {
    "paused": Flag(help="the camera is shut because somebody asked for it; null while `sense` is silent"),
    "sensitivity": Words(allowed=SENSITIVITIES, help="`people.sensitivity`, as set or as commanded"),
    "places_source": Words(
        allowed=("settings", "command"),
        help="where zones, lines, exits and ignored parts come from: see [places](#places)",
    ),
    "profile": Text(nullable=False, help="the profile in force: see [profiles](#profiles)"),
    "switch": Group(
        help="what is on; what is off has no values on `state` and no events",
        parts={
            "detector": Group(
                help="by section of the settings",
                parts={section: Flag(nullable=False) for section in registry.SECTIONS},
            ),
            "zone": ByName(section="zone", of=Flag(nullable=False)),
        },
    ),
}
"""The keys of ``state`` that follow ``command/...``."""
LIGHT = Number(
    low=0,
    high=100,
    step=5,
    unit="%",
    help="how bright the brightest parts of the picture are; relative, not lux, as it depends on the camera's "
    "exposure ([analytics.md](analytics.md#light)); null without a picture",
    entity=Entity(
        "sensor", "Light level", {"icon": "mdi:brightness-6", "unit_of_measurement": "%", "state_class": "measurement"}
    ),
)
OF_SENSE = ("paused", "light")
"""The keys of ``state`` that ``sense`` decides on, besides those that detectors fill."""
STATE: dict[str, Field] = {**COMMANDED, "light": LIGHT, **registry.STATE}
"""Every key on ``state`` besides the version and the time."""
STATE_MESSAGE = Message(
    name="state",
    meaning="What the poses mean at present; null is what is not known, and what is switched off is left out.",
    fields={"time": time_field("when this was said"), **STATE},
    optional=tuple(STATE),
    retained=True,
    qos=1,
    expires=EXPIRES,
)


def switch_state(settings: Settings, off: SwitchedOff = NOTHING_OFF) -> dict[str, dict[str, bool]]:
    """Build ``switch``.

    Args:
        settings: Those in force.
        off: What is switched off of them.

    Returns:
        Whether each detector and each zone is on.
    """
    detectors = {
        section: settings.section(kind).enabled and section not in off.detectors
        for section, kind in registry.SECTIONS.items()
    }
    return {"detector": detectors, "zone": {zone.name: zone.name not in off.zones for zone in settings.zone}}


class StateThrottle:
    """Decide when to compute a state (``wants``) and when to publish it (``due``); asked every quarter of a second."""

    def __init__(self) -> None:
        self._said: Any = None
        self._said_at = self._seen_at = -AGAIN

    def wants(self, now: float) -> bool:
        """Tell whether a state could be published at ``now`` (monotonic s)."""
        return now - self._said_at >= APART and now - self._seen_at >= LOOK

    def due(self, state: dict[str, Any], now: float) -> bool:
        """Tell whether to publish ``state`` at ``now`` (monotonic s); if so, it counts as published."""
        self._seen_at = now
        waited = now - self._said_at
        if waited < APART or (state == self._said and waited < AGAIN):
            return False
        self._said, self._said_at = state, now
        return True
