"""Reload the configuration while a service runs, as far as that is possible without a restart."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from edge.config.settings import Settings, lists, restarted_by, sections
from edge.errors import BadSetting
from edge.runtime import incidents
from edge.runtime.sd_notify import Notifier

log = logging.getLogger(__name__)


@dataclass
class Reload:
    """Reloads the configuration after SIGHUP; settings that need a restart keep their former values.

    Attributes:
        service: Which one this is: settings that restart another are followed.
        in_force: The settings in force.
        load: Reads the configuration; raises BadSetting.
        notifier: Told of each reload.
        asked: Set by the signal.
    """

    service: str
    in_force: Settings
    load: Callable[[], Settings]
    notifier: Notifier
    asked: threading.Event

    def wanted(self) -> bool:
        """Tell whether the signal came since the last call."""
        if not self.asked.is_set():
            return False
        self.asked.clear()
        return True

    def settings(self) -> Settings:
        """Reload and return the settings now in force; a broken configuration is logged and changes nothing."""
        self.notifier.reloading()
        try:
            self.in_force, waiting = merge_live(self.in_force, self.load(), self.service)
        except BadSetting as error:
            incidents.count("reloads_refused")
            log.error("%s; going on with what was in force", error)
        else:
            log.info("configuration read anew%s", f"; needs a restart: {', '.join(waiting)}" if waiting else "")
        self.notifier.ready()
        return self.in_force


def merge_live(running: Settings, wanted: Settings, service: str) -> tuple[Settings, list[str]]:
    """Merge new settings into those in force.

    Args:
        running: Those in force.
        wanted: Those of the reloaded configuration.
        service: Whose they are.

    Returns:
        The merged settings: ``wanted``'s but for those that restart this service. And the names of the settings that
        differ and need such a restart.
    """
    waiting: list[str] = []
    parts: dict[str, Any] = {name: getattr(wanted, name) for name in lists()}
    parts["detectors"] = wanted.detectors
    for section in sections():
        old, new = getattr(running, section), getattr(wanted, section)
        changes = {}
        for entry in fields(old):
            before, after = getattr(old, entry.name), getattr(new, entry.name)
            if before == after:
                continue
            if restarted_by(section, entry.name) == service:
                waiting.append(f"{section}.{entry.name}")
            else:
                changes[entry.name] = after
        parts[section] = replace(old, **changes)
    return Settings(**parts), waiting
