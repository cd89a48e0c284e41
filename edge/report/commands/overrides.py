"""Overrides: settings that are replaced over MQTT, by name of their command. An empty payload takes one back."""

from typing import Any

from edge.config.settings import Settings
from edge.config.shapes import show
from edge.errors import BadLine, BadSetting
from edge.report import configuration
from edge.strict_json import parse

OVERRIDES = ("sensitivity", "places")
PLACES = ("zone", "line", "ignore")
"""Lists of ``[[zone]]`` and the like that the override ``places`` may replace; lists left out stay."""


def lay_over(name: str, payload: bytes, settings: Settings) -> Settings:
    """Replace the part of ``settings`` that an override is about.

    Args:
        name: One of ``OVERRIDES``.
        payload: Of the command.
        settings: Not changed.

    Returns:
        The settings with the override.

    Raises:
        BadSetting: The payload makes no sense with these settings.
    """
    where = f"command/{name}"
    if not payload:
        # Only a stored one can be empty, since an empty command takes the override back: earlier versions did not
        # synchronize what they stored.
        raise BadSetting(f"{where}: what was stored of it is empty, as after a power cut")
    if name == "sensitivity":
        word = payload.decode("ascii", "replace")
        return configuration.lay_over(settings, {"people": {"sensitivity": word}}, where)
    return configuration.lay_over(settings, _places(payload, where), where)


def _places(payload: bytes, where: str) -> dict[str, Any]:
    expected = f"expected a JSON object with the lists {', '.join(PLACES)}, of what [[{PLACES[0]}]] and the like have"
    try:
        table = parse(payload)
    except BadLine as error:
        raise BadSetting(f"{where}: {error}; {expected}") from error
    if type(table) is not dict or not set(table) <= set(PLACES):
        raise BadSetting(f"{where}: {expected}, found {show(table)}")
    return table
