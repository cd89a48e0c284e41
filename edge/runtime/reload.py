"""Which settings take effect while a service runs, and which only when it starts again."""

import logging
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from edge.config.settings import Settings, lists, sections
from edge.errors import BadSetting
from edge.runtime.sd_notify import Notifier

log = logging.getLogger(__name__)


class Reload:
    """What SIGHUP asks for: the configuration read anew, as far as that is possible without a new start."""

    def __init__(
        self, settings: Settings, load: Callable[[], Settings], notifier: Notifier, asked: threading.Event
    ) -> None:
        """load: reads the configuration, raising BadSetting; asked: set by the signal."""
        self._settings = settings
        self._load = load
        self._notifier = notifier
        self._asked = asked

    def wanted(self) -> bool:
        """Whether somebody asked since the last time."""
        if not self._asked.is_set():
            return False
        self._asked.clear()
        return True

    def settings(self) -> Settings:
        """What is in force from now on; a configuration that is broken changes nothing, and is said."""
        self._notifier.reloading()
        try:
            self._settings, waiting = merge_live(self._settings, self._load())
        except BadSetting as error:
            log.error("%s; going on with what was in force", error)
        else:
            log.info("configuration read anew%s", f"; needs a restart: {', '.join(waiting)}" if waiting else "")
        self._notifier.ready()
        return self._settings


def merge_live(running: Settings, wanted: Settings) -> tuple[Settings, list[str]]:
    """``running`` with what can change at once taken from ``wanted``, and the names of what needs a restart."""
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
            if entry.metadata.get("live"):
                changes[entry.name] = after
            else:
                waiting.append(f"{section}.{entry.name}")
        parts[section] = replace(old, **changes)
    return Settings(**parts), waiting
