"""How either room begins: its voice, its signals, its configuration, and systemd's ear."""

import argparse
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from edge.config import loader
from edge.config.settings import Settings
from edge.runtime.process import SignalEvent, configure_logging, stop_on_signals
from edge.runtime.reload import Reload
from edge.runtime.sd_notify import Notifier


class Service(NamedTuple):
    """What a room is given when it starts."""

    settings: Settings
    stopping: threading.Event
    notifier: Notifier
    reload: Reload


def begin(
    verb: str,
    arguments: argparse.Namespace,
    read: Callable[[Path | None, list[str]], Settings] = loader.load,
) -> Service:
    """Reads the configuration and listens to signals; read: of a file and assignments; raises BadSetting."""
    configure_logging(verb)
    notifier, asked = Notifier(), SignalEvent()
    stopping = stop_on_signals(asked if notifier.listened_to else None)

    def load() -> Settings:
        return read(loader.config_path(arguments.config), arguments.set)

    settings = load()
    return Service(settings, stopping, notifier, Reload(settings, load, notifier, asked))
