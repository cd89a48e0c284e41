"""``posenet-edge run``: run both services as child processes, connected by a socket of their own."""

import argparse
import contextlib
import logging
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from edge.errors import FINAL, OutputFailed, Told
from edge.report import configuration
from edge.runtime.backoff import Backoff
from edge.runtime.command import Command, add_log_level, add_setting
from edge.runtime.process import configure_logging, die_with_parent, set_log_level, stop_on_signals
from edge.runtime.sd_notify import RUN_SOCKET
from edge.sense.camera.registry import list_examples

log = logging.getLogger(__name__)

_STABLE_AFTER_S = 30.0
"""Run time after which the delay of restarts is reset."""
_STOP_WITHIN_S = 3.0
"""Time that a child has to stop before it is killed; report may need half of it for its last messages."""
_POLL_S = 0.1
_SIGN_WITHIN_S = 20.0
"""Time without a sign of progress after which a child is killed, as the units do: a camera's driver may hang."""
_READY_WITHIN_S = 60.0
"""Time from the start to the first sign of progress, after which a child is killed."""
_MAX_SIGN_BYTES = 4096


class Child:
    """One of the two services as a process, which is restarted with growing delays when it dies."""

    def __init__(
        self,
        verb: str,
        arguments: list[str],
        again: list[str],
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare the process.

        Args:
            verb: The service.
            arguments: Of the command.
            again: Added to them from the second start on.
            folder: For the socket on which it gives signs of progress.
            clock: Monotonic, s.
        """
        self.verb = verb
        self._clock = clock
        self._signs_at = folder / f"{verb}.sock"
        self._signs = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._signs.bind(str(self._signs_at))
        self._sign_due = 0.0
        self._arguments = arguments
        self._again = again
        self._backoff = Backoff(first=0.25, longest=8.0)
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at = 0.0
        self._started_at = 0.0

    def tend(self) -> None:
        """Start the child if it is due.

        Raises:
            Told: It ended for good: its source is over, or a person has to correct what it has printed.
        """
        if self._process is None:
            if self._clock() >= self._start_at:
                self._start()
            return
        code = self._process.poll()
        if code is None:
            self._watch(self._process)
            return
        self._process = None
        if code == os.EX_OK or code in FINAL:
            raise Told(code)
        if self._clock() - self._started_at > _STABLE_AFTER_S:
            self._backoff.reset()
        delay = self._backoff.delay()
        self._start_at = self._clock() + delay
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
        log.warning("%s %s; starting it again in %.1f s", self.verb, how, delay)

    def ask_to_stop(self) -> None:
        """Send SIGTERM, if it runs."""
        if self._process:
            self._process.terminate()

    def await_stop(self, deadline: float) -> None:
        """Wait until ``deadline`` (monotonic s), then kill it."""
        self._signs.close()
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop within %.1f s and was killed", self.verb, _STOP_WITHIN_S)
            self._process.kill()
            self._process.wait()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process if it gives no sign of progress any more."""
        with contextlib.suppress(BlockingIOError):
            while sign := self._signs.recv(_MAX_SIGN_BYTES):
                if sign in (b"READY=1", b"WATCHDOG=1"):
                    self._sign_due = self._clock() + _SIGN_WITHIN_S
        if self._clock() > self._sign_due:
            self._sign_due = math.inf
            log.warning("%s hangs, perhaps in the camera's driver: killing it", self.verb)
            process.kill()

    def _start(self) -> None:
        # A process group of its own, so that Ctrl-C reaches only the parent, which stops the children in order. -P, so
        # that nothing is imported from the current folder.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "edge", self.verb, *self._arguments],
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=die_with_parent,
            env={
                **{name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"},
                RUN_SOCKET: str(self._signs_at),
                "WATCHDOG_USEC": str(int(_SIGN_WITHIN_S * 1e6)),
            },
        )
        self._arguments += self._again
        self._again = []
        self._started_at = self._clock()
        self._sign_due = self._started_at + _READY_WITHIN_S


def run(arguments: argparse.Namespace) -> None:
    """Run both services until a signal, the end of the source, or an error that only a person can correct."""
    configure_logging("run")
    stopping = stop_on_signals()
    set_log_level(configuration.load_for(arguments).log.level)
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
        sense = Child("sense", [*common], again=["--set=camera.wait=true"], folder=Path(folder.name))
        # Without the units the sandbox is often not sealed, for example as a desktop's message bus can be connected.
        report = Child("report", ["--set=people.although_unsealed=true", *common], again=[], folder=Path(folder.name))
        _tend([report, sense], stopping)


def _tend(children: list[Child], stopping: threading.Event) -> None:
    try:
        while not stopping.wait(_POLL_S):
            for child in children:
                child.tend()
    except Told as ended:
        if ended.exit_code != os.EX_OK:
            raise
    finally:
        deadline = time.monotonic() + _STOP_WITHIN_S
        # report stops last: it takes the last lines, and publishes that the sensor is offline.
        for child in reversed(children):
            child.ask_to_stop()
            child.await_stop(deadline)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_setting(parser, "--source", "camera.source", list_examples())
    add_log_level(parser)


COMMAND = Command(run, "--source stills:examples/photos", _add_arguments)
