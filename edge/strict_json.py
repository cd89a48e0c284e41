"""Strict reading of JSON from an untrusted sender; every error is a BadLine with one of ``edge.wire.REASONS``."""

import json
from typing import Any, NoReturn

from edge.errors import BadLine


def parse(line: bytes, encoding: str = "ascii") -> Any:
    """Parse JSON; refuse NaN, infinities and duplicate keys.

    Args:
        line: The text.
        encoding: Of the text: ``ascii`` at the wall, ``utf-8`` for what is published.

    Returns:
        Any JSON value.

    Raises:
        BadLine: The line is not such JSON.
    """
    try:
        return json.loads(line.decode(encoding), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except BadLine:
        raise
    except UnicodeDecodeError:
        raise BadLine("not_text") from None
    except (ValueError, RecursionError):
        raise BadLine("not_json") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise BadLine("duplicate_key")
    return table


def _refuse_constant(_: str) -> NoReturn:
    raise BadLine("not_finite")


def number(name: str, kind: type[int] | type[float], value: Any, low: float, high: float) -> Any:
    """Check type and range of a number; a whole number may stand for a float, a Boolean for neither.

    Returns:
        ``value`` as ``kind``, from ``low`` to ``high``.

    Raises:
        BadLine: It is of another type or out of range.
    """
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise BadLine("wrong_type", name)
    if not low <= value <= high:  # an exponent too large for a float arrives here as infinity
        raise BadLine("out_of_range", name)
    return kind(value)


def list_of(value: Any, length: int, name: str) -> list[Any]:
    """Check that a value is a list of this length.

    Returns:
        The list.

    Raises:
        BadLine: It is not.
    """
    if type(value) is not list or len(value) != length:
        raise BadLine("wrong_type", name)
    return value
