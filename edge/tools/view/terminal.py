"""The view for a terminal, over SSH for instance: skeletons in braille, with the standard library alone."""

import os
import queue
import select
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import wrap

from edge.config.settings import MqttSettings
from edge.errors import UsageError
from edge.runtime.process import stop_on_signals
from edge.tools.view.braille import Canvas
from edge.tools.view.hub import Hub
from edge.tools.view.message import BONES, Message
from edge.tools.view.sensor_state import SensorState, told
from edge.tools.view.subscriber import Subscriber

_COLOURS = (36, 33, 35, 32, 34, 31)
"""ANSI: cyan, yellow, magenta, green, blue, red."""
_TURN = 1 / 15
"""Seconds between two drawings."""
_SURE = 0.2
"""Joints less sure than this are not drawn: there is no opacity here."""
_EVENTS = 4
_KNOWN = 3
"""Lines at most for what is known."""


class Rooms:
    """All sensors by their id; which of them is looked at."""

    def __init__(self) -> None:
        self._rooms: dict[str, SensorState] = {}
        self.chosen = ""
        self.connected = False

    def hear(self, message: Message) -> None:
        """Sorts it to its room."""
        if message.kind == "broker":
            self.connected = bool(message.data["connected"])
            return
        self._rooms.setdefault(message.device, SensorState()).hear(message)
        self.chosen = self.chosen or message.device

    def next(self) -> None:
        """Looks at the next one."""
        names = sorted(self._rooms)
        if names:
            self.chosen = names[(names.index(self.chosen) + 1) % len(names)]

    def draw(self, columns: int, rows: int, now: float, colours: bool) -> list[str]:
        """``rows`` lines of ``columns`` letters: health, skeletons, what is known, events."""
        room = self._rooms.get(self.chosen, SensorState())
        others = f" ({len(self._rooms)} sensors, n: next)" if len(self._rooms) > 1 else ""
        head = [f"{self.chosen or 'no sensor yet'}{others}", *(room.health(now) if self.chosen else [])]
        head += [] if self.connected else ["NO BROKER"]
        events = [told(event) for event in list(room.events)[-_EVENTS:]] if rows > 3 * _EVENTS else []
        known = wrap(", ".join(room.known(now)), max(1, columns))[:_KNOWN] or [""]
        below = [*known, *events]
        height = max(0, rows - 1 - len(below))
        canvas = Canvas(columns, height)
        draw_people(canvas, room, now)
        lines = ["  ".join(head)[:columns], *canvas.lines(colours), *(line[:columns] for line in below)]
        return lines[:rows]


def draw_people(canvas: Canvas, room: SensorState, now: float) -> None:
    """Everybody in ``room``, the frame fitted into the canvas, with id and posture above."""
    shape = room.shape()
    width = min(canvas.width, canvas.height * shape)
    left, top = (canvas.width - width) / 2, (canvas.height - width / shape) / 2
    for person in room.people(now):
        colour = _COLOURS[person["id"] % len(_COLOURS)]
        dots = [
            (left + joint[0] * width, top + joint[1] * width / shape) if joint and joint[2] >= _SURE else None
            for joint in person["joints"]
        ]
        for one, other in BONES:
            if (start := dots[one]) and (end := dots[other]):
                canvas.line(start, end, colour)
        seen = [dot for dot in dots if dot]
        if seen:
            x, y = min(seen, key=lambda dot: dot[1])
            label = f"{person['id']} {room.posture(person['id'], now)}".strip()
            canvas.write(round(x) // 2 - len(label) // 2, round(y) // 4 - 1, label, colour)


def show(settings: MqttSettings) -> None:
    """Draws until Ctrl-C or q; raises UsageError where there is no terminal, or none that knows braille."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("--terminal: standard input and output are not a terminal; expected one (ssh -t HOST ...)")
    if "utf" not in sys.stdout.encoding.lower():
        raise UsageError(f"--terminal: this one speaks {sys.stdout.encoding}; expected UTF-8, try LC_ALL=C.UTF-8")
    hub, rooms, heard = Hub(), Rooms(), queue.Queue[Message]()
    stopping = stop_on_signals()
    hub.join(heard.put)
    with Subscriber(settings, hub), _screen():
        _loop(rooms, heard, stopping)


def _loop(rooms: Rooms, heard: "queue.Queue[Message]", stopping: threading.Event) -> None:
    colours = not os.environ.get("NO_COLOR")
    shown: list[str] = []
    while not stopping.is_set():
        while not heard.empty():
            rooms.hear(heard.get())
        columns, rows = os.get_terminal_size()
        lines = rooms.draw(columns, rows, time.monotonic(), colours)
        # Each line is drawn over the old one and the rest of it wiped, so that nothing flickers.
        if lines != shown:
            sys.stdout.write("\x1b[H" + "\r\n".join(f"{line}\x1b[K" for line in lines) + "\x1b[J")
            sys.stdout.flush()
            shown = lines
        ready, _, _ = select.select([sys.stdin], [], [], _TURN)
        key = os.read(sys.stdin.fileno(), 1) if ready else b"."
        if key in (b"q", b""):
            return
        if key in (b"n", b"\t"):
            rooms.next()


@contextmanager
def _screen() -> Iterator[None]:
    """The terminal's other screen, without a cursor, keys at once; all as it was afterwards."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        sys.stdout.write("\x1b[?1049h\x1b[?25l\x1b[2J")
        yield
    finally:
        sys.stdout.write("\x1b[0m\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
