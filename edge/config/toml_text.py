"""Write TOML, which the standard library only reads; whoever installs has nothing else."""

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any


def as_toml(table: Mapping[str, Any]) -> str:
    """Write a configuration as TOML.

    Args:
        table: Sections, lists of sections, and values as ``tomllib`` reads them.

    Returns:
        Text that ``tomllib`` reads as the same.
    """
    blocks = []
    for name, part in table.items():
        if isinstance(part, list) and part and all(isinstance(entry, dict) for entry in part):
            blocks += [_block(f"[[{_key(name)}]]", entry) for entry in part]
        elif isinstance(part, dict):
            blocks.append(_block(f"[{_key(name)}]", part))
        else:
            blocks.insert(0, f"{_key(name)} = {toml_value(part)}\n")
    return "\n".join(blocks)


def toml_value(value: Any) -> str:
    """Write a value as TOML, on one line."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key)} = {toml_value(part)}' for key, part in value.items())}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    return repr(value)


def _block(heading: str, entries: Mapping[str, Any]) -> str:
    return "\n".join([heading, *(f"{_key(key)} = {toml_value(value)}" for key, value in entries.items()), ""])


def _key(name: str) -> str:
    plain = name and name.isascii() and all(character.isalnum() or character in "-_" for character in name)
    return name if plain else _text(name)


def _text(text: str) -> str:
    """Write a basic string: as in JSON, but for DEL, which TOML wants escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
