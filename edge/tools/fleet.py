"""``posenet-edge fleet``: one configuration for many sensors."""

import argparse
from pathlib import Path

from edge.config.fleet import choose, read_devices
from edge.config.toml_text import as_toml
from edge.errors import BadSetting, UsageError
from edge.runtime.command import Command
from edge.tools.access_list import HOME_ASSISTANT, access_list
from edge.tools.fleet_settings import load_device, load_devices


def _fleet(arguments: argparse.Namespace) -> None:
    """Print what is asked for."""
    path = Path(arguments.file)
    if arguments.what == "acl":
        if arguments.device:
            raise UsageError("an access list is for all devices; expected no DEVICE")
        devices = load_devices(path)
        if shared := [name for name, settings in devices.items() if settings.mqtt.username == HOME_ASSISTANT]:
            raise BadSetting(
                f'{path}: device {shared[0]}: mqtt.username: found "{HOME_ASSISTANT}", who may read all sensors; '
                "expected a user of its own"
            )
        print(access_list(*devices.values()), end="")
        return
    tables = read_devices(path)
    if not arguments.device:
        raise UsageError(f"expected a DEVICE, one of {', '.join(tables)}")
    table = choose(tables, arguments.device, str(path))
    load_device(path, arguments.device, table)
    print(as_toml(table), end="")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("config", "acl"),
        help="config: the config.toml of a device; acl: mosquitto's access list for all",
    )
    parser.add_argument(
        "file", metavar="FILE", help="configuration for many: a config.toml with a [device.NAME] for each"
    )
    parser.add_argument("device", metavar="DEVICE", nargs="?", help="id of the device, for config")


COMMAND = Command(_fleet, "config fleet.toml hall-1", _add_arguments, takes_settings=False)
