"""The settings of each device of a file for many."""

from pathlib import Path
from typing import Any

from edge.config.fleet import as_toml, read_devices
from edge.config.settings import Settings
from edge.report import configuration


def load_devices(path: Path) -> dict[str, Settings]:
    """Read and check a file for many devices.

    Returns:
        By id, the settings of each device.

    Raises:
        BadSetting: Something does not belong there; the message names the device.
    """
    return {name: load_device(path, name, table) for name, table in read_devices(path).items()}


def load_device(path: Path, name: str, table: dict[str, Any]) -> Settings:
    """Check what a device would get, as its services would read it.

    Args:
        path: The file for many.
        name: Id of the device.
        table: Its configuration.

    Returns:
        Its settings.

    Raises:
        BadSetting: Something does not belong there; the message names the device.
    """
    return configuration.load_text(as_toml(table), path.absolute().parent, f"{path}: device {name}")
