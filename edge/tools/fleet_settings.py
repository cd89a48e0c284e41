"""The settings of each device of a file for many."""

from itertools import pairwise
from pathlib import Path
from typing import Any

from edge.config.fleet import read_devices
from edge.config.settings import Settings
from edge.config.toml_text import as_toml
from edge.errors import BadSetting
from edge.report import configuration


def load_devices(path: Path) -> dict[str, Settings]:
    """Read and check a file for many devices.

    Returns:
        By id, the settings of each device.

    Raises:
        BadSetting: Something does not belong there, or a device's topics are among another's; the message names the
            device.
    """
    devices = {name: load_device(path, name, table) for name, table in read_devices(path).items()}
    # Sorted by levels, what lies below a topic comes right after it.
    topics = sorted((*settings.mqtt.topic.split("/"), name) for name, settings in devices.items())
    for upper, lower in pairwise(topics):
        if lower[: len(upper)] == upper:
            raise BadSetting(
                f"{path}: device {lower[-1]}: its topics {'/'.join(lower)}/... are among those of device {upper[-1]}, "
                f"{'/'.join(upper)}/...; expected another mqtt.topic"
            )
    return devices


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
