"""Settings in force: those of the file, and the overrides that were asked for over MQTT."""

import logging

from edge.config.settings import Settings
from edge.errors import BadSetting
from edge.report.commands.overrides import OVERRIDES, lay_over
from edge.report.commands.state_store import StateStore

log = logging.getLogger(__name__)


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
                log.warning("%s; that is given up, the settings hold", error)
                self._store.set(name, None)
        self.overridden = frozenset(overridden)
        return settings
