"""Checks of zones, lines, exits and ignored parts of the picture, as published and as sent to a sensor."""

from typing import Any

from edge.config import loader
from edge.config.settings import Settings
from edge.report.commands.overrides import PLACES, lay_over


def check_said(places: dict[str, Any]) -> dict[str, Any]:
    """Check a message on ``places`` as settings are checked: polygons, names, metres only with a floor.

    Args:
        places: The message, of the declared types.

    Returns:
        The message.

    Raises:
        BadSetting: No sensor would publish it.
    """
    loader.lay_over(_of_floor(places["floor"]), {kind: places[kind] for kind in PLACES}, "places")
    return places


def check_asked(payload: bytes, floor: dict[str, Any] | None) -> None:
    """Check a payload for ``command/places``.

    Args:
        payload: The command; empty for a return to the settings.
        floor: Floor of the sensor, as published on ``places``.

    Raises:
        BadSetting: The sensor would refuse it; the message is that of the sensor.
    """
    if payload:
        lay_over("places", payload, _of_floor(floor))


def _of_floor(floor: dict[str, Any] | None) -> Settings:
    known = {key: value for key, value in (floor or {}).items() if value is not None}
    return loader.lay_over(Settings(), {"floor": known}, "places")
