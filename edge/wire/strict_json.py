"""Reading JSON from somebody who is not trusted: each function raises BadLine with one of ``edge.wire.REASONS``."""

import json
from typing import Any, NoReturn

from edge.errors import BadLine


def parse(line: bytes, encoding: str = "ascii") -> Any:
    """What JSON says, without NaN, infinities and keys that stand twice."""
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
    """``value`` as ``kind``, from ``low`` to ``high``; a whole number serves as a float, a truth value as neither."""
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise BadLine("wrong_type", name)
    if not low <= value <= high:  # an exponent too large for a float arrives here as infinity
        raise BadLine("out_of_range", name)
    return kind(value)


def list_of(value: Any, length: int, name: str) -> list[Any]:
    """``value``, if it is a list of that length."""
    if type(value) is not list or len(value) != length:
        raise BadLine("wrong_type", name)
    return value
