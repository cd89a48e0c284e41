"""The profile and the single switches that were asked for, as they are stored: one JSON object."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from edge.config.settings import ProfileSettings, Settings
from edge.config.shapes import show
from edge.errors import BadLine, BadSetting
from edge.report.analytics.base import SwitchedOff
from edge.report.analytics.registry import SECTIONS
from edge.report.commands.profiles import HOME, profiles
from edge.strict_json import parse

KINDS = ("detector", "zone")
"""Kinds of things that can be switched singly: the second level of ``command/switch/<kind>/<name>``."""
_POSITIONS = {b"ON": True, b"OFF": False, b"": None}


@dataclass(frozen=True, slots=True)
class Switches:
    """The chosen profile, and the positions of the single switches that were set since it was chosen.

    Attributes:
        profile: Its name.
        single: By kind and name, whether it is on.
    """

    profile: str = HOME.name
    single: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)

    def set(self, kind: str, name: str, on: bool | None) -> "Switches":
        """Return these with a single switch set, or taken back (None)."""
        positions = {each: position for each, position in self.single.get(kind, {}).items() if each != name}
        if on is not None:
            positions[name] = on
        return replace(self, single={**self.single, kind: positions})

    def known_to(self, settings: Settings) -> "Switches":
        """Return these without the switches of what the settings do not have, or have switched off."""
        single = {
            kind: {name: on for name, on in self.single.get(kind, {}).items() if name in there}
            for kind, there in switchable(settings).items()
        }
        return replace(self, single={kind: positions for kind, positions in single.items() if positions})

    def off(self, settings: Settings) -> SwitchedOff:
        """Return what is off: by a single switch, or else by the profile."""
        profile = profiles(settings)[self.profile]
        return SwitchedOff(
            self._off("detector", profile.detectors_off, switchable(settings)),
            self._off("zone", profile.zones_off, switchable(settings)),
        )

    def _off(self, kind: str, by_profile: Iterable[str], there: Mapping[str, Iterable[str]]) -> frozenset[str]:
        single = self.single.get(kind, {})
        return frozenset(name for name in there[kind] if not single.get(name, name not in by_profile))

    def as_stored(self) -> bytes | None:
        """Write them for the store; None where nothing was asked."""
        if self == Switches():
            return None
        return json.dumps({"profile": self.profile, **self.single}).encode()


def switchable(settings: Settings) -> dict[str, list[str]]:
    """Return the names of what can be switched, by kind; what the settings have switched off stays off."""
    detectors = [name for name, kind in SECTIONS.items() if settings.section(kind).enabled]
    return {"detector": detectors, "zone": [zone.name for zone in settings.zone]}


def read_stored(stored: bytes | None) -> Switches:
    """Read what ``Switches.as_stored`` wrote.

    Args:
        stored: None where nothing was.

    Returns:
        The switches; names may be of what is no longer there.

    Raises:
        BadSetting: It is damaged.
    """
    if stored is None:
        return Switches()
    try:
        table = parse(stored)
    except BadLine as error:
        raise BadSetting(f"command/switch: what was stored of it is damaged: {error}") from error
    if (
        type(table) is not dict
        or type(profile := table.pop("profile", None)) is not str
        or not set(table) <= set(KINDS)
        or not all(
            type(positions) is dict and all(type(on) is bool for on in positions.values())
            for positions in table.values()
        )
    ):
        raise BadSetting("command/switch: what was stored of it is damaged: expected a profile and switches")
    return Switches(profile, table)


def find_profile(settings: Settings, payload: bytes) -> ProfileSettings:
    """Find the profile that ``command/profile`` names.

    Args:
        settings: With the profiles.
        payload: The name; empty: ``home``.

    Returns:
        The profile.

    Raises:
        BadSetting: There is none of that name.
    """
    known = profiles(settings)
    name = payload.decode("ascii", "replace") or HOME.name
    if name not in known:
        raise BadSetting(f"command/profile: expected one of {', '.join(known)}, found {show(name)}")
    return known[name]


def read_switch(settings: Settings, name: str, payload: bytes) -> tuple[str, str, bool | None]:
    """Read ``command/switch/<kind>/<name>``.

    Args:
        settings: With the zones in force.
        name: ``<kind>/<name>``.
        payload: ``ON`` or ``OFF``; empty: taken back, so that the profile decides.

    Returns:
        Kind, name, and whether it is to be on; None: taken back.

    Raises:
        BadSetting: There is nothing of that name to switch, or it is another payload.
    """
    kind, _, which = name.partition("/")
    known = switchable(settings)
    if kind not in known:
        raise BadSetting(f"command/switch: expected detector/NAME or zone/NAME after it, found {show(name)}")
    if which not in known[kind]:
        there = f"one of {', '.join(known[kind])}" if known[kind] else f"nothing, as no {kind} is on in the settings"
        raise BadSetting(f"command/switch/{kind}: found {show(which)}, expected {there}")
    if payload not in _POSITIONS:
        word = payload.decode("ascii", "replace")
        raise BadSetting(f"command/switch/{kind}/{which}: expected ON, OFF or nothing, found {show(word)}")
    return kind, which, _POSITIONS[payload]
