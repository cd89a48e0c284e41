"""``posenet-edge record``: write what a sensor publishes on ``poses`` into a file."""

import argparse
import logging
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from edge import wire
from edge.errors import BadLine, Unavailable, UsageError
from edge.mqtt.client import Client, unique_client_id
from edge.report import configuration
from edge.report.device_id import device_id
from edge.runtime.command import Command
from edge.runtime.process import configure_logging, stop_on_signals
from edge.tools.play.poses_reader import read_poses
from edge.tools.play.recording import Writer
from edge.tools.progress import Progress

log = logging.getLogger(__name__)

_TURN_S = 0.25
_PATIENCE_S = 5.0
"""Time without a message after which a warning says what may be wrong."""
_FLUSH_EVERY_S = 2.0
_LATE = 30
"""Frames by which a message may be late or said twice; a number farther back is of a sensor that was started anew."""
_STEP_S = 5.0
"""Time by which a frame's time may run ahead of its arrival before the sensor's clock was set."""


def record(arguments: argparse.Namespace) -> None:
    """Write until a signal, or for ``--seconds``.

    Raises:
        UsageError: ``--seconds`` is not above 0.
        Unavailable: The broker cannot be reached, or nothing came.
    """
    configure_logging("record")
    if arguments.seconds is not None and not arguments.seconds > 0:
        raise UsageError(f"--seconds {arguments.seconds:g}: expected a number above 0")
    stopping = stop_on_signals()
    chosen = [f"device.id={arguments.device}"] if arguments.device else []
    settings = configuration.load_for(arguments, *chosen)
    device = device_id(settings.device)
    topic = f"{settings.mqtt.topic}/{device}/poses"
    client = Client(settings.mqtt, unique_client_id("record"), max_waiting=4096)
    with Writer(Path(arguments.file), device, arguments.force) as writer, client:
        written = _write(client, writer, topic, arguments.seconds, stopping)
    if not written.frames:
        raise Unavailable(f"nothing to record came on {topic}{written.left_out()}; {arguments.file} was not written")
    size = Path(arguments.file).stat().st_size
    log.info(
        "%s: %d frames in %.1f s, at most %d people, %.1f KB%s",
        arguments.file, written.frames, written.seconds, written.people, size / 1000, written.left_out(),
    )  # fmt: skip


class _Written:
    """Counts of the messages that were written and left out."""

    def __init__(self) -> None:
        self.frames = 0
        self.people = 0
        self.refused: Counter[str] = Counter()
        self.sequence = -1
        self._first = self._last = self._arrived = self._offset = 0.0

    @property
    def seconds(self) -> float:
        return self._last - self._first

    def even_time(self, frame: wire.FrameLine, arrived: float) -> float:
        """Tell the time of a frame as if the sensor's clock had never been set since the first.

        Args:
            frame: The next one.
            arrived: When it arrived, monotonic s.

        Returns:
            S since 1970, never before the last.
        """
        time, waited = frame.time + self._offset, arrived - self._arrived
        if self.frames and not 0 <= time - self._last <= waited + _STEP_S:
            step = time - self._last - waited
            log.warning("the sensor's clock was set by %+.1f s; the recording goes on evenly", step)
            self._offset -= step
            time = self._last + waited
        return time

    def count(self, frame: wire.FrameLine, arrived: float) -> None:
        self._first = self._first if self.frames else frame.time
        self.sequence, self._last, self._arrived = frame.sequence, frame.time, arrived
        self.frames += 1
        self.people = max(self.people, len(frame.persons))

    def left_out(self) -> str:
        """Describe the messages that were left out; empty if there are none."""
        if not self.refused:
            return ""
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(self.refused.items()))
        return f"; {self.refused.total()} messages left out ({reasons})"


def _write(client: Client, writer: Writer, topic: str, seconds: float | None, stopping: threading.Event) -> _Written:
    written, progress = _Written(), Progress("posenet-edge record")
    client.subscribe(topic, lambda message: _take(message.payload, writer, written, time.monotonic()))
    begun = flushed = time.monotonic()
    warned = False
    while not stopping.is_set() and (seconds is None or time.monotonic() - begun < seconds):
        client.dispatch(_TURN_S)
        if written.frames:
            progress.say(f"{written.seconds:.0f} s, {written.frames} frames")
        elif not warned and time.monotonic() - begun > _PATIENCE_S:
            warned = True
            log.warning("nothing on %s yet; is that its id, does it run, and is publish.share not events?", topic)
        if time.monotonic() - flushed > _FLUSH_EVERY_S:
            flushed = time.monotonic()
            writer.flush()
    return written


def _take(message: bytes, writer: Writer, written: _Written, arrived: float) -> None:
    try:
        frame, mode = read_poses(message)
    except BadLine as error:
        written.refused[error.reason] += 1
        return
    if written.sequence - _LATE <= frame.sequence <= written.sequence:
        written.refused["older than the last"] += 1
        return
    frame = replace(frame, time=written.even_time(frame, arrived))
    writer.write(frame, mode)
    written.count(frame, arrived)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the recording, one JSON object a line, in gzip")
    parser.add_argument("--device", metavar="ID", help="whose poses (default: this sensor's)")
    parser.add_argument("--seconds", type=float, metavar="N", help="end after N seconds (default: until Ctrl-C)")
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")


COMMAND = Command(record, "hall.gz --seconds 60", _add_arguments)
