"""``posenet-edge check-config``: would the service start with this?"""

import argparse
import json
from dataclasses import asdict

from edge import config
from edge.places import MODELS
from edge.report.device import device_id
from edge.report.leak import THUMBNAIL_BYTES, leak_bound
from edge.report.password import read_password
from edge.report.tls import make_tls
from edge.sense.modelfile import find_model
from edge.settings import Settings


def check_config(arguments: argparse.Namespace) -> None:
    """Checks the file, and the files that it names; prints what is in force."""
    path = config.config_path(arguments.config)
    settings = config.load(path, arguments.set)
    find_model(settings.model.file, MODELS)
    read_password(settings.mqtt)
    make_tls(settings.mqtt)
    if arguments.show:
        print(json.dumps(asdict(settings), indent=2, default=str))
        return
    found = path or (config.DEFAULT_PATH if config.DEFAULT_PATH.exists() else "built-in defaults")
    print(f"{found}: good. {_summary(settings)}")
    leak = leak_bound(settings)
    print(
        f"Shared: {settings.publish.share}. A sensing process that somebody took over could smuggle out at most "
        f"{leak.total / 1000:.3g} kbit/s, a {THUMBNAIL_BYTES // 1024} KB picture in {leak.thumbnail_seconds:.3g} s."
    )


def _summary(settings: Settings) -> str:
    mqtt = settings.mqtt
    return (
        f"Camera {settings.camera.source}, model {settings.model.file}, "
        f"broker {mqtt.host}:{mqtt.port_in_force}{' with TLS' if mqtt.tls else ''}, "
        f"topics {mqtt.topic}/{device_id(settings.device)}/..."
    )
