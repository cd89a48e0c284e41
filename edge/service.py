"""How either room begins: its voice, its signals, its configuration, and systemd's ear."""

import argparse
import threading
from typing import NamedTuple

from edge import config
from edge.notify import Notifier
from edge.process import SignalEvent, speak_as, stop_on_signals
from edge.reload import Reload
from edge.settings import Settings


class Service(NamedTuple):
    """What a room is given when it starts."""

    settings: Settings
    stopping: threading.Event
    notifier: Notifier
    reload: Reload


def begin(verb: str, arguments: argparse.Namespace) -> Service:
    """Reads the configuration and listens to signals; raises BadSetting."""
    speak_as(verb)
    notifier, asked = Notifier(), SignalEvent()
    stopping = stop_on_signals(asked if notifier.listened_to else None)

    def load() -> Settings:
        return config.load(config.config_path(arguments.config), arguments.set)

    settings = load()
    return Service(settings, stopping, notifier, Reload(settings, load, notifier, asked))
