"""Which sensor this is, among many that all call themselves ``raspberrypi``."""

import hashlib
import re
import socket
from pathlib import Path

from edge.config.settings import DeviceSettings

_MACHINE_ID = Path("/etc/machine-id")
_SALT = b"posenet-edge device id:"


def device_id(settings: DeviceSettings, host: str | None = None, machine_id: Path = _MACHINE_ID) -> str:
    """The set id, or the host name and four hex digits of the machine id.

    machine-id(5) asks not to show that id itself, hence a salted hash. Two equal MQTT client ids would throw each
    other out for ever, hence the digits at all. Without a machine id they are those of the host name.
    """
    if settings.id:
        return settings.id
    host = host or socket.gethostname()
    try:
        secret = machine_id.read_bytes().strip() or host.encode()
    except OSError:
        secret = host.encode()
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", host.split(".")[0]).strip("-")[:32] or "sensor"
    return f"{plain}-{hashlib.sha256(_SALT + secret).hexdigest()[:4]}"
