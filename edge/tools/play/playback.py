"""Playing of frames for ``replay`` and ``simulate``: as a sensor of their own, or as a list of events."""

import argparse
import contextlib
import logging
from collections.abc import Iterator

from edge import wire
from edge.config.settings import Settings
from edge.errors import BrokerUnavailable, UsageError
from edge.report import configuration
from edge.report.analytics.engine import Engine
from edge.report.analytics.event import Event
from edge.report.device_id import device_id
from edge.report.ingress.gate import Gate
from edge.report.loop import Report
from edge.report.messages.event import event_payload
from edge.report.messages.quantize import quantize
from edge.runtime.process import configure_logging
from edge.runtime.service import begin
from edge.tools.describe import event_in_words
from edge.tools.forget import clear
from edge.tools.online import is_online
from edge.tools.play.player import Player
from edge.tools.progress import Progress

log = logging.getLogger(__name__)

_MAX_SPEED = 100.0


def play(arguments: argparse.Namespace, frames: Iterator[wire.FrameLine], name: str, mode: str) -> None:
    """Publish frames as a sensor, or print their events.

    Args:
        arguments: Of the command line.
        frames: ``monotonic`` is in s from 0.
        name: Device id of the sensor.
        mode: As ``decode.mode``.

    Raises:
        UsageError: The speed is out of range, or the name is that of the real sensor or of one that is online.
        BadRecording: The frames end with a damaged line.
        Unavailable: There is no broker.
    """
    if not 0 < arguments.speed <= _MAX_SPEED:
        raise UsageError(f"--speed {arguments.speed:g}: expected a number above 0, at most {_MAX_SPEED:g}")
    settings = configuration.load_for(arguments)
    if name == device_id(settings.device):
        raise UsageError(f"--name {name}: that is the sensor itself; expected another name, as its topics are cleared")
    # Bounds against a compromised sense are not needed for these frames.
    arguments.set = [
        *arguments.set,
        *(f"device.id={name}", "device.name=", f"decode.mode={mode}"),
        *(f"decode.max_poses={wire.MAX_POSES}", "publish.max_rate=1000"),
    ]
    if arguments.events:
        configure_logging(arguments.verb)
        _print_events(frames, configuration.load_for(arguments))
    else:
        _check_name(arguments, name)
        _publish(arguments, frames)


def _check_name(arguments: argparse.Namespace, name: str) -> None:
    """Refuse the name of a sensor that is online: the broker would throw that one out."""
    with contextlib.suppress(BrokerUnavailable):  # the broker may come later
        if not arguments.force and is_online(configuration.load_for(arguments)):
            raise UsageError(f"--name {name}: a sensor with this id is online; expected another name, or --force")


def _publish(arguments: argparse.Namespace, frames: Iterator[wire.FrameLine]) -> None:
    with begin(arguments.verb, arguments, configuration.load) as service:
        player = Player(
            frames, arguments.speed, service.stopping, lambda: report.has_room, speaker=f"posenet-edge {arguments.verb}"
        )
        report = Report(service, player, player.clock)
        report.run()
        topic, stays = clear(service.settings)
        for each in stays:
            log.warning("%s", each)
        log.info("%.1f s played as %s, %d frames; nothing of it is retained", player.clock(), topic, player.played)
        if player.problem:
            raise player.problem


def _print_events(frames: Iterator[wire.FrameLine], settings: Settings) -> None:
    for event, at in events(_with_progress(frames), settings, Engine(settings)):
        print(f"{at:9.2f} s  {event_in_words(event_payload(event, at))}")


def _with_progress(frames: Iterator[wire.FrameLine]) -> Iterator[wire.FrameLine]:
    progress = Progress("posenet-edge")
    for number, frame in enumerate(frames, 1):
        yield frame
        progress.say(f"{frame.monotonic:.0f} s, {number} frames")


def events(frames: Iterator[wire.FrameLine], settings: Settings, engine: Engine) -> Iterator[tuple[Event, float]]:
    """Process frames as ``report`` does: gate, rounding, detectors.

    Args:
        frames: In the order of their times.
        settings: Of the gate.
        engine: The detectors; its state can be asked for afterwards.

    Yields:
        Each event with its time, s.
    """
    now = 0.0
    gate = Gate(settings, lambda: now)
    for frame in frames:
        now = frame.monotonic
        line = gate.admit(wire.encode(frame))
        if isinstance(line, wire.FrameLine):
            for event in engine.see(quantize(line)):
                yield event, now
