"""A published message: declared once; its schema, its strict reader and its rows in docs/messages.md follow from that.

Each message has a file beside this one, with its declaration and the function that builds its payload.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edge.errors import BadLine
from edge.report.fields import Field, Number, Text, object_of, rows
from edge.report.json_schema import Schema, check
from edge.strict_json import parse
from edge.wire import MAX_ID, RANGES

VERSION = 2
"""Version of all published messages: it grows with every change that a consumer may have to follow."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"

NAME = Text(longest=32, nullable=False)
"""Name of a zone, a line, an ignored part of the picture or a rule, as in the settings."""
PERSON_ID = Number(low=1, high=MAX_ID, nullable=False)
SCORE = Number(low=0, high=1, step=0.001, unit="0..1", nullable=False)


def time_field(meaning: str) -> Number:
    """Declare the ``time`` of a message, in seconds since 1970 to the millisecond; meaning: what happened then."""
    return Number(low=0, high=1e12, step=0.001, unit="s since 1970", nullable=False, help=meaning)


def from_line(name: str, **declaration: Any) -> Number:
    """Declare a number that a line of ``sense`` has under this name, within the bounds that it has there."""
    low, high = RANGES[name]
    return Number(low=low, high=high, **declaration)


SIDE = from_line("width", unit="px", nullable=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Declaration of what is published on one topic; each message also has the key ``version``.

    Attributes:
        name: The topic below the sensor's, and the name of the schema.
        meaning: One sentence, for the schema and docs/messages.md.
        fields: Every key that it may have, in their order.
        optional: The keys that may be missing.
        one_of: Of these optional keys, exactly one is there.
        details: Further keys, by the value of ``kind``; a message of that kind has all of them, and no other's.
        retained: Whether the broker keeps the last one.
        qos: Quality of service.
        expires: Seconds after which a broker of MQTT 5 no longer hands it on; 0: never.
        readable: The versions that are read. An earlier one is, as long as nothing in this message has changed.
    """

    name: str
    meaning: str
    fields: Mapping[str, Field]
    optional: Collection[str] = ()
    one_of: Sequence[str] = ()
    details: Mapping[str, Mapping[str, Field]] = field(default_factory=dict)
    retained: bool = False
    qos: int = 0
    expires: int = 0
    readable: Collection[int] = (VERSION,)

    @property
    def needed(self) -> list[str]:
        """The keys that are always there."""
        return [key for key in self.fields if key not in self.optional and key not in self.one_of]

    def schema(self) -> Schema:
        """Describe the message as JSON Schema (2020-12)."""
        details = {name: part for parts in self.details.values() for name, part in parts.items()}
        body = object_of({**self.fields, **details}, self.needed)
        return {
            "$schema": DIALECT,
            "title": f"posenet-edge {self.name}",
            "description": self.meaning,
            **body,
            "properties": {"version": {"const": VERSION}, **body["properties"]},
            "required": ["version", *body["required"]],
            **({"oneOf": [{"required": [key]} for key in self.one_of]} if self.one_of else {}),
            **({"allOf": [self._details_schema(kind) for kind in self.details]} if self.details else {}),
        }

    def _details_schema(self, kind: str) -> Schema:
        own = ["version", *self.fields, *self.details[kind]]
        return {
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {"required": own, "propertyNames": {"enum": own}},
        }

    def build(self, **values: Any) -> dict[str, Any]:
        """Make a payload of this version; numbers come to the steps and into the bounds of their fields."""
        return {"version": VERSION, **{key: self.fields[key].quantize(value) for key, value in values.items()}}

    def read(self, payload: bytes) -> dict[str, Any]:
        """Read a message strictly: what the schema does not allow is refused.

        Args:
            payload: As it arrived; anybody who may publish there may have written it.

        Returns:
            Its keys and values, all of them as declared.

        Raises:
            BadLine: It is no such message; ``wrong_version``: it may be one of another version of posenet-edge.
        """
        table = parse(payload, "utf-8")
        if type(table) is not dict:
            raise BadLine("not_an_object")
        version = table.pop("version", None)
        if type(version) is not int:
            raise BadLine("missing_field", "version")
        if version not in self.readable:
            raise BadLine("wrong_version", f"found {str(version)[:20]}, expected {VERSION}")
        details = next((parts for kind, parts in self.details.items() if kind == table.get("kind")), {})
        check(self.name, table, object_of({**self.fields, **details}, [*self.needed, *details]))
        if self.one_of and sum(key in table for key in self.one_of) != 1:
            raise BadLine("missing_field", f"exactly one of {' and '.join(self.one_of)} is expected")
        return {"version": version, **table}

    def rows(self) -> dict[str, Field]:
        """List every field and every named part of one by its path, as docs/messages.md has them.

        Returns:
            The fields that messages of all kinds have; of those of ``one_of``, only the first has rows for its parts,
            which the others share.
        """
        found: dict[str, Field] = {}
        for key, each in self.fields.items():
            found |= {key: each} if key in self.one_of[1:] else rows(key, each)
        return found


def as_json(payload: dict[str, Any]) -> bytes:
    """Write a payload as compact JSON in UTF-8."""
    # Payloads hold no circles, and to look for them takes as long as all the rest.
    return json.dumps(
        payload, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
    ).encode()
