"""One configuration for many sensors: what they share, and by device what is different.

A file for many is a config.toml with a table for each device, ``[device."hall-1"]``, which holds whatever a config.toml
may hold. It is for whoever installs the sensors: a device gets a plain config.toml of its own, so that no service reads
what belongs to another device.
"""

import json
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from edge.config import loader
from edge.config.settings import lists, sections
from edge.config.shapes import show
from edge.errors import BadSetting


def read_devices(path: Path) -> dict[str, dict[str, Any]]:
    """Read a file for many devices.

    Args:
        path: The file.

    Returns:
        By id, in the order of the file, what a config.toml of that device would hold; not checked yet.

    Raises:
        BadSetting: The file cannot be read, names no device, or is no file for many.
    """
    table = loader.read_table(path)
    section = table.pop("device", {})
    if not isinstance(section, dict):
        raise BadSetting(f"{path}: device: expected tables such as [device.hall], found {show(section)}")
    shared = {key: value for key, value in section.items() if not isinstance(value, dict)}
    own = {key: value for key, value in section.items() if isinstance(value, dict)}
    if "id" in shared:
        raise BadSetting(f"{path}: device.id: found {show(shared['id'])}; expected none, as each device has its own")
    if named := next((name for name, changes in own.items() if "id" in changes), None):
        raise BadSetting(f"{path}: device.{named}.id: expected none, as the name of the table is the id")
    if not own:
        raise BadSetting(f"{path}: expected a table for each device, such as [device.hall], found none")
    return {name: _overlaid(table, shared, name, changes) for name, changes in own.items()}


def choose(devices: Mapping[str, dict[str, Any]], name: str, where: str) -> dict[str, Any]:
    """Find a device by its id.

    Returns:
        Its table, of ``devices``.

    Raises:
        BadSetting: There is none; the message names those that are.
    """
    if name not in devices:
        raise BadSetting(f"{where}: no device {show(name)}; expected one of {', '.join(devices)}")
    return devices[name]


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
            blocks.insert(0, f"{_key(name)} = {_value(part)}\n")
    return "\n".join(blocks)


def _overlaid(
    table: Mapping[str, Any], shared: Mapping[str, Any], name: str, changes: dict[str, Any]
) -> dict[str, Any]:
    """Lay the table of one device over what all share: sections key by key, lists as a whole."""
    own = {key: value for key, value in changes.items() if not isinstance(value, dict | list)}
    whole: dict[str, Any] = {"device": {**shared, "id": name, **own}}
    whole |= {key: value for key, value in table.items() if key not in changes}
    for key, value in changes.items():
        if key in own:
            continue
        before = table.get(key)
        whole[key] = {**before, **value} if isinstance(value, dict) and isinstance(before, dict) else value
    order = ["device", *sections(), *lists()]
    return dict(sorted(whole.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))


def _block(heading: str, entries: Mapping[str, Any]) -> str:
    return "\n".join([heading, *(f"{_key(key)} = {_value(value)}" for key, value in entries.items()), ""])


def _key(name: str) -> str:
    plain = name and name.isascii() and all(character.isalnum() or character in "-_" for character in name)
    return name if plain else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key)} = {_value(part)}' for key, part in value.items())}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    return repr(value)


def _text(text: str) -> str:
    """Write a basic string: as in JSON, but for DEL, which TOML wants escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
