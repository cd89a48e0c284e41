"""The command ``posenet-edge sense``: camera in, lines out."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from edge.config import loader
from edge.config.settings import Settings
from edge.runtime.command import Command, add_log_level, add_setting, add_socket
from edge.runtime.service import Service, begin
from edge.sense.camera.registry import kinds, list_examples, parse_address
from edge.sense.sandbox.confine import confine_start


def sense(arguments: argparse.Namespace) -> None:
    """Run the service ``sense`` until its source ends or a signal stops it."""
    # Whoever reads lines on standard output waits for an end, not for somebody who mends something.
    with begin("sense", arguments, patient=not arguments.stdout) as service:
        _serve(service, arguments)


def _serve(service: Service, arguments: argparse.Namespace) -> None:
    settings, installed = service.settings, service.notifier.listened_to
    parse_address(settings.camera.source)
    # numpy's own threads would only wait for work that the model's threads do.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Before any library has a thread: some restrictions hold only for threads that start afterwards. Under systemd
    # the unit lists the devices, and a camera may come later.
    confinement = confine_start(
        hotplug=installed,
        connects=_sockets(arguments),
        reads=_files(settings, arguments.config),
    )
    from edge.sense.line_sender import SocketLineSender, StdoutLineSender
    from edge.sense.loop import Sense
    from edge.sense.sandbox.seal_monitor import SealMonitor

    line_sender = StdoutLineSender() if arguments.stdout else SocketLineSender(Path(arguments.socket))
    seal = SealMonitor(confinement, installed=installed)
    try:
        Sense(service, line_sender, seal).run()
    finally:
        line_sender.close()


def _sockets(arguments: argparse.Namespace) -> Iterator[Path]:
    """Sockets to which connections are made later: to ``report``, and to systemd."""
    if not arguments.stdout:
        yield Path(arguments.socket).parent
    notify = os.environ.get("NOTIFY_SOCKET", "")
    if notify.startswith("/"):
        yield Path(notify)


def _files(settings: Settings, configuration: str | None) -> Iterator[Path]:
    """Files that must stay readable beside the program's own: the configuration, those that it names."""
    name, _, argument = settings.camera.source.partition(":")
    kind = kinds().get(name)
    if kind and kind.argument == "file" and argument:
        yield Path(argument).expanduser()
    yield Path(settings.model.file).expanduser()
    if settings.picamera.tuning_file:
        yield settings.picamera.tuning_file
    yield loader.config_path(configuration) or loader.DEFAULT_PATH


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_log_level(parser)
    add_setting(parser, "--source", "camera.source", list_examples())
    way_out = parser.add_mutually_exclusive_group()
    add_socket(way_out)
    way_out.add_argument("--stdout", action="store_true", help="lines to standard output instead")


COMMAND = Command(sense, "--source video:clip.mp4 --set video.pace=fast --stdout", _add_arguments)
