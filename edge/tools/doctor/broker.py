"""Checks on the way to the broker: name, port, certificates, login, and what it keeps of this sensor."""

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from edge.config.settings import MqttSettings, Settings
from edge.errors import BadSetting
from edge.mqtt.credentials import as_handed_over, make_tls, read_password
from edge.report.device_id import device_id
from edge.runtime.status_text import ReportStatus, SenseStatus
from edge.tools.checks.finding import Finding, Level, bad, good, unknown, warning
from edge.tools.checks.machine import Machine, Runner, Unit, last_line
from edge.tools.doctor.broker_session import check_limits, check_login, visit
from edge.tools.doctor.health import check_health, check_poses
from edge.tools.doctor.sense_status import gives_frames
from edge.tools.unit_files import REPORT

_POSE_WITHIN, _LONGEST = 3.0, 15.0
"""Seconds to wait for a pose: at least, and at most where the camera is slow."""
_ANSWER_WITHIN_S = 5.0
_DAY = 86400.0
_SOON = 30 * _DAY
_NOT_NOW, _OTHER_NAME = (9, 10), (62, 64)
"""Reasons why a certificate is refused: not yet valid, expired; other host name, other address (x509_vfy.h)."""

Resolve = Callable[..., list[tuple[Any, ...]]]


def check_broker(machine: Machine, settings: Settings, report: Unit | None, sense: Unit | None) -> Iterator[Finding]:
    """Go as far towards the broker as it goes: each step only if the one before held.

    Args:
        machine: Where doctor runs.
        settings: The broker's and the sensor's.
        report: Its unit, if it is installed.
        sense: Its unit, if it is installed.

    Yields:
        One finding for each step.
    """
    mqtt = settings.mqtt
    if report and report.running and machine.admin:
        mqtt = as_handed_over(mqtt, machine.root / "run/credentials" / REPORT)
    try:
        read_password(mqtt)
        tls = make_tls(mqtt)
    except BadSetting:
        yield unknown("broker", "not asked: the password or the keys cannot be read")
        return
    if mqtt.certificate_file:
        yield check_own_certificate(mqtt.certificate_file, machine.run, machine.now())
    yield (finding := check_name(mqtt))
    if finding.level is Level.GOOD:
        yield (finding := check_port(mqtt))
    if finding.level is Level.GOOD and tls:
        yield (finding := check_tls(mqtt, tls, machine.now()))
    if finding.level not in (Level.GOOD, Level.WARNING):
        yield unknown("health", "not read: the broker was not reached")
        return
    running = report is not None and report.running
    name = device_id(settings.device)
    has_frames = running and sense and gives_frames(SenseStatus.parse(sense["StatusText"]))
    patience = _patience(settings) if has_frames else 0.0
    # Another client id: with the sensor's own the broker would throw the sensor out.
    found = visit(mqtt, f"{mqtt.topic}/{name}", f"posenet-edge-{name}-doctor", patience)
    yield check_login(found, mqtt)
    if found.refusal:
        return
    yield check_limits(found.limits)
    if report and running:
        yield check_report(ReportStatus.parse(report["StatusText"]), mqtt)
    yield from check_health(found, settings, machine.now(), running)
    if running:
        yield check_poses(found, settings.publish.share, expected=patience > 0)


def _patience(settings: Settings) -> float:
    """Find how long to wait for a pose, in seconds; 0 if none are shared."""
    if settings.publish.share == "events":
        return 0.0
    return max(_POSE_WITHIN, min(_LONGEST, 3 / settings.camera.frame_rate))


def check_report(status: ReportStatus | None, mqtt: MqttSettings) -> Finding:
    """Check that report has the connection that doctor got, and that the broker accepts its messages."""
    name = "report's connection"
    if status is None:
        return unknown(name, "report has no status line yet, or one of another version")
    if status.relation == "connected":
        return good(name, "connected")
    reason = f" ({status.reason})" if status.reason else ""
    if status.relation == "twin":
        remedy = "set device.id to another on one of them, and sudo posenet-edge apply there"
        return bad(name, "another sensor has the same id, and the broker throws both out in turns", remedy)
    if status.relation == "refused":
        who = f"user {mqtt.username}" if mqtt.username else "anybody"
        remedy = f"let {who} write {mqtt.topic}/# in the broker's access list"
        if "bytes" in reason:
            remedy = "let the broker take larger messages (mosquitto: max_packet_size, message_size_limit)"
        return bad(name, f"connected, but the broker refuses what is published{reason}", remedy)
    return warning(
        name,
        f"not connected to {mqtt.host}{reason}, although doctor was",
        "sudo posenet-edge apply; if it stays so, set mqtt.host to the broker's address, because it is outside of "
        f"what the service may reach (systemctl show -p IPAddressAllow {REPORT})",
    )


def check_name(mqtt: MqttSettings, resolve: Resolve = socket.getaddrinfo) -> Finding:
    """Check that the broker's name has an address."""
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
    """Check that the broker's port accepts connections."""
    where = f"{mqtt.host}:{mqtt.port_in_force}"
    try:
        with socket.create_connection((mqtt.host, mqtt.port_in_force), _ANSWER_WITHIN_S):
            return good("broker port", f"{where} answers")
    except OSError as error:
        why = error.strerror or str(error)
        return bad(
            "broker port",
            f"{where} does not answer ({why})",
            "check that the broker runs, listens on the network (mosquitto: listener 1883 0.0.0.0), and mqtt.port",
        )


def check_tls(mqtt: MqttSettings, context: ssl.SSLContext, now: float) -> Finding:
    """Check that the broker's certificate is valid for its name, and for 30 days more. now: s since 1970."""
    name = "broker certificate"
    try:
        certificate = _certificate(mqtt, context)
    except ssl.SSLCertVerificationError as error:
        return bad(name, error.verify_message, _remedy(error.verify_code))
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
        socket.create_connection((mqtt.host, mqtt.port_in_force), _ANSWER_WITHIN_S) as plain,
        context.wrap_socket(plain, server_hostname=mqtt.host) as secure,
    ):
        return dict(secure.getpeercert() or {})


def _remedy(code: int) -> str:
    if code in _NOT_NOW:
        return "renew the broker's certificate; if it should be valid, check this device's clock"
    if code in _OTHER_NAME:
        return "set mqtt.host to a name that stands in the broker's certificate, or issue one for this name"
    return "set mqtt.ca_file to the authority that issued the broker's certificate"


def check_own_certificate(file: Path, run: Runner, now: float) -> Finding:
    """Check that this device's certificate is valid for 30 days more. now: s since 1970."""
    name = "own certificate"
    answer = run(["openssl", "x509", "-noout", "-enddate", "-in", str(file)])
    try:
        left = ssl.cert_time_to_seconds(answer.out.strip().removeprefix("notAfter=")) - now
    except ValueError:
        return unknown(name, f"{file} cannot be read: {last_line(answer.err)}")
    remedy = "issue a new one, then sudo posenet-edge apply"
    if left < 0:
        return bad(name, f"{file} expired {-left / _DAY:.0f} days ago", remedy)
    if left < _SOON:
        return warning(name, f"{file} expires in {left / _DAY:.0f} days", remedy)
    return good(name, f"{file} is valid for {left / _DAY:.0f} days more")
