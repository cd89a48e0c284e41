"""Device id: the name of this sensor in topics, different from that of every other sensor."""

import hashlib
import re
import socket
from pathlib import Path

from edge.config.settings import DeviceSettings

_MACHINE_ID = Path("/etc/machine-id")
_SALT = b"posenet-edge device id:"


def device_id(settings: DeviceSettings, host: str | None = None, machine_id: Path = _MACHINE_ID) -> str:
    """Find the device id.

    machine-id(5) asks not to show that id itself, hence a salted hash. Many devices are called ``raspberrypi``, and
    two clients with one id would disconnect each other from the broker for ever, hence the digits.

    Args:
        settings: Of the device.
        host: Host name; None: that of this machine.
        machine_id: File with the machine id; where it cannot be read, the host name stands in for it.

    Returns:
        The id that is set, or the host name and four hexadecimal digits.
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
