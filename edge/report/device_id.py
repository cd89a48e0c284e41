"""Device id: the name of this sensor in topics, different from that of every other sensor."""

import hashlib
import re
import socket
from pathlib import Path

from edge.config.settings import DeviceSettings

_MACHINE_ID = Path("/etc/machine-id")
KEPT = Path("/var/lib/posenet-edge/device_id")
"""Where ``posenet-edge apply`` writes the id down, so that a renamed host keeps it."""
_SALT = b"posenet-edge device id:"


def device_id(
    settings: DeviceSettings, host: str | None = None, machine_id: Path = _MACHINE_ID, kept: Path = KEPT
) -> str:
    """Find the device id.

    machine-id(5) asks not to show that id itself, hence a salted hash. Many devices are called ``raspberrypi``, and
    two clients with one id would disconnect each other from the broker for ever, hence the digits.

    Args:
        settings: Of the device.
        host: Host name; None: that of this machine.
        machine_id: File with the machine id; where it cannot be read, the host name stands in for it.
        kept: File with the id as it was written down.

    Returns:
        The id that is set; or what was written down on this machine; or the host name and four hexadecimal digits.
    """
    if settings.id:
        return settings.id
    host = host or socket.gethostname()
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", host.split(".")[0]).strip("-")[:32] or "sensor"
    digits = machine_digits(host, machine_id)
    # A copied card brings the file along; on another machine it is another sensor's id.
    return _read(kept, digits) or f"{plain}-{digits}"


def machine_digits(host: str | None = None, machine_id: Path = _MACHINE_ID) -> str:
    """Return four hexadecimal digits that another machine hardly has; arguments as for ``device_id``."""
    try:
        secret = machine_id.read_bytes().strip()
    except OSError:
        secret = b""
    return hashlib.sha256(_SALT + (secret or (host or socket.gethostname()).encode())).hexdigest()[:4]


def _read(kept: Path, digits: str) -> str:
    try:
        text = kept.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return text if re.fullmatch(rf"[A-Za-z0-9_-]{{1,32}}-{digits}", text) else ""
