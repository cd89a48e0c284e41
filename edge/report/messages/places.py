"""The message on ``places``: zones, lines, exits and ignored parts of the picture, as the settings declare them.

Whoever shows them to people has their labels from it, and those of the rules.
"""

from collections.abc import Collection
from dataclasses import Field as Setting
from dataclasses import asdict, fields
from typing import Any, get_type_hints

from edge.config.loader import MOST
from edge.config.settings import FloorSettings, Marks, Settings, lists
from edge.config.shapes import find_floor
from edge.config.texts import LONGEST_NAME
from edge.geometry.ground_plane import FARTHEST
from edge.geometry.polygon import Corner, Polygon
from edge.report.commands import overrides
from edge.report.fields import Field, Group, Many, Number, Text, Words, point
from edge.report.messages.message import NAME, Message, time_field

_CORNER = point(-FARTHEST, FARTHEST, 0, unit="0..1 or m", help="[x, y]")
_SHAPES: dict[Any, Field] = {
    Corner: _CORNER,
    Polygon: Many(of=_CORNER, least=3, most=64, unit=_CORNER.unit, help="corners [x, y]"),
    Marks: Many(of=Many(of=Number(low=-FARTHEST, high=FARTHEST, step=0, nullable=False), least=4, most=4), most=4),
}
_UNITS = {"enter": "s", "leave": "s", "dwell": "s", "camera_height": "m", "tilt": "degrees", "field_of_view": "degrees"}


def _declare(section: type[Any], nullable: bool = False, meaning: str = "", only: Collection[str] = ()) -> Group:
    """Declare an object with what a section of the settings has (all of it, or ``only`` that), in the bounds there."""
    hints = get_type_hints(section)
    chosen = [entry for entry in fields(section) if not only or entry.name in only]
    parts = {entry.name: _declare_one(entry, hints[entry.name]) for entry in chosen}
    return Group(parts=parts, nullable=nullable, help=meaning)


def _declare_one(setting: "Setting[Any]", hint: Any) -> Field:
    bounds = setting.metadata
    if hint in _SHAPES:
        return _SHAPES[hint]
    if "words" in bounds:
        return Words(allowed=bounds["words"], nullable=False)
    if "pattern" in bounds:
        return NAME
    if hint is str:
        return Text(longest=LONGEST_NAME, nullable=False, help="for people, in any script; empty: the name")
    unit, nullable = _UNITS[setting.name], setting.default is None
    return Number(low=bounds["low"], high=bounds["high"], step=0, unit=unit, nullable=nullable)


_OF_RULE = ("name", "label")
"""Published settings of a rule: its condition is not needed to show that it applies."""
_MEANINGS = {
    "zone": "zones",
    "line": "lines",
    "ignore": "parts of the picture in which people are not real",
    "exit": "parts of the picture through which people leave",
}
PLACES = Message(
    name="places",
    meaning="Where zones, lines, exits and ignored parts of the picture are, the floor, and what rules are called: the "
    "settings, or as asked.",
    fields={
        "time": time_field("when this was said"),
        **{
            kind: Many(of=_declare(lists()[kind]), most=MOST, distinct="name", help=_MEANINGS[kind])
            for kind in overrides.PLACES
        },
        "rule": Many(
            of=_declare(lists()["rule"], only=_OF_RULE),
            most=MOST,
            distinct="name",
            help="rules, without their conditions",
        ),
        "floor": _declare(FloorSettings, nullable=True, meaning="where the camera hangs, or four marks on the floor"),
        "source": Words(
            allowed=("settings", "command"),
            nullable=False,
            help="where the zones, lines, exits and ignored parts come from: the settings, or `command/places`",
        ),
    },
    retained=True,
    qos=1,
)


def places_payload(settings: Settings, source: str, time: float) -> dict[str, Any]:
    """Build the message.

    Args:
        settings: Those in force.
        source: ``settings`` or ``command``: where the places among them come from.
        time: Of this message, s since 1970.

    Returns:
        The payload.
    """
    return PLACES.build(
        time=time,
        **{kind: [asdict(part) for part in getattr(settings, kind)] for kind in overrides.PLACES},
        rule=[{key: getattr(rule, key) for key in _OF_RULE} for rule in settings.rule],
        floor=asdict(settings.floor) if find_floor(settings.floor) else None,
        source=source,
    )
