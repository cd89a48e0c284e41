"""One configuration for many sensors: what they share, and by device what is different.

A file for many is a config.toml with a table for each device, ``[device."hall-1"]``, which holds whatever a config.toml
may hold. It is for whoever installs the sensors: a device gets a plain config.toml of its own, so that no service reads
what belongs to another device.
"""

from collections.abc import Mapping
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
