"""How far one gets towards the broker: each step only where the one before it held."""

from collections.abc import Iterator

from edge.config.settings import MqttSettings, Settings
from edge.errors import BadSetting
from edge.mqtt.password import read_password
from edge.mqtt.tls import make_tls
from edge.report.device_id import device_id
from edge.tools.doctor.broker_route import check_name, check_own_certificate, check_port, check_tls
from edge.tools.doctor.broker_session import check_login, visit
from edge.tools.doctor.finding import Finding, Level, bad, good, unknown, warning
from edge.tools.doctor.health import check_health, check_poses
from edge.tools.doctor.machine import Machine
from edge.tools.doctor.sense_status import has_frames
from edge.tools.doctor.services import REPORT, Unit

_POSE_WITHIN, _LONGEST = 3.0, 15.0
"""Seconds to wait for a pose, or three frames of a slow camera."""


def check_broker(machine: Machine, settings: Settings, report: Unit | None, sense: Unit | None) -> Iterator[Finding]:
    """Name, port, certificates, login, and what the broker has of this sensor. report, sense: where installed."""
    mqtt = settings.mqtt
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
    patience = _patience(settings) if running and sense and has_frames(sense["StatusText"]) else 0.0
    # Another client id: with the sensor's own the broker would throw the sensor out.
    found = visit(mqtt, f"{mqtt.topic}/{name}", f"posenet-edge-{name}-doctor", patience)
    yield check_login(found, mqtt)
    if found.refusal:
        return
    if report and running:
        yield check_report(report["StatusText"], mqtt)
    yield from check_health(found, settings, machine.now(), running)
    if running:
        yield check_poses(found, settings.publish.share, expected=patience > 0)


def _patience(settings: Settings) -> float:
    """Seconds to wait for a pose; 0 where none are shared."""
    if settings.publish.share == "events":
        return 0.0
    return max(_POSE_WITHIN, min(_LONGEST, 3 / settings.camera.frame_rate))


def check_report(status: str, mqtt: MqttSettings) -> Finding:
    """Whether the service has the connection that doctor could have, and the broker takes what it is sent."""
    name = "report's connection"
    if status.startswith("connected to"):
        return good(name, "connected")
    if status.startswith("refused by"):
        who = f"user {mqtt.username}" if mqtt.username else "anybody"
        remedy = f"let {who} write {mqtt.topic}/# in the broker's access list"
        return bad(name, "connected, but the broker refuses what is published", remedy)
    if status.startswith("looking for"):
        allowed = f"systemctl show -p IPAddressAllow {REPORT}"
        return warning(
            name,
            f"not connected to {mqtt.host}, although doctor was",
            "sudo posenet-edge apply; if it stays so, set mqtt.host to the broker's address, because it is outside of "
            f"what the service may reach ({allowed})",
        )
    return unknown(name, "report has not said yet")
