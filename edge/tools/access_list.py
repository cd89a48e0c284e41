"""What mosquitto needs for a sensor: a user, and an access list that lets it do its work and nothing else."""

import shlex
from collections.abc import Sequence

from edge.config.settings import Settings
from edge.report.device_id import device_id

PASSWORDS, ACCESS, LISTENER = "/etc/mosquitto/passwords", "/etc/mosquitto/access", "/etc/mosquitto/conf.d/sensors.conf"
HOME_ASSISTANT = "homeassistant"
"""The user of Home Assistant."""
_NO_USER = "sensor"
"""The name in the sample where none was typed."""


def access_list(settings: Settings, *more: Settings) -> str:
    """Write the access list for one or several sensors and for Home Assistant.

    Args:
        settings: Of a sensor: its user, id and topics.
        more: Of further ones. Those with the same user share its lines.

    Returns:
        The content of the file that ``acl_file`` names.
    """
    users: dict[str, list[str]] = {}
    house: list[str] = []
    for each in (settings, *more):
        lines = users.setdefault(each.mqtt.username or _NO_USER, [])
        _add(lines, _of_sensor(each))
        _add(house, _of_home_assistant(each))
    # A sensor that logs in as Home Assistant keeps its own lines.
    _add(users.setdefault(HOME_ASSISTANT, []), house)
    return "\n".join("\n".join([f"user {user}", *lines, ""]) for user, lines in users.items())


def _of_sensor(settings: Settings) -> list[str]:
    topic, prefix, name = settings.mqtt.topic, settings.homeassistant.prefix, device_id(settings.device)
    lines = [f"topic readwrite {topic}/{name}/#"]
    if settings.homeassistant.discovery != "off":
        lines += [f"topic readwrite {prefix}/+/{name}/#", f"topic read {prefix}/status"]
    return lines


def _of_home_assistant(settings: Settings) -> list[str]:
    topic = settings.mqtt.topic
    lines = [f"topic read {topic}/#", f"topic readwrite {settings.homeassistant.prefix}/#"]
    return [*lines, f"topic write {topic}/+/command/#"] if settings.command.enabled else lines


def _add(lines: list[str], more: Sequence[str]) -> None:
    lines += [line for line in more if line not in lines]


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
mosquitto_passwd {PASSWORDS} {HOME_ASSISTANT}
# Who may do what. Whoever is not named here may do nothing.
cat > {ACCESS} <<'END'
{access_list(settings)}END
cat > {LISTENER} <<'END'
{configuration()}END
chown root:mosquitto {PASSWORDS} {ACCESS}
chmod 640 {PASSWORDS} {ACCESS}
systemctl restart mosquitto"""
