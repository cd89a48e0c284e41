"""Where a sensor's zones, lines and ignored places are, as it says and as it is asked: what settings allow, no more."""

from dataclasses import asdict
from typing import Any

from edge import config
from edge.errors import BadSetting
from edge.report.payload import as_json, places_payload
from edge.settings import Settings
from edge.shapes import show
from edge.strict import parse

_LISTS = ("zone", "line", "ignore")


def read_places(said: dict[str, Any]) -> dict[str, Any]:
    """The message on ``places``, every key there but its time; raises BadSetting for what no sensor says.

    A key that is not known is refused too: asked for without it, the place would be another one.
    """
    settings = _settings({name: said[name] for name in _LISTS}, said["floor"])
    return places_payload(settings, said["asked"] is True, 0.0)


def asked_places(body: bytes, floor: dict[str, Any] | None) -> bytes:
    """What to send to ``command/places`` of a sensor with that floor; empty goes back to its settings.

    Raises BadSetting with the sensor's own reason where it would refuse that, BadLine where it is no JSON.
    """
    if not body:
        return b""
    asked = parse(body)
    if type(asked) is not dict or not set(asked) <= set(_LISTS):
        raise BadSetting(f"places: expected an object with the lists {', '.join(_LISTS)}, found {show(asked)}")
    settings = _settings(asked, floor)
    return as_json({name: [asdict(part) for part in getattr(settings, name)] for name in _LISTS if name in asked})


def _settings(lists: dict[str, Any], floor: dict[str, Any] | None) -> Settings:
    known = {key: value for key, value in (floor or {}).items() if value is not None}
    return config.lay_over(Settings(), {**lists, "floor": known}, "places")
