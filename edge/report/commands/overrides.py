"""The settings in force: those of the file, with the profile and what was asked over MQTT laid over them.

Laid over each other, in this order: the file; the places of ``command/places``; the profile; and what was asked since
that was chosen, by ``command/sensitivity`` and ``command/switch``. What the file has switched off stays off.
"""

import logging
from dataclasses import replace
from typing import Any

from edge.config.settings import ProfileSettings, Settings
from edge.config.shapes import show
from edge.errors import BadLine, BadSetting
from edge.report import configuration
from edge.report.analytics.base import NOTHING_OFF, SwitchedOff
from edge.report.commands.profiles import HOME, profiles
from edge.report.commands.state_store import StateStore
from edge.report.commands.switches import Switches, find_profile, read_stored, read_switch
from edge.runtime import incidents
from edge.strict_json import parse

log = logging.getLogger(__name__)

OVERRIDES = ("sensitivity", "places")
"""Commands that replace a part of the settings; an empty payload takes one back."""
_SWITCHES = "switches"
"""Name under which profile and single switches are stored, together: a power cut leaves the one with the others."""
PLACES = ("zone", "line", "ignore", "exit")
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
        table = parse(payload, "utf-8")
    except BadLine as error:
        raise BadSetting(f"{where}: {error}; {expected}") from error
    if type(table) is not dict or not set(table) <= set(PLACES):
        raise BadSetting(f"{where}: {expected}, found {show(table)}")
    return table


class SettingsInForce:
    """``current`` settings, and what is switched ``off`` of them, over restarts.

    Attributes:
        current: The settings; zones and detectors that are switched off are among them, so that rules know them.
        off: What is switched off of them.
        overridden: Names of the overrides that hold.
        profile: The profile in force.
        pausing: Name of a profile that pauses the camera; empty: none does. Like a pause of ``command/camera`` it holds
            even where commands are no longer taken: nothing but a command opens a camera that a command has shut.
    """

    current: Settings
    off: SwitchedOff
    overridden: frozenset[str]
    profile: ProfileSettings
    pausing: str

    def __init__(self, of_file: Settings, store: StateStore) -> None:
        """Lay the stored overrides over the settings ``of_file``."""
        self._of_file = of_file
        self._store = store
        self._lay_over()

    def reload(self, of_file: Settings) -> None:
        """Replace the settings of the file; an override that does not fit the new ones is given up and logged."""
        self._of_file = of_file
        self._lay_over()

    def override(self, name: str, payload: bytes) -> None:
        """Replace a part of the settings until the next override of this name; on return it is stored.

        Args:
            name: One of ``OVERRIDES``.
            payload: Of the command; empty: back to the settings of the file.

        Raises:
            BadSetting: It makes no sense with the settings of the file; nothing has changed.
        """
        if payload:
            lay_over(name, payload, self._of_file)
        self._store.set(name, payload or None)
        self._lay_over()

    def find_profile(self, payload: bytes) -> ProfileSettings:
        """Find the profile that ``command/profile`` names, as ``edge.report.commands.switches.find_profile`` does."""
        return find_profile(self.current, payload)

    def choose(self, profile: ProfileSettings) -> None:
        """Put a profile in force, and take single switches and a sensitivity back; on return that is stored."""
        self._store.set("sensitivity", None)
        self._store.set(_SWITCHES, Switches(profile.name).as_stored())
        self._lay_over()

    def switch(self, name: str, payload: bytes) -> None:
        """Switch a detector or a zone off or on, until a profile is chosen; on return it is stored.

        Args:
            name: ``detector/<section>`` or ``zone/<name>``.
            payload: ``ON`` or ``OFF``; empty: as the profile has it.

        Raises:
            BadSetting: There is no such switch, or no such position; nothing has changed.
        """
        changed = self._stored_switches().set(*read_switch(self.current, name, payload))
        self._store.set(_SWITCHES, changed.known_to(self.current).as_stored())
        self._lay_over()

    def _lay_over(self) -> None:
        settings, enabled = self._of_file, self._of_file.command.enabled
        switches = self._stored_switches()
        chosen = profiles(settings)[switches.profile]
        self.pausing = chosen.name if chosen.paused else ""
        self.overridden = frozenset()
        self.profile, self.off = HOME, NOTHING_OFF
        if enabled:
            settings = self._with_override("places", settings)
            if chosen.sensitivity:
                settings = replace(settings, people=replace(settings.people, sensitivity=chosen.sensitivity))
            settings = self._with_override("sensitivity", settings)
            # A zone of the same name that comes later is another one.
            known = switches.known_to(settings)
            if known != switches:
                self._store.set(_SWITCHES, known.as_stored())
            self.profile, self.off = chosen, known.off(settings)
        self.current = settings

    def _with_override(self, name: str, settings: Settings) -> Settings:
        payload = self._store.get(name)
        if payload is None:
            return settings
        try:
            settings = lay_over(name, payload, settings)
        except BadSetting as error:
            self._give_up(name, error)
        else:
            self.overridden |= {name}
        return settings

    def _stored_switches(self) -> Switches:
        """Read profile and switches; what is damaged, or a profile that is no longer there, is given up."""
        try:
            found = read_stored(self._store.get(_SWITCHES))
            if found.profile not in profiles(self._of_file):
                raise BadSetting(f"command/profile: found {show(found.profile)}, which is no profile any more")
        except BadSetting as error:
            self._give_up(_SWITCHES, error)
            return Switches()
        return found

    def _give_up(self, name: str, error: BadSetting) -> None:
        incidents.count("overrides_given_up")
        log.warning("%s; that is given up, the settings hold", error)
        self._store.set(name, None)
