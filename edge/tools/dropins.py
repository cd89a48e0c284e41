"""Drop-ins for the two units of systemd, made from the configuration."""

import ipaddress
from pathlib import Path

from edge.config.settings import Settings

_PRIVATE = ("localhost", "link-local", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_PICTURE_PACKAGES = ("edge/models", "cv2", "numpy", "ai_edge_litert", "tflite_runtime", "av", "PIL")
_PYTHON = "/opt/posenet-edge/venv/bin/python"
"""Interpreter of the installed package."""
_RESOLVER = Path("/etc/resolv.conf")
_HEADER = "# Written by `posenet-edge apply` from the configuration; what is changed here is lost.\n[Service]\n"


def broker_addresses(host: str, resolver: Path = _RESOLVER) -> tuple[str, ...]:
    """Find the addresses to open for the broker.

    The service looks a name up again and again, so its answer cannot be written down here: private networks and the
    name servers are opened instead.

    Returns:
        Values for ``IPAddressAllow=``: the broker's own address, or all that it may be if only its name is known.
    """
    if host == "localhost":
        return ("localhost",)
    try:
        return (str(ipaddress.ip_address(host)),)
    except ValueError:
        return (*_PRIVATE, *_name_servers(resolver))


def report_dropin(settings: Settings, site_packages: Path) -> str:
    """Open the network as far as the broker, hand in secrets as credentials, hide packages that read pictures."""
    mqtt = settings.mqtt
    lines = ["IPAddressAllow=", f"IPAddressAllow={' '.join(broker_addresses(mqtt.host))}"]
    for name, file in (("mqtt_password", mqtt.password_file), ("mqtt_key", mqtt.key_file)):
        if file:
            lines.append(f"LoadCredential={name}:{file}")
    lines.append("InaccessiblePaths=" + " ".join(f"-{site_packages / name}" for name in _PICTURE_PACKAGES))
    return _HEADER + "\n".join(lines) + "\n"


def sense_dropin(settings: Settings) -> str:
    """Show the service only the files that stand in for a camera; reboot the device if that is configured."""
    kind, _, rest = settings.camera.source.partition(":")
    lines = [f"BindReadOnlyPaths={Path(rest).absolute()}"] if kind in ("video", "stills") and rest else []
    if settings.camera.on_hang == "reboot":
        # With full rights and outside of the sandbox, in which nothing may be executed.
        lines.append(f"ExecStopPost=+{_PYTHON} -P -m edge.tools.reboot_on_hang")
    return _HEADER + "\n".join(lines) + "\n"


def _name_servers(resolver: Path) -> tuple[str, ...]:
    try:
        lines = resolver.read_text().splitlines()
    except OSError:
        return ()
    found = []
    for words in (line.split() for line in lines):
        if len(words) >= 2 and words[0] == "nameserver":
            try:
                found.append(str(ipaddress.ip_address(words[1].partition("%")[0])))
            except ValueError:
                continue
    return tuple(found)
