"""All messages, and the JSON Schemas (2020-12) that ``posenet-edge schema`` prints."""

from edge.report.json_schema import Schema
from edge.report.messages.event import EVENT, LATE
from edge.report.messages.health import HEALTH
from edge.report.messages.message import DIALECT, Message
from edge.report.messages.places import PLACES
from edge.report.messages.poses import POSES
from edge.report.messages.state import STATE_MESSAGE

MESSAGES: dict[str, Message] = {
    message.name: message for message in (POSES, STATE_MESSAGE, EVENT, LATE, PLACES, HEALTH)
}
"""By the first level of their topics below the sensor's."""
SCHEMAS: dict[str, Schema] = {
    **{name: message.schema() for name, message in MESSAGES.items()},
    "availability": {
        "$schema": DIALECT,
        "title": "posenet-edge availability",
        "description": "The bare word, not JSON, retained; offline is also the last will.",
        "enum": ["online", "offline"],
    },
}
