"""The message on ``state``: what the poses mean at present."""

from collections.abc import Mapping
from typing import Any

from edge.report.messages.fields import STATE
from edge.report.messages.message import Message, time_field

STATE_MESSAGE = Message(
    name="state",
    meaning="What the poses mean at present; null is what is not known, and what is switched off is left out.",
    fields={"time": time_field("when this was said"), **STATE},
    optional=tuple(STATE),
    retained=True,
    qos=1,
)


def state_payload(state: Mapping[str, Any], time: float) -> dict[str, Any]:
    """Build the message.

    Args:
        state: All that is known, by key of ``STATE``.
        time: Of this message, s since 1970.

    Returns:
        The payload.
    """
    return STATE_MESSAGE.build(time=time, **state)
