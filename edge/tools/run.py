"""``posenet-edge run``: both rooms as two child processes, joined by a socket of their own."""

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

from edge.config import loader
from edge.errors import OutputFailed, PosenetEdgeError
from edge.runtime.backoff import Backoff
from edge.runtime.command import Command, add_source
from edge.runtime.process import configure_logging, die_with_parent, stop_on_signals
from edge.sense.camera.registry import list_examples

log = logging.getLogger(__name__)

_STABLE_AFTER = 30.0
"""Seconds after which a child counts as well again."""
_PATIENCE = 3.0
"""Seconds that a child has to stop before it is killed; report takes up to half of them to say goodbye."""
_TURN = 0.1
_FINAL = {os.EX_OK, os.EX_USAGE, os.EX_NOINPUT, os.EX_UNAVAILABLE, os.EX_CONFIG}
"""Exit codes that trying again would not change: the source is over, or somebody has to mend something."""


class ChildEnded(PosenetEdgeError):
    """A child ended in a way that ends everything; it has already said why."""

    def __init__(self, code: int) -> None:
        super().__init__("")
        self.exit_code = code


class Child:
    """One of the two verbs as a process that is started again, later and later, when it dies."""

    def __init__(self, verb: str, arguments: list[str], again: list[str]) -> None:
        """again: added to ``arguments`` from the second start on."""
        self.verb = verb
        self._arguments = arguments
        self._again = again
        self._backoff = Backoff(first=0.25, longest=30.0)
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at = 0.0
        self._started_at = 0.0

    def tend(self) -> None:
        """Starts the child if it is due; raises ChildEnded when it ended for good."""
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
        if time.monotonic() - self._started_at > _STABLE_AFTER:
            self._backoff.reset()
        delay = self._backoff.delay()
        self._start_at = time.monotonic() + delay
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
        log.warning("%s %s; starting it again in %.1f s", self.verb, how, delay)

    def ask_to_stop(self) -> None:
        """SIGTERM, if it lives."""
        if self._process:
            self._process.terminate()

    def see_it_stop(self, deadline: float) -> None:
        """Waits until ``deadline`` (monotonic s), then kills."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop within %.1f s and was killed", self.verb, _PATIENCE)
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        # A group of its own: Ctrl-C reaches only the parent, which stops the children in order. -P: whatever lies
        # in the folder where somebody typed this is not imported.
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
    """Runs both rooms until a signal, the end of the source, or an error that only a person can mend."""
    configure_logging("run")
    stopping = stop_on_signals()
    loader.load(loader.config_path(arguments.config), arguments.set)
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
        # A camera that was there once will be waited for: only the first start may say that there is none.
        sense = Child("sense", [*common], again=["--set=camera.wait=true"])
        # On a desk the cell cannot always be whole: a desktop's message bus answers, and health says so.
        report = Child("report", ["--set=people.although_unsealed=true", *common], again=[])
        _tend([report, sense], stopping)


def _tend(children: list[Child], stopping: threading.Event) -> None:
    try:
        while not stopping.wait(_TURN):
            for child in children:
                child.tend()
    except ChildEnded as ended:
        if ended.exit_code != os.EX_OK:
            raise
    finally:
        deadline = time.monotonic() + _PATIENCE
        # The reporting room goes last: it hears the last lines and says that the sensor is offline.
        for child in reversed(children):
            child.ask_to_stop()
            child.see_it_stop(deadline)


COMMAND = Command(run, "--source stills:examples/photos", lambda parser: add_source(parser, list_examples()))
