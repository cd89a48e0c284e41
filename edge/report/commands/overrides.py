"""Overrides: settings that are replaced over MQTT, by name of their command. An empty payload takes one back."""

import logging
from typing import Any

from edge.config.settings import Settings
from edge.config.shapes import show
from edge.errors import BadLine, BadSetting
from edge.report import configuration
from edge.report.commands.state_store import StateStore
from edge.runtime import incidents
from edge.strict_json import parse

log = logging.getLogger(__name__)

OVERRIDES = ("sensitivity", "places")
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
    """``current`` settings: ``reload`` replaces those of the file, ``override`` a part of them, over restarts."""

    def __init__(self, of_file: Settings, store: StateStore) -> None:
        """Lay the stored overrides over the settings ``of_file``."""
        self._of_file = of_file
        self._store = store
        self.overridden: frozenset[str] = frozenset()
        """Names of the overrides that hold."""
        self.current = self._lay_over()

    def reload(self, of_file: Settings) -> None:
        """Replace the settings of the file; an override that does not fit the new ones is given up and logged."""
        self._of_file = of_file
        self.current = self._lay_over()

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
        self.current = self._lay_over()

    def _lay_over(self) -> Settings:
        settings, overridden = self._of_file, set()
        for name in OVERRIDES if settings.command.enabled else ():
            payload = self._store.get(name)
            if payload is None:
                continue
            try:
                settings = lay_over(name, payload, settings)
                overridden.add(name)
            except BadSetting as error:
                incidents.count("overrides_given_up")
                log.warning("%s; that is given up, the settings hold", error)
                self._store.set(name, None)
        self.overridden = frozenset(overridden)
        return settings
