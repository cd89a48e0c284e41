"""Start-up shared by both services: logging, signals, configuration, systemd notification."""

import argparse
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from edge.config import loader
from edge.config.settings import Settings
from edge.runtime.process import SignalEvent, configure_logging, set_log_level, stop_on_signals
from edge.runtime.reload import Reload
from edge.runtime.sd_notify import Notifier


class Service(NamedTuple):
    """The parts that a service is given when it starts."""

    settings: Settings
    stopping: threading.Event
    notifier: Notifier
    reload: Reload


def begin(
    verb: str,
    arguments: argparse.Namespace,
    read: Callable[[Path | None, list[str]], Settings] = loader.load,
) -> Service:
    """Set up logging and signals, and load the configuration.

    Args:
        verb: Stands in front of each log message.
        arguments: Of the command line; ``config`` and ``set`` are read.
        read: Reads the settings of a file and of assignments; raises BadSetting.

    Returns:
        What the service works with.

    Raises:
        BadSetting: The configuration cannot be used.
    """
    configure_logging(verb)
    notifier, asked = Notifier(), SignalEvent()
    stopping = stop_on_signals(asked if notifier.listened_to else None)

    def load() -> Settings:
        settings = read(loader.config_path(arguments.config), arguments.set)
        set_log_level(settings.log.level)
        return settings

    settings = load()
    return Service(settings, stopping, notifier, Reload(verb, settings, load, notifier, asked))
