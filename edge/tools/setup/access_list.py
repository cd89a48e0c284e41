"""What mosquitto needs for a sensor: a user, and an access list that lets it do its work and nothing else."""

import shlex

from edge.config.settings import Settings
from edge.report.device_id import device_id

PASSWORDS, ACCESS, LISTENER = "/etc/mosquitto/passwords", "/etc/mosquitto/access", "/etc/mosquitto/conf.d/sensors.conf"
_NO_USER = "sensor"
"""The name in the sample where none was typed."""


def access_list(settings: Settings) -> str:
    """Write the access list for a sensor and for Home Assistant.

    Args:
        settings: Of the sensor: its user, id and topics.

    Returns:
        The content of the file that ``acl_file`` names.
    """
    topic, prefix = settings.mqtt.topic, settings.homeassistant.prefix
    name = device_id(settings.device)
    lines = [f"user {settings.mqtt.username or _NO_USER}", f"topic readwrite {topic}/{name}/#"]
    if settings.homeassistant.discovery != "off":
        lines += [f"topic readwrite {prefix}/+/{name}/#", f"topic read {prefix}/status"]
    lines += ["", "user homeassistant", f"topic read {topic}/#", f"topic readwrite {prefix}/#"]
    if settings.command.enabled:
        lines.append(f"topic write {topic}/+/command/#")
    return "\n".join(lines) + "\n"


def configuration() -> str:
    """Write the lines of mosquitto's configuration that ask for a password and use the access list."""
    return f"listener 1883\nallow_anonymous false\npassword_file {PASSWORDS}\nacl_file {ACCESS}\n"


def instructions(settings: Settings) -> str:
    """Write what to do on the broker's machine, as root; to be copied.

    Args:
        settings: As for ``access_list``.

    Returns:
        Commands of a shell.
    """
    user = settings.mqtt.username or _NO_USER
    return f"""\
# Users with their passwords, which it asks for. -c makes the file anew.
mosquitto_passwd -c {PASSWORDS} {shlex.quote(user)}
mosquitto_passwd {PASSWORDS} homeassistant
# Who may do what. Whoever is not named here may do nothing.
cat > {ACCESS} <<'END'
{access_list(settings)}END
cat > {LISTENER} <<'END'
{configuration()}END
chown root:mosquitto {PASSWORDS} {ACCESS}
chmod 640 {PASSWORDS} {ACCESS}
systemctl restart mosquitto"""
