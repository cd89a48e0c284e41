"""Zones, lines and ignored parts of the picture: as a sensor says them, and as it is asked for others."""

from typing import Any

from edge.config import loader
from edge.config.settings import Settings
from edge.report.commands.overrides import PLACES, lay_over


def check_said(places: dict[str, Any]) -> dict[str, Any]:
    """Check that a message on ``places`` goes together as settings must: polygons, names, metres with a floor.

    Args:
        places: As its declaration has it.

    Returns:
        The message.

    Raises:
        BadSetting: No sensor says so.
    """
    loader.lay_over(_of_floor(places["floor"]), {kind: places[kind] for kind in PLACES}, "places")
    return places


def check_asked(payload: bytes, floor: dict[str, Any] | None) -> None:
    """Check what is to be sent on ``command/places``.

    Args:
        payload: The command; empty: back to the settings.
        floor: Of the sensor, as its ``places`` says it.

    Raises:
        BadSetting: The sensor would refuse it; the message is in its own words.
    """
    if payload:
        lay_over("places", payload, _of_floor(floor))


def _of_floor(floor: dict[str, Any] | None) -> Settings:
    known = {key: value for key, value in (floor or {}).items() if value is not None}
    return loader.lay_over(Settings(), {"floor": known}, "places")
