"""The way to the broker, step by step: its name, its port, its certificate."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.config.settings import MqttSettings
from edge.tools.doctor.finding import Finding, bad, good, unknown, warning
from edge.tools.doctor.machine import Runner, last_line

SECONDS = 5.0
"""That the broker has for each answer."""
_DAY = 86400.0
_SOON = 30 * _DAY

Resolve = Callable[..., list[tuple[Any, ...]]]


def check_name(mqtt: MqttSettings, resolve: Resolve = socket.getaddrinfo) -> Finding:
    """Whether the broker's name has an address."""
    try:
        found = resolve(mqtt.host, mqtt.port_in_force, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return bad(
            "broker name",
            f"{mqtt.host} does not resolve ({why})",
            "check mqtt.host and the network (getent hosts NAME); or set the broker's address instead of its name",
        )
    addresses = sorted({str(entry[4][0]) for entry in found})
    if addresses == [mqtt.host]:
        return good("broker name", f"{mqtt.host} is an address")
    return good("broker name", f"{mqtt.host} is {', '.join(addresses[:3])}")


def check_port(mqtt: MqttSettings) -> Finding:
    """Whether anybody takes connections there."""
    where = f"{mqtt.host}:{mqtt.port_in_force}"
    try:
        with socket.create_connection((mqtt.host, mqtt.port_in_force), SECONDS):
            return good("broker port", f"{where} answers")
    except OSError as error:
        why = error.strerror or str(error)
        return bad(
            "broker port",
            f"{where} does not answer ({why})",
            "check that the broker runs, listens on the network (mosquitto: listener 1883 0.0.0.0), and mqtt.port",
        )


def check_tls(mqtt: MqttSettings, context: ssl.SSLContext, now: float) -> Finding:
    """Whether the broker's certificate holds for its name, and for 30 days more. now: s since 1970."""
    name = "broker certificate"
    try:
        certificate = _certificate(mqtt, context)
    except ssl.SSLCertVerificationError as error:
        return bad(name, error.verify_message, _remedy(error.verify_message))
    except ssl.SSLError as error:
        why = (error.reason or str(error)).lower().replace("_", " ")
        return bad(name, f"no secure connection ({why})", "check that this port speaks TLS: mqtt.port, mqtt.tls")
    except OSError as error:
        return bad(name, f"no secure connection ({error.strerror or error})", "check mqtt.port and mqtt.tls")
    authorities = [entry for entry in context.get_ca_certs() if entry.get("subject") == certificate.get("issuer")]
    for whose, entry in [("it", certificate), *(("its authority", entry) for entry in authorities)]:
        left = ssl.cert_time_to_seconds(str(entry["notAfter"])) - now
        if left < _SOON:
            return warning(name, f"{whose} expires in {left / _DAY:.0f} days", "renew it at the broker")
    left = ssl.cert_time_to_seconds(str(certificate["notAfter"])) - now
    return good(name, f"valid for {left / _DAY:.0f} days more")


def _certificate(mqtt: MqttSettings, context: ssl.SSLContext) -> dict[str, Any]:
    with (
        socket.create_connection((mqtt.host, mqtt.port_in_force), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=mqtt.host) as secure,
    ):
        return dict(secure.getpeercert() or {})


def _remedy(said: str) -> str:
    if "expired" in said or "not yet valid" in said:
        return "renew the broker's certificate; if it should be valid, check this device's clock"
    if "not valid for" in said or "match" in said:
        return "set mqtt.host to a name that stands in the broker's certificate, or issue one for this name"
    return "set mqtt.ca_file to the authority that issued the broker's certificate"


def check_own_certificate(file: Path, run: Runner, now: float) -> Finding:
    """Whether this device's certificate holds for 30 days more."""
    name = "own certificate"
    answer = run(["openssl", "x509", "-noout", "-enddate", "-in", str(file)])
    try:
        left = ssl.cert_time_to_seconds(answer.out.strip().removeprefix("notAfter=")) - now
    except ValueError:
        return unknown(name, f"{file} cannot be read: {last_line(answer.err)}")
    remedy = "issue a new one, then posenet-edge apply"
    if left < 0:
        return bad(name, f"{file} expired {-left / _DAY:.0f} days ago", remedy)
    if left < _SOON:
        return warning(name, f"{file} expires in {left / _DAY:.0f} days", remedy)
    return good(name, f"{file} is valid for {left / _DAY:.0f} days more")
