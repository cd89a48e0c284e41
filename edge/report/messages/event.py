"""The messages on ``event/<kind>`` and ``late/<kind>``: something that happened."""

from dataclasses import replace
from typing import Any

from edge.report.analytics.event import Event
from edge.report.analytics.registry import EVENTS
from edge.report.fields import Number, Text, Words
from edge.report.messages.message import NAME, PERSON_ID, Message, time_field
from edge.wire import MAX_POSES

EVENT = Message(
    name="event",
    meaning="Something that happened; its topic is `event/<kind>`.",
    fields={
        "time": time_field("when the picture was taken that made it certain"),
        "kind": Words(allowed=tuple(EVENTS), nullable=False, help="as in the topic ([analytics.md](analytics.md))"),
        "id": replace(PERSON_ID, nullable=True, help="of the person, where it has one"),
        "zone": replace(NAME, nullable=True, help="name of the zone, where it has one"),
        "people": Number(low=0, high=MAX_POSES, help="how many people are there then; null where that is not known"),
        "confidence": Number(low=0, high=1, step=0.01, unit="0..1", nullable=False, help="how sure it is"),
        "run": Text(
            longest=8, nullable=False, help="names a count of events; another one begins where the count is not known"
        ),
        "sequence": Number(
            low=1,
            high=2**53 - 1,
            nullable=False,
            help="counts the events of a run: twice the same is one event said twice, a gap is events that were lost",
        ),
    },
    details={kind: event.details for kind, event in EVENTS.items()},
    qos=1,
    expires=60,
)

LATE = replace(
    EVENT,
    name="late",
    meaning="An event that the broker did not take in time, with its own `time`; its topic is `late/<kind>`.",
    expires=0,
)


def event_payload(event: Event, time: float, people: int | None = None) -> dict[str, Any]:
    """Build the message.

    Args:
        event: What happened.
        time: When the picture was taken that made it certain, s since 1970.
        people: How many people are there then; None where it is not known.

    Returns:
        The payload, with the details of its kind; without its number, which ``Outbox`` gives it.
    """
    common = EVENT.build(
        time=time,
        kind=event.kind,
        id=event.person,
        zone=event.zone,
        people=people,
        confidence=event.confidence,
    )
    return {**common, **event.details}
