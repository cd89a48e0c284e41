"""JSON Schemas (2020-12) of everything that is published, as ``posenet-edge schema`` prints them."""

from typing import Any

from edge import wire
from edge.config.loader import MOST
from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES
from edge.report.analytics.registry import EVENTS
from edge.report.commands import dispatcher
from edge.report.messages.payload import VERSION
from edge.report.messages.state import STATE

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_UNIT = {"type": "number", "minimum": 0, "maximum": 1}
_COUNT = {"type": "integer", "minimum": 0}
_SECONDS = {"type": "number", "minimum": 0}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """A closed object in which all ``properties`` are required, or just those of ``required``."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_POSE = _object(
    {
        "id": {"type": "integer", "minimum": 1, "maximum": wire.MAX_ID},
        "score": _UNIT,
        "keypoints": {
            "type": "array",
            "maxItems": KEYPOINT_COUNT,
            "items": _object(
                {
                    "part": {"enum": list(KEYPOINT_NAMES)},
                    "position": _object({"x": {"type": "number"}, "y": {"type": "number"}}),
                    "score": _UNIT,
                }
            ),
        },
    }
)

_SIDE = {"type": "integer", "minimum": 1}

POSES: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "posenet-edge poses",
    "description": "One picture's poses; positions in px of the picture, or 0..1 of its sides, as configured.",
    **_object(
        {
            "version": {"const": VERSION},
            "sequence": _COUNT,
            "time": _SECONDS,
            "image": _object({"width": _SIDE, "height": _SIDE}),
            "positions": {"enum": ["pixels", "normalised"]},
            "poses": {"type": "array", "maxItems": wire.MAX_POSES, "items": _POSE},
            "pose": _or_null(_POSE),
        },
        required=["version", "sequence", "time", "image", "positions"],
    ),
    "oneOf": [{"required": ["poses"]}, {"required": ["pose"]}],
}

HEALTH: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "posenet-edge health",
    "description": "How the sensor is; null is what only the sensing process knows while that is silent.",
    **_object(
        {
            "version": {"const": VERSION},
            "time": _SECONDS,
            "uptime": _SECONDS,
            "name": {"type": "string"},
            "software": {"type": "string"},
            "state": {"enum": [*wire.STATES, "silent"]},
            "source": {"enum": [*wire.SOURCES, None]},
            "sealed": {"type": ["boolean", "null"]},
            "breaches": _or_null({"type": "array", "items": {"enum": list(wire.BREACHES)}, "uniqueItems": True}),
            "model": _or_null(
                _object(
                    {
                        "height": _SIDE,
                        "width": _SIDE,
                        "output_stride": {"enum": list(wire.STRIDES)},
                        "quantization": {"enum": list(wire.QUANTIZATIONS)},
                    }
                )
            ),
            "frame_rate": _or_null(_SECONDS),
            "inference_ms": _or_null(_SECONDS),
            "fit_ms": _or_null(_SECONDS),
            "decode_ms": _or_null(_SECONDS),
            "latency_ms": _or_null(_SECONDS),
            "brightness": _or_null(_UNIT),
            "contrast": _or_null(_UNIT),
            "sharpness": _or_null(_SECONDS),
            "temperature": _or_null({"type": "number"}),
            "sense_uptime": _or_null(_SECONDS),
            "frames": _or_null(_COUNT),
            "frames_dropped": _or_null(_COUNT),
            "lines_dropped": _or_null(_COUNT),
            "camera_failures": _or_null(_COUNT),
            "lines_rejected": {
                "type": "object",
                "propertyNames": {"enum": list(wire.REASONS)},
                "additionalProperties": _COUNT,
            },
            "poses_sent": _COUNT,
            "poses_unsent": _COUNT,
            "commands_refused": {
                "type": "object",
                "propertyNames": {"enum": list(dispatcher.REASONS)},
                "additionalProperties": _COUNT,
            },
        }
    ),
}

STATE_MESSAGE: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "posenet-edge state",
    "description": "What the poses mean at present; null is what is not known, and what is switched off is left out.",
    **_object(
        {"version": {"const": VERSION}, "time": _SECONDS} | {key: field.schema() for key, field in STATE.items()},
        required=["version", "time"],
    ),
}

_OF_ANY_EVENT: dict[str, Any] = {
    "version": {"const": VERSION},
    "time": _SECONDS,
    "kind": {"enum": list(EVENTS)},
    "id": _or_null({"type": "integer", "minimum": 1, "maximum": wire.MAX_ID}),
    "zone": _or_null({"type": "string"}),
    "confidence": _UNIT,
}
_DETAILS = {name: field.schema() for kind in EVENTS.values() for name, field in kind.details.items()}


def _of_kind(kind: str) -> dict[str, Any]:
    """An event of that kind has its own details, all of them, and no other's."""
    own = [*_OF_ANY_EVENT, *EVENTS[kind].details]
    return {
        "if": {"properties": {"kind": {"const": kind}}},
        "then": {"required": own, "propertyNames": {"enum": own}},
    }


EVENT: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "posenet-edge event",
    "description": "Something that happened; its topic is event/<kind>.",
    **_object({**_OF_ANY_EVENT, **_DETAILS}, required=list(_OF_ANY_EVENT)),
    "allOf": [_of_kind(kind) for kind in EVENTS],
}

_NAME = {"type": "string", "maxLength": 32}
_CORNER = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_POLYGON = {"type": "array", "items": _CORNER, "minItems": 3, "maxItems": 64}
_UNIT_OF_LENGTH = {"enum": ["frame", "metres"]}
_POINT = {"enum": ["feet", "hips", "head"]}


def _several(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "maxItems": MOST, "items": _object(properties)}


PLACES: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "posenet-edge places",
    "description": "Where zones, lines and ignored parts of the picture are, and the floor: the settings, or as asked.",
    **_object(
        {
            "version": {"const": VERSION},
            "time": _SECONDS,
            "zone": _several(
                {
                    "name": _NAME,
                    "polygon": _POLYGON,
                    "unit": _UNIT_OF_LENGTH,
                    "point": _POINT,
                    "enter": _SECONDS,
                    "leave": _SECONDS,
                    "dwell": _SECONDS,
                }
            ),
            "line": _several(
                {"name": _NAME, "start": _CORNER, "end": _CORNER, "unit": _UNIT_OF_LENGTH, "point": _POINT}
            ),
            "ignore": _several({"name": _NAME, "polygon": _POLYGON}),
            "floor": _or_null(
                _object(
                    {
                        "camera_height": _or_null({"type": "number"}),
                        "tilt": _or_null({"type": "number"}),
                        "field_of_view": _or_null({"type": "number"}),
                        "marks": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                    }
                )
            ),
            "asked": {"type": "boolean"},
        }
    ),
}

AVAILABILITY: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "posenet-edge availability",
    "description": "The bare word, not JSON, retained; offline is also the last will.",
    "enum": ["online", "offline"],
}

SCHEMAS = {
    "poses": POSES,
    "state": STATE_MESSAGE,
    "event": EVENT,
    "places": PLACES,
    "health": HEALTH,
    "availability": AVAILABILITY,
}
"""By the last part of the topic."""
