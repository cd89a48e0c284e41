"""The units of systemd that this project installs, and how their files are read."""

from collections.abc import Iterator

VIEW = "posenet-view.service"
SENSE, REPORT = "posenet-sense.service", "posenet-report.service"
SOCKET, TARGET = "posenet-report.socket", "posenet-edge.target"
APPLY_DROPIN = "50-apply.conf"
"""The file of ``posenet-edge apply`` in the folder of a unit's drop-ins."""


def service_settings(text: str) -> Iterator[tuple[str, str]]:
    """Give each setting of ``[Service]`` in order.

    Args:
        text: A unit file, or one with its drop-ins, as ``systemctl cat`` prints them. Source: systemd.syntax(7).

    Yields:
        Its name and its value, which is empty where the setting is reset.
    """
    section = ""
    for line in map(str.strip, text.replace("\\\n", " ").splitlines()):
        if line.startswith("["):
            section = line
        key, equals, value = line.partition("=")
        if section == "[Service]" and equals and line[0] not in "#;":
            yield key, value
