"""The message on ``state``: what the detectors know, and which commands are in force."""

from edge.config.settings import SENSITIVITIES
from edge.report.analytics import registry
from edge.report.fields import Field, Flag, Words
from edge.report.messages.message import Message, time_field

COMMANDED: dict[str, Field] = {
    "paused": Flag(help="the camera is shut because somebody asked for it; null while `sense` is silent"),
    "sensitivity": Words(allowed=SENSITIVITIES, help="`people.sensitivity`, as set or as commanded"),
    "places_source": Words(
        allowed=("settings", "command"), help="where zones, lines and ignored parts come from: see [places](#places)"
    ),
}
"""The keys of ``state`` that follow ``command/...``."""
STATE: dict[str, Field] = COMMANDED | registry.STATE
"""Every key on ``state`` besides the version and the time."""
STATE_MESSAGE = Message(
    name="state",
    meaning="What the poses mean at present; null is what is not known, and what is switched off is left out.",
    fields={"time": time_field("when this was said"), **STATE},
    optional=tuple(STATE),
    retained=True,
    qos=1,
)
