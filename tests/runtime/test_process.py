"""Signals end what runs, whatever it is doing just then."""

import signal
import subprocess
import sys

import pytest

_WAITS = """
from edge.runtime.process import stop_on_signals
stopping = stop_on_signals()
print(flush=True)
while not stopping.wait(0):
    pass
"""
_CLEARS = """
import os
from edge.runtime.process import SignalEvent, stop_on_signals
asked = SignalEvent()
stopping = stop_on_signals(asked)
print(flush=True)
while not stopping.is_set():
    asked.clear()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_the_midst_of_waiting_ends_it(number: signal.Signals) -> None:
    """The moment is not for a test to choose, so there are ten, of a loop that does nothing else."""
    for _ in range(10):
        with subprocess.Popen([sys.executable, "-c", _WAITS], stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            process.send_signal(number)
            try:
                assert process.wait(10) == 0
            finally:
                process.kill()


def test_a_reload_that_is_asked_for_again_and_again_does_not_hang() -> None:
    with subprocess.Popen([sys.executable, "-c", _CLEARS], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        for _ in range(1000):
            process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()
