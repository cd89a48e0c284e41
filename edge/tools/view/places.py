"""Where a sensor's zones, lines and ignored places are, as it says and as it is asked: what settings allow, no more."""

from typing import Any

from edge.config import loader
from edge.config.settings import Settings
from edge.report.commands.overrides import PLACES, lay_over
from edge.report.messages.payload import places_payload


def read_places(said: dict[str, Any]) -> dict[str, Any]:
    """The message on ``places``, every key there but its time; raises BadSetting for what no sensor says.

    A key that is not known is refused too: asked for without it, the place would be another one.
    """
    floor = _of_floor(said["floor"])
    settings = loader.lay_over(floor, {name: said[name] for name in PLACES}, "places")
    return places_payload(settings, said["asked"] is True, 0.0)


def check_asked(payload: bytes, floor: dict[str, Any] | None) -> None:
    """Raises BadSetting, in the sensor's own words, for what one with that floor refuses on ``command/places``."""
    if payload:
        lay_over("places", payload, _of_floor(floor))


def _of_floor(floor: dict[str, Any] | None) -> Settings:
    known = {key: value for key, value in (floor or {}).items() if value is not None}
    return loader.lay_over(Settings(), {"floor": known}, "places")
