"""``posenet-edge record``: what a sensor publishes on ``poses``, into a file."""

import argparse
import contextlib
import logging
import queue
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt_client

from edge import wire
from edge.config import loader
from edge.config.settings import Settings
from edge.errors import BadLine, PosenetEdgeError, Unavailable, UsageError
from edge.mqtt.client import connect, make_client
from edge.report.device_id import device_id
from edge.runtime.command import Command
from edge.runtime.process import configure_logging, stop_on_signals
from edge.tools.play.poses_reader import read_poses
from edge.tools.play.recording import Writer
from edge.tools.progress import Progress

log = logging.getLogger(__name__)

_TURN = 0.25
_PATIENCE = 5.0
"""Seconds without a message after which it says what may be wrong."""
_FLUSH_EVERY = 2.0


def record(arguments: argparse.Namespace) -> None:
    """Writes until a signal, or for ``--seconds``; raises Unavailable if nothing could be had."""
    configure_logging("record")
    if arguments.seconds is not None and not arguments.seconds > 0:
        raise UsageError(f"--seconds {arguments.seconds:g}: expected a number above 0")
    stopping = stop_on_signals()
    chosen = [f"device.id={arguments.device}"] if arguments.device else []
    settings = loader.load(loader.config_path(arguments.config), [*arguments.set, *chosen])
    device = device_id(settings.device)
    topic = f"{settings.mqtt.topic}/{device}/poses"
    with Writer(Path(arguments.file), device, arguments.force) as writer, _Ear(settings, topic) as ear:
        written = _write(ear, writer, topic, arguments.seconds, stopping)
    if not written.frames:
        raise Unavailable(f"nothing to record came on {topic}{written.left_out()}; {arguments.file} was not written")
    size = Path(arguments.file).stat().st_size
    log.info(
        "%s: %d frames in %.1f s, at most %d people, %.1f KB%s",
        arguments.file, written.frames, written.seconds, written.people, size / 1000, written.left_out(),
    )  # fmt: skip


class _Ear:
    """Subscribes to ``topic`` between ``with`` and its end."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._mqtt = settings.mqtt
        self._topic = topic
        self._arrived: queue.Queue[bytes | PosenetEdgeError] = queue.Queue()
        self._client = make_client(settings.mqtt)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = lambda _client, _data, message: self._arrived.put(bytes(message.payload))

    def __enter__(self) -> "_Ear":
        try:
            connect(self._client, self._mqtt)
        except (OSError, ValueError) as error:
            raise Unavailable(f"broker {self._mqtt.host}: {error}; expected one at mqtt.host and mqtt.port") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def next(self) -> bytes | None:
        """The next message, waiting for it a moment; raises Unavailable where the broker refuses this client."""
        with contextlib.suppress(queue.Empty):
            arrived = self._arrived.get(timeout=_TURN)
            if isinstance(arrived, PosenetEdgeError):
                raise arrived
            return arrived
        return None

    def _on_connect(self, client: mqtt_client.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._arrived.put(Unavailable(f"broker {self._mqtt.host} refuses this client: {reason}"))
        else:
            client.subscribe(self._topic)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.warning("broker %s: connection lost; trying again", self._mqtt.host)


class _Written:
    """What became of the messages."""

    def __init__(self) -> None:
        self.frames = 0
        self.people = 0
        self.refused: Counter[str] = Counter()
        self._first = self.last = 0.0

    @property
    def seconds(self) -> float:
        return self.last - self._first

    def count(self, frame: wire.FrameLine) -> None:
        self._first = self._first if self.frames else frame.time
        self.last = frame.time
        self.frames += 1
        self.people = max(self.people, len(frame.persons))

    def left_out(self) -> str:
        """How many, and why."""
        if not self.refused:
            return ""
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(self.refused.items()))
        return f"; {self.refused.total()} messages left out ({reasons})"


def _write(ear: _Ear, writer: Writer, topic: str, seconds: float | None, stopping: threading.Event) -> _Written:
    written, progress = _Written(), Progress("posenet-edge record")
    begun = flushed = time.monotonic()
    warned = False
    while not stopping.is_set() and (seconds is None or time.monotonic() - begun < seconds):
        message = ear.next()
        if message is not None:
            _take(message, writer, written)
        if written.frames:
            progress.say(f"{written.seconds:.0f} s, {written.frames} frames")
        elif not warned and time.monotonic() - begun > _PATIENCE:
            warned = True
            log.warning("nothing on %s yet; is that its id, does it run, and is publish.share not events?", topic)
        if time.monotonic() - flushed > _FLUSH_EVERY:
            flushed = time.monotonic()
            writer.flush()
    return written


def _take(message: bytes, writer: Writer, written: _Written) -> None:
    try:
        frame, mode = read_poses(message)
    except BadLine as error:
        written.refused[error.reason] += 1
        return
    if written.frames and frame.time < written.last:
        written.refused["older than the last"] += 1
        return
    writer.write(frame, mode)
    written.count(frame)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the recording, one JSON object a line, in gzip")
    parser.add_argument("--device", metavar="ID", help="whose poses (default: this sensor's)")
    parser.add_argument("--seconds", type=float, metavar="N", help="end after N seconds (default: until Ctrl-C)")
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")


COMMAND = Command(record, "hall.gz --seconds 60", _add_arguments)
