"""Tells discovery messages of this sensor from those of others.

Another device may use the same id, and its messages are neither to be removed nor to be overwritten.
"""

import json
from typing import Any

from edge.config.shapes import show

ORIGIN = "posenet-edge"
"""``origin.name`` of every discovery message of a sensor."""


def identifier(identity: str) -> str:
    """The one in ``device.identifiers``, by which Home Assistant knows the device."""
    return f"posenet_edge_{identity}"


def is_ours(payload: bytes, identity: str) -> bool:
    """Tell whether a discovery message was written by a sensor of this id, in this version or an earlier one."""
    message = _parsed(payload)
    origin, device = _part(message, "origin", "o"), _part(message, "device", "dev")
    named = _either(device, "identifiers", "ids")
    identifiers = named if isinstance(named, list) else [named]
    return _either(origin, "name") == ORIGIN and identifier(identity) in identifiers


def owner(payload: bytes) -> str:
    """Describe whose a discovery message seems to be, for people; short, since anybody may have written it."""
    message = _parsed(payload)
    device, origin = _part(message, "device", "dev"), _part(message, "origin", "o")
    for kind, found in (
        ("the device", _either(device, "name")),
        ("the device", _either(device, "identifiers", "ids")),
        ("a device of", _either(device, "manufacturer", "mf")),
        ("a device of", _either(origin, "name")),
        ("an entity", _either(message, "name")),
        ("an entity", _either(message, "unique_id", "uniq_id")),
    ):
        if found:
            return f"{kind} {show(found)}"
    return "a device that does not say its name"


def _parsed(payload: bytes) -> dict[str, Any]:
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _part(message: dict[str, Any], *names: str) -> dict[str, Any]:
    found = _either(message, *names)
    return found if isinstance(found, dict) else {}


def _either(message: dict[str, Any], *names: str) -> Any:
    """The value under a key or its abbreviation, both of which Home Assistant reads."""
    return next((message[name] for name in names if name in message), None)
