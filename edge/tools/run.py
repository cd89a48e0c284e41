"""``posenet-edge run``: run both services as child processes, connected by a socket of their own."""

import argparse
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from edge.errors import OutputFailed, PosenetEdgeError
from edge.report import configuration
from edge.runtime.backoff import Backoff
from edge.runtime.command import Command, add_setting
from edge.runtime.process import configure_logging, die_with_parent, stop_on_signals
from edge.sense.camera.registry import list_examples

log = logging.getLogger(__name__)

_STABLE_AFTER_S = 30.0
"""Run time after which the delay of restarts is reset."""
_STOP_WITHIN_S = 3.0
"""Time that a child has to stop before it is killed; report may need half of it for its last messages."""
_POLL_S = 0.1
_FINAL = {os.EX_OK, os.EX_USAGE, os.EX_NOINPUT, os.EX_UNAVAILABLE, os.EX_CONFIG}
"""Exit codes after which a restart is of no use: the source has ended, or a person has to correct something."""


class ChildEnded(PosenetEdgeError):
    """A child ended with an exit code of ``_FINAL``; it has printed the reason itself."""

    def __init__(self, code: int) -> None:
        super().__init__("")
        self.exit_code = code


class Child:
    """One of the two services as a process, which is restarted with growing delays when it dies."""

    def __init__(self, verb: str, arguments: list[str], again: list[str]) -> None:
        """Prepare the process; ``again`` is added to ``arguments`` from the second start on."""
        self.verb = verb
        self._arguments = arguments
        self._again = again
        self._backoff = Backoff(first=0.25, longest=8.0)
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at = 0.0
        self._started_at = 0.0

    def tend(self) -> None:
        """Start the child if it is due.

        Raises:
            ChildEnded: It ended for good.
        """
        if self._process is None:
            if time.monotonic() >= self._start_at:
                self._start()
            return
        code = self._process.poll()
        if code is None:
            return
        self._process = None
        if code in _FINAL:
            raise ChildEnded(code)
        if time.monotonic() - self._started_at > _STABLE_AFTER_S:
            self._backoff.reset()
        delay = self._backoff.delay()
        self._start_at = time.monotonic() + delay
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
        log.warning("%s %s; starting it again in %.1f s", self.verb, how, delay)

    def ask_to_stop(self) -> None:
        """Send SIGTERM, if it runs."""
        if self._process:
            self._process.terminate()

    def await_stop(self, deadline: float) -> None:
        """Wait until ``deadline`` (monotonic s), then kill it."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop within %.1f s and was killed", self.verb, _STOP_WITHIN_S)
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        # A process group of its own, so that Ctrl-C reaches only the parent, which stops the children in order. -P, so
        # that nothing is imported from the current folder.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "edge", self.verb, *self._arguments],
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=die_with_parent,
        )
        self._arguments += self._again
        self._again = []
        self._started_at = time.monotonic()


def run(arguments: argparse.Namespace) -> None:
    """Run both services until a signal, the end of the source, or an error that only a person can correct."""
    configure_logging("run")
    stopping = stop_on_signals()
    configuration.load_for(arguments)
    try:
        folder = tempfile.TemporaryDirectory(prefix="posenet-edge-")
    except OSError as error:
        raise OutputFailed(
            f"no folder for the socket: {error.strerror}; expected room in {os.environ.get('TMPDIR', '/tmp')}"
        ) from error
    with folder:
        common = [f"--config={arguments.config}"] if arguments.config else []
        common += [f"--set={assignment}" for assignment in arguments.set]
        common.append(f"--socket={Path(folder.name) / 'wall.sock'}")
        # Only the first start may fail because there is no camera; after that a missing camera is waited for.
        sense = Child("sense", [*common], again=["--set=camera.wait=true"])
        # Without the units the sandbox is often not sealed, for example as a desktop's message bus can be connected.
        report = Child("report", ["--set=people.although_unsealed=true", *common], again=[])
        _tend([report, sense], stopping)


def _tend(children: list[Child], stopping: threading.Event) -> None:
    try:
        while not stopping.wait(_POLL_S):
            for child in children:
                child.tend()
    except ChildEnded as ended:
        if ended.exit_code != os.EX_OK:
            raise
    finally:
        deadline = time.monotonic() + _STOP_WITHIN_S
        # report stops last: it takes the last lines, and publishes that the sensor is offline.
        for child in reversed(children):
            child.ask_to_stop()
            child.await_stop(deadline)


COMMAND = Command(
    run,
    "--source stills:examples/photos",
    lambda parser: add_setting(parser, "--source", "camera.source", list_examples()),
)
