"""``posenet-edge report``: lines in, MQTT messages out."""

import argparse
import os
import pwd
import threading
from pathlib import Path

from edge import config
from edge.errors import UsageError
from edge.notify import Notifier
from edge.process import speak_as, stop_on_signals
from edge.reload import Reload
from edge.settings import Settings


def report(arguments: argparse.Namespace) -> None:
    """Runs the reporting room until a signal stops it."""
    speak_as("report")
    notifier, reload = Notifier(), threading.Event()
    stopping = stop_on_signals(reload if notifier.listened_to else None)

    def load() -> Settings:
        return config.load(config.config_path(arguments.config), arguments.set)

    settings = load()
    from edge.report.inlet import Inlet
    from edge.report.listener import listening
    from edge.report.loop import Report

    with listening(Path(arguments.socket)) as listener:
        inlet = Inlet(listener, _uid_of(arguments.sender))
        try:
            Report(settings, inlet, stopping, notifier, Reload(settings, load, notifier, reload)).run()
        finally:
            inlet.close()


def _uid_of(user: str | None) -> int:
    """The user that ``sense`` runs as: one's own, unless it is named."""
    if user is None:
        return os.geteuid()
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise UsageError(f"--sender {user}: no such user on this machine; expected who sense runs as") from None
