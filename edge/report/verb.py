"""``posenet-edge report``: lines in, MQTT messages out."""

import argparse
from pathlib import Path

from edge import config
from edge.process import speak_as, stop_on_signals


def report(arguments: argparse.Namespace) -> None:
    """Runs the reporting room until a signal stops it."""
    speak_as("report")
    stopping = stop_on_signals()
    settings = config.load(config.config_path(arguments.config), arguments.set)
    from edge.report.inlet import Inlet
    from edge.report.loop import Report

    inlet = Inlet(Path(arguments.socket))
    try:
        Report(settings, inlet, stopping).run()
    finally:
        inlet.close()
