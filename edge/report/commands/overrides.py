"""What is asked over MQTT and laid over the settings: how sure a person must be, and where the places are."""

import logging
from typing import Any

from edge.config.settings import Settings
from edge.config.shapes import show
from edge.errors import BadLine, BadSetting
from edge.report import configuration
from edge.report.commands.state_store import StateStore
from edge.wire.strict_json import parse

log = logging.getLogger(__name__)

OVERRIDES = ("sensitivity", "places")
"""The last parts of the topics on which they come. An empty one is taken back."""
PLACES = ("zone", "line", "ignore")
"""The lists of ``[[zone]]`` and the like that may be replaced; those left out stay."""


class Overrides:
    """``ask`` for one; ``over`` lays all that were asked for over the settings of the file."""

    def __init__(self, kept: StateStore) -> None:
        self._kept = kept
        self.granted: frozenset[str] = frozenset()
        """Those that hold."""

    def ask(self, name: str, payload: bytes, settings: Settings) -> None:
        """From now on and after restarts, until another one; raises BadSetting where it makes no sense with these."""
        if payload:
            _grant(name, payload, settings)
        self._kept.set(name, payload or None)

    def over(self, settings: Settings) -> Settings:
        """With all that was asked for, where commands are taken at all.

        What doesn't go with changed settings any more is given up, and said.
        """
        granted = set()
        for name in OVERRIDES if settings.command.enabled else ():
            payload = self._kept.get(name)
            if payload is None:
                continue
            try:
                settings = _grant(name, payload, settings)
                granted.add(name)
            except BadSetting as error:
                log.warning("%s; that is given up, the settings hold", error)
                self._kept.set(name, None)
        self.granted = frozenset(granted)
        return settings


def _grant(name: str, payload: bytes, settings: Settings) -> Settings:
    where = f"command/{name}"
    if not payload:
        # Only a file can be empty, since an empty command takes the last one back: earlier versions did not
        # synchronize what they stored.
        raise BadSetting(f"{where}: what was stored of it is empty, as after a power cut")
    if name == "sensitivity":
        word = payload.decode("ascii", "replace")
        return configuration.lay_over(settings, {"people": {"sensitivity": word}}, where)
    return configuration.lay_over(settings, _places(payload, where), where)


def _places(payload: bytes, where: str) -> dict[str, Any]:
    expected = f"expected a JSON object with the lists {', '.join(PLACES)}, of what [[{PLACES[0]}]] and the like have"
    try:
        table = parse(payload)
    except BadLine as error:
        raise BadSetting(f"{where}: {error}; {expected}") from error
    if type(table) is not dict or not set(table) <= set(PLACES):
        raise BadSetting(f"{where}: {expected}, found {show(table)}")
    return table
