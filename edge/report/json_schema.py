"""JSON Schema (2020-12), as far as ``edge.report.fields`` uses it: the strict check of what somebody else sent."""

import re
from typing import Any

from edge.errors import BadLine

Schema = dict[str, Any]
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def check(name: str, value: Any, schema: Schema) -> None:
    """Check a value that somebody else sent.

    Args:
        name: Of the field, for the error.
        value: As JSON gave it.
        schema: With the bounds of each number and text. Beyond the standard, ``distinct`` names the key by which the
            entries of a list must differ.

    Raises:
        BadLine: It is not what the schema says.
    """
    if "enum" in schema:
        if type(value) not in {type(each) for each in schema["enum"]}:
            raise BadLine("wrong_type", name)
        if value not in schema["enum"]:
            raise BadLine("unknown_word", name)
        return
    kind, allowed = _TYPES.get(type(value), "null"), schema["type"]
    allowed = [allowed] if isinstance(allowed, str) else allowed
    if kind not in allowed and not (kind == "integer" and "number" in allowed):
        raise BadLine("wrong_type", name)
    if kind in ("integer", "number") and not schema["minimum"] <= value <= schema["maximum"]:
        raise BadLine("out_of_range", name)
    if kind == "string" and len(value) > schema["maxLength"]:
        raise BadLine("out_of_range", name)
    if kind == "string" and "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        raise BadLine("wrong_type", name)
    if kind == "array":
        _check_list(name, value, schema)
    if kind == "object":
        _check_object(name, value, schema)


def _check_list(name: str, values: list[Any], schema: Schema) -> None:
    if not schema.get("minItems", 0) <= len(values) <= schema.get("maxItems", len(values)):
        raise BadLine("out_of_range", name)
    for value in values:
        check(name, value, schema["items"])
    key = schema.get("distinct")
    if (key or schema.get("uniqueItems")) and len({value[key] if key else value for value in values}) != len(values):
        raise BadLine("out_of_range", key or name)


def _check_object(name: str, table: dict[str, Any], schema: Schema) -> None:
    if "properties" not in schema:
        if len(table) > schema.get("maxProperties", len(table)):
            raise BadLine("out_of_range", name)
        for key, value in table.items():
            check(name, key, {"type": "string", **schema["propertyNames"]})
            check(name, value, schema["additionalProperties"])
        return
    if unknown := table.keys() - schema["properties"].keys():
        raise BadLine("unknown_field", f"{len(unknown)} of them")
    if missing := [key for key in schema["required"] if key not in table]:
        raise BadLine("missing_field", missing[0])
    for key, value in table.items():
        check(key, value, schema["properties"][key])
