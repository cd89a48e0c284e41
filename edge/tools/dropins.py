"""Systemd drop-ins of the two units, rendered from the configuration."""

import ipaddress
import re
from pathlib import Path

from edge.config.settings import MqttSettings, Settings

_PRIVATE = ("localhost", "link-local", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
"""Networks that a broker with a name may be in. Tailscale's addresses are in 100.64.0.0/10 (RFC 6598) and fc00::/7."""
_PICTURE_PACKAGES = ("edge/models", "cv2", "numpy", "ai_edge_litert", "tflite_runtime", "av", "PIL")
_PYTHON = "/opt/posenet-edge/current/venv/bin/python"
"""Interpreter of the installed package."""
METRICS_FOLDER = "/run/posenet-report"
"""The one folder in which the installed ``report`` can make a socket for metrics."""
RESOLVER = Path("/etc/resolv.conf")
_HEADER = "# Written by `posenet-edge apply` from the configuration; what is changed here is lost.\n[Service]\n"


def broker_addresses(host: str, resolver: Path = RESOLVER) -> tuple[str, ...]:
    """Addresses for ``IPAddressAllow=``.

    The service looks a name up at each connection, so the addresses cannot be fixed here: for a name, all private
    networks and the name servers are allowed.

    Returns:
        The broker's address, or networks that may contain it.
    """
    if host == "localhost":
        return ("localhost",)
    try:
        return (without_scope(host),)
    except ValueError:
        return (*_PRIVATE, *name_servers(resolver))


def allowed_addresses(settings: Settings, resolver: Path = RESOLVER) -> tuple[str, ...]:
    """Addresses for ``IPAddressAllow=`` of ``report``: the brokers', and this machine's where metrics have a port."""
    found = _addresses_of_brokers(settings.mqtt, resolver)
    has_port = settings.metrics.listen and not settings.metrics.listen.startswith("unix:")
    return (*found, "localhost") if has_port and "localhost" not in found else found


def _addresses_of_brokers(mqtt: MqttSettings, resolver: Path = RESOLVER) -> tuple[str, ...]:
    addresses = (each for broker in mqtt.in_order for each in broker_addresses(broker.host, resolver))
    return tuple(dict.fromkeys(addresses))


def with_addresses(text: str, addresses: tuple[str, ...]) -> str:
    """Replace the addresses that a drop-in of ``report`` allows."""
    return re.sub("^IPAddressAllow=.+$", f"IPAddressAllow={' '.join(addresses)}", text, flags=re.MULTILINE)


def report_dropin(settings: Settings, site_packages: Path) -> str:
    """Drop-in of ``report``: network to the broker only, secrets as credentials, no packages that read pictures."""
    mqtt = settings.mqtt
    lines = ["IPAddressAllow=", f"IPAddressAllow={' '.join(allowed_addresses(settings))}"]
    if settings.metrics.listen.startswith(f"unix:{METRICS_FOLDER}/"):
        lines += [f"RuntimeDirectory={METRICS_FOLDER.removeprefix('/run/')}", "RuntimeDirectoryMode=0750"]
    lines += _credentials(mqtt)
    lines.append("InaccessiblePaths=" + " ".join(f"-{site_packages / name}" for name in _PICTURE_PACKAGES))
    return _HEADER + "\n".join(lines) + "\n"


def view_dropin(settings: Settings) -> str:
    """Drop-in of ``view``: the way to the broker beside those of its unit, secrets as credentials."""
    addresses = " ".join(_addresses_of_brokers(settings.mqtt))
    return _HEADER + "\n".join([f"IPAddressAllow={addresses}", *_credentials(settings.mqtt)]) + "\n"


def _credentials(mqtt: MqttSettings) -> list[str]:
    lines = []
    for name, file in (("mqtt_password", mqtt.password_file), ("mqtt_key", mqtt.key_file)):
        if file:
            # Where the file is gone, an empty one: report then says so and waits. systemd would try again for ever.
            lines += [f"LoadCredential={name}:{file}", f"SetCredential={name}:\\n"]
    return lines


def sense_dropin(settings: Settings) -> str:
    """Drop-in of ``sense``: access to a clip or photos that replace a camera, and the reboot after a hang."""
    kind, _, rest = settings.camera.source.partition(":")
    lines = [f"BindReadOnlyPaths={Path(rest).absolute()}"] if kind in ("video", "stills") and rest else []
    if settings.camera.on_hang == "reboot":
        # With full privileges and outside of the sandbox, in which nothing can be executed.
        lines.append(f"ExecStopPost=+{_PYTHON} -P -m edge.tools.reboot_on_hang")
    return _HEADER + "\n".join(lines) + "\n"


def name_servers(resolver: Path = RESOLVER) -> tuple[str, ...]:
    """Read the addresses of the name servers; what is no address is left out."""
    try:
        lines = resolver.read_text(errors="replace").splitlines()
    except OSError:
        return ()
    found = []
    for words in (line.split() for line in lines):
        if len(words) >= 2 and words[0] == "nameserver":
            try:
                found.append(without_scope(words[1]))
            except ValueError:
                continue
    return tuple(found)


def without_scope(address: str) -> str:
    """Return an address as ``IPAddressAllow=`` takes it, without the interface of ``fe80::1%eth0``.

    Raises:
        ValueError: It is no address.
    """
    return str(ipaddress.ip_address(address.partition("%")[0]))
