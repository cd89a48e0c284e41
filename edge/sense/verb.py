"""``posenet-edge sense``: camera in, lines out."""

import argparse
import os
import sys
import threading
from pathlib import Path

from edge import config
from edge.notify import Notifier
from edge.process import speak_as, stop_on_signals
from edge.reload import Reload
from edge.settings import Settings


def sense(arguments: argparse.Namespace) -> None:
    """Runs the sensing room until its source ends or a signal stops it."""
    speak_as("sense")
    notifier, reload = Notifier(), threading.Event()
    stopping = stop_on_signals(reload if notifier.listened_to else None)

    def load() -> Settings:
        return config.load(config.config_path(arguments.config), arguments.set)

    settings = load()
    # numpy's own threads would only wait for work that the model's threads do.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from edge.sense.loop import Sense
    from edge.sense.outlet import SocketOutlet, StdoutOutlet

    outlet = StdoutOutlet() if arguments.stdout else SocketOutlet(Path(arguments.socket))
    try:
        Sense(settings, outlet, stopping, notifier, Reload(settings, load, notifier, reload)).run()
    except BrokenPipeError:
        # The reader of the pipe has had enough; Python must not find that out again while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        outlet.close()
