"""Start and end shared by both services: logging, signals, configuration, systemd notification, final errors."""

import argparse
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from edge.config import loader
from edge.config.settings import Settings
from edge.errors import FINAL, MissingPackage, PosenetEdgeError, Told
from edge.runtime.process import SignalEvent, configure_logging, set_log_level, stop_on_signals
from edge.runtime.reload import Reload
from edge.runtime.repair import await_repair, stamps
from edge.runtime.sd_notify import Notifier

log = logging.getLogger(__name__)

_DEVICES = Path("/dev")
"""A folder that changes when a camera is plugged in."""
_PACKAGES = Path(__file__).parents[2]
"""The folder that this package is in, which changes when another one is installed beside it."""


class Service(NamedTuple):
    """The parts that a service is given when it starts."""

    settings: Settings
    stopping: threading.Event
    notifier: Notifier
    reload: Reload


@contextmanager
def begin(
    verb: str,
    arguments: argparse.Namespace,
    read: Callable[[Path | None, list[str]], Settings] = loader.load,
    *,
    patient: bool = False,
) -> Iterator[Service]:
    """Set up logging and signals, and load the configuration.

    Args:
        verb: Stands in front of each log message.
        arguments: Of the command line; ``config`` and ``set`` are read.
        read: Reads the settings of a file and of assignments; raises BadSetting.
        patient: systemd, which starts this anew whenever it ends, has to wait where only a person can mend why: an
            error of ``edge.errors.FINAL`` or of an import, here or in the body of the ``with``, is told at once and
            passed on later.

    Yields:
        What the service works with.

    Raises:
        PosenetEdgeError: The configuration cannot be used, or what the body raised.
        ImportError: A Python package is missing; the body raised it.
        Told: The same, after the wait.
    """
    configure_logging(verb)
    notifier, asked = Notifier(), SignalEvent()
    stopping = stop_on_signals(asked if notifier.listened_to else None)
    path = loader.config_path(arguments.config)
    watched = (path or loader.DEFAULT_PATH, _DEVICES, _PACKAGES)
    # Before they are used: what is mended in between counts.
    before = stamps(watched)

    def load() -> Settings:
        settings = read(path, arguments.set)
        set_log_level(settings.log.level)
        return settings

    try:
        settings = load()
        yield Service(settings, stopping, notifier, Reload(verb, settings, load, notifier, asked))
    except (PosenetEdgeError, ImportError) as raised:
        error = MissingPackage(raised) if isinstance(raised, ImportError) else raised
        if not (patient and notifier.listened_to and error.exit_code in FINAL):
            raise
        log.error("%s", error)
        await_repair(error, lambda: stamps(watched) != before, notifier, stopping, asked)
        raise Told(os.EX_OK if stopping.is_set() else error.exit_code) from raised
