"""The message on ``event/<kind>``: something that happened."""

from dataclasses import replace
from typing import Any

from edge.errors import BadLine
from edge.report.analytics.event import Event
from edge.report.analytics.registry import EVENTS
from edge.report.fields import Field, Number, Schema, Words, object_schema, read_object
from edge.report.messages.message import NAME, PERSON_ID, Message, time_field


class _EventMessage(Message):
    """A message with further fields, which its ``kind`` decides on."""

    __slots__ = ()

    def schema(self) -> Schema:
        """Describe any event; each kind has its own details, all of them, and no other's."""
        whole = super().schema()
        details = {name: part for kind in EVENTS.values() for name, part in kind.details.items()}
        whole["properties"] |= object_schema(details, ())["properties"]
        return {**whole, "allOf": [self._schema_of(kind) for kind in EVENTS]}

    def _schema_of(self, kind: str) -> Schema:
        own = ["version", *self.fields, *EVENTS[kind].details]
        return {
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {"required": own, "propertyNames": {"enum": own}},
        }

    def rows(self) -> dict[str, Field]:
        """List what all events have; the details of each kind are in docs/analytics.md."""
        return dict(self.fields)

    def _read(self, table: dict[str, Any]) -> dict[str, Any]:
        if "kind" not in table:
            raise BadLine("missing_field", "kind")
        known = {**self.fields, **EVENTS[self.fields["kind"].read("kind", table["kind"])].details}
        return read_object(self.name, table, known, known)


EVENT = _EventMessage(
    name="event",
    meaning="Something that happened; its topic is `event/<kind>`.",
    fields={
        "time": time_field("when the picture was taken that made it certain"),
        "kind": Words(allowed=tuple(EVENTS), nullable=False, help="as in the topic ([analytics.md](analytics.md))"),
        "id": replace(PERSON_ID, nullable=True, help="of the person, where it has one"),
        "zone": replace(NAME, nullable=True, help="name of the zone, where it has one"),
        "confidence": Number(low=0, high=1, step=0.01, unit="0..1", nullable=False, help="how sure it is"),
    },
    qos=1,
    expires=60,
)


def event_payload(event: Event, time: float) -> dict[str, Any]:
    """Build the message.

    Args:
        event: What happened.
        time: When the picture was taken that made it certain, s since 1970.

    Returns:
        The payload, with the details of its kind.
    """
    common = EVENT.build(time=time, kind=event.kind, id=event.person, zone=event.zone, confidence=event.confidence)
    return {**common, **event.details}
