"""``posenet-edge check-config``: check the configuration as the services do at their start."""

import argparse
import json
from pathlib import Path

from edge.config import loader
from edge.config.settings import Settings
from edge.data_files import MODELS
from edge.errors import UsageError
from edge.report import configuration
from edge.report.device_id import device_id
from edge.report.leak_bound import THUMBNAIL_BYTES, leak_bound
from edge.runtime.command import Command
from edge.sense.inference.model_file import AUTO, find_models
from edge.tools.fleet_settings import load_devices
from edge.tools.named_files import check_named_files


def check_config(arguments: argparse.Namespace) -> None:
    """Check the configuration file and the files that it names; print a summary."""
    path = loader.config_path(arguments.config)
    if arguments.all:
        _check_all(path or loader.DEFAULT_PATH, arguments)
        return
    settings = configuration.load(path, arguments.set)
    check_named_files(settings)
    if arguments.show:
        print(json.dumps(settings.as_dict(), indent=2, default=str))
        return
    found = path or (loader.DEFAULT_PATH if loader.DEFAULT_PATH.exists() else "built-in defaults")
    print(f"{found}: good. {_summary(settings)}")
    leak = leak_bound(settings)
    print(
        f"Shared: {settings.publish.share}. A compromised `sense` could leak at most "
        f"{leak.total / 1000:.3g} kbit/s, a {THUMBNAIL_BYTES // 1024} KB picture in {leak.thumbnail_seconds:.3g} s."
    )


def _check_all(path: Path, arguments: argparse.Namespace) -> None:
    """Check a file for many devices; the files that it names are on the devices."""
    if arguments.set or arguments.show:
        raise UsageError("--all checks a file as it is; expected neither --set nor --show")
    devices = load_devices(path)
    for name, settings in devices.items():
        print(f"{name}: good. {_summary(settings)}")
    print(f"{path}: {len(devices)} devices, all good. Files that they name are on the devices and were not looked at.")


def _summary(settings: Settings) -> str:
    mqtt = settings.mqtt
    brokers = [f"{each.host}:{each.port_in_force}" for each in mqtt.in_order]
    models = find_models(settings.model.file, MODELS)
    choice = f" ({' or '.join(file.path.stem for file in models)})" if settings.model.file == AUTO else ""
    return (
        f"Camera {settings.camera.source}, model {settings.model.file}{choice}, "
        f"broker {', then '.join(brokers)}{' with TLS' if mqtt.tls else ''}, "
        f"topics {mqtt.topic}/{device_id(settings.device)}/..."
    )


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--show", action="store_true", help="print every setting in force, as JSON")
    parser.add_argument(
        "--all", action="store_true", help="the file is one for many devices, [device.NAME] for each: check all of them"
    )


COMMAND = Command(check_config, "--config /etc/posenet-edge/config.toml", _add_arguments)
