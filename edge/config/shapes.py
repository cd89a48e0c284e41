"""Places in config.toml: points, polygons, lines and marks on the floor, read and checked."""

import math
from typing import Any

from edge.config.settings import FloorSettings, LineSettings, Marks, Settings, ZoneSettings
from edge.errors import BadSetting
from edge.geometry.ground_plane import FARTHEST, Floor, by_camera, by_marks
from edge.geometry.polygon import Corner, Polygon, crossing

_UNITS = {"frame": ("fractions of the frame", 0.0, 1.0), "metres": ("metres", -FARTHEST, FARTHEST)}
SPOKEN: dict[Any, str] = {
    Corner: "a point [x, y]",
    Polygon: "3 to 64 corners [[x, y], [x, y], [x, y]]",
    Marks: "four marks [x, y in fractions of the frame, metres to the right, metres away]",
}


def read_shape(hint: Any, value: Any, where: str, unit: str) -> Any:
    """Read a place.

    Args:
        hint: ``Corner``, ``Polygon`` or ``Marks``.
        value: As TOML gave it.
        where: File and key, for the message.
        unit: ``frame``: in fractions of it; ``metres``: on the floor.

    Returns:
        The place as tuples of floats.

    Raises:
        BadSetting: With what was found and what was expected.
    """
    if hint == Corner:
        name, low, high = _UNITS[unit]
        return _numbers(value, [(low, high)] * 2, where, f"{SPOKEN[Corner]} in {name}, {low:g} to {high:g}")
    if hint == Marks:
        if type(value) not in (list, tuple) or len(value) not in (0, 4):
            raise BadSetting(f"{where}: expected {SPOKEN[Marks]}, found {show(value)}")
        bounds = [(0.0, 1.0)] * 2 + [(-FARTHEST, FARTHEST)] * 2
        return tuple(
            _numbers(mark, bounds, f"{where}: mark {number}", "one of " + SPOKEN[Marks])
            for number, mark in enumerate(value, 1)
        )
    if type(value) not in (list, tuple) or not 3 <= len(value) <= 64:
        raise BadSetting(f"{where}: expected {SPOKEN[Polygon]}, found {show(value)}")
    polygon = tuple(read_shape(Corner, corner, f"{where}: corner {n}", unit) for n, corner in enumerate(value, 1))
    if edges := crossing(polygon):
        raise BadSetting(
            f"{where}: the edges from corner {edges[0]} and from corner {edges[1]} cross or touch; expected a polygon "
            "whose edges meet only at its corners (go around it in one direction)"
        )
    return polygon


def _numbers(value: Any, bounds: list[tuple[float, float]], where: str, expected: str) -> tuple[float, ...]:
    if (
        type(value) not in (list, tuple)
        or len(value) != len(bounds)
        or not all(type(part) in (int, float) for part in value)
        or not all(low <= part <= high for part, (low, high) in zip(value, bounds, strict=True))
    ):
        raise BadSetting(f"{where}: expected {expected}, found {show(value)}")
    return tuple(float(part) for part in value)


def find_floor(settings: FloorSettings) -> Floor | None:
    """Compute the map from the settings of the floor.

    Returns:
        None if the floor is not configured.

    Raises:
        BadSetting: A setting is missing, or no camera could see the marks as they are given.
    """
    height, tilt, view = settings.camera_height, settings.tilt, settings.field_of_view
    needed = {"camera_height": height, "tilt": tilt, "field_of_view": view}
    missing = [name for name, value in needed.items() if value is None]
    if settings.marks:
        if given := [name for name in needed if name not in missing]:
            raise BadSetting(f"floor.{given[0]} is set beside floor.marks; expected either, as each says all of it")
        return by_marks([mark[:2] for mark in settings.marks], [mark[2:] for mark in settings.marks])
    if height is None or tilt is None or view is None:
        if len(missing) < len(needed):
            raise BadSetting(f"floor.{missing[0]} is missing; expected {', '.join(needed)} together, or marks")
        return None
    return by_camera(height, math.radians(tilt), math.radians(view))


def check_places(settings: Settings) -> None:
    """Check what no single key can tell of places.

    Raises:
        BadSetting: Places do not go together.
    """
    floor = find_floor(settings.floor)
    placed: list[tuple[str, ZoneSettings | LineSettings]] = [
        *((f"zone {number}", zone) for number, zone in enumerate(settings.zone, 1)),
        *((f"line {number}", line) for number, line in enumerate(settings.line, 1)),
    ]
    for name, part in placed:
        if part.unit == "metres" and not floor:
            raise BadSetting(f'{name}.unit is "metres" without a floor; expected a section [floor] beside it')
        if part.unit == "metres" and part.point != "feet":
            raise BadSetting(f'{name}.point is "{part.point}", in metres; expected "feet", which are on the floor')
        if isinstance(part, LineSettings) and part.start == part.end:
            raise BadSetting(f"{name}: start and end are the same point; expected a line between two")


def show(value: Any) -> str:
    """Write a value as TOML would, shortened."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value).replace("'", '"')
    return text if len(text) <= 60 else text[:57] + "..."
