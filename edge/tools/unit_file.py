"""Unit files of systemd, as text."""

from collections.abc import Iterator


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
