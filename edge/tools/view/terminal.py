"""View for a terminal: skeletons in braille letters, with the standard library only."""

import os
import queue
import select
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import wrap

from edge.config.settings import MqttSettings
from edge.errors import UsageError
from edge.runtime.process import stop_on_signals
from edge.tools.view.braille import Canvas
from edge.tools.view.message import BONES, Message
from edge.tools.view.sensor_state import SensorState, told
from edge.tools.view.subscriber import Subscriber

_COLOURS = (36, 33, 35, 32, 34, 31)
"""ANSI: cyan, yellow, magenta, green, blue, red."""
_REDRAW_S = 1 / 15
_MIN_SCORE = 0.2
"""Least score of a joint that is drawn, as a terminal has no opacity."""
_EVENT_LINES = 4
_MAX_STATE_LINES = 3
QUIT = (b"q", b"")
"""Keys that end it, and the end of the input."""


class Sensors:
    """State of all sensors by id, and the one that is shown."""

    def __init__(self) -> None:
        self._states: dict[str, SensorState] = {}
        self.chosen = ""
        self.connected = False

    def hear(self, message: Message) -> None:
        """Take a message in."""
        if message.kind == "broker":
            self.connected = bool(message.data["connected"])
            return
        self._states.setdefault(message.device, SensorState()).hear(message)
        self.chosen = self.chosen or message.device

    def next(self) -> None:
        """Show the next sensor."""
        names = sorted(self._states)
        if names:
            self.chosen = names[(names.index(self.chosen) + 1) % len(names)]

    def draw(self, columns: int, rows: int, now: float, colours: bool) -> list[str]:
        """Draw health, skeletons, state and events in ``rows`` lines of ``columns`` letters."""
        sensor = self._states.get(self.chosen, SensorState())
        others = f" ({len(self._states)} sensors, n: next)" if len(self._states) > 1 else ""
        head = [f"{self.chosen or 'no sensor yet'}{others}", *(sensor.health(now) if self.chosen else [])]
        head += [] if self.connected else ["NO BROKER"]
        events = [told(event) for event in list(sensor.events)[-_EVENT_LINES:]] if rows > 3 * _EVENT_LINES else []
        known = wrap("; ".join(sensor.known(now).in_words()), max(1, columns))[:_MAX_STATE_LINES] or [""]
        below = [*known, *events]
        height = max(0, rows - 1 - len(below))
        canvas = Canvas(columns, height)
        draw_people(canvas, sensor, now)
        lines = ["  ".join(head)[:columns], *canvas.lines(colours), *(line[:columns] for line in below)]
        return lines[:rows]


class Heard:
    """Keeps messages for the thread that draws."""

    def __init__(self, waiting: "queue.Queue[Message]") -> None:
        self._waiting = waiting

    def hear(self, message: Message) -> None:
        """Take a message in."""
        self._waiting.put(message)

    def turn(self) -> None:
        """Do nothing: what is too old is left out where it is drawn."""


def draw_people(canvas: Canvas, sensor: SensorState, now: float) -> None:
    """Draw all people, the frame fitted into the canvas, with id and posture above each."""
    shape = sensor.shape()
    width = min(canvas.width, canvas.height * shape)
    left, top = (canvas.width - width) / 2, (canvas.height - width / shape) / 2
    for person in sensor.people(now):
        colour = _COLOURS[person["id"] % len(_COLOURS)]
        dots = [
            (left + joint[0] * width, top + joint[1] * width / shape) if joint and joint[2] >= _MIN_SCORE else None
            for joint in person["joints"]
        ]
        for one, other in BONES:
            if (start := dots[one]) and (end := dots[other]):
                canvas.line(start, end, colour)
        seen = [dot for dot in dots if dot]
        if seen:
            x, y = min(seen, key=lambda dot: dot[1])
            label = f"{person['id']} {sensor.posture(person['id'], now)}".strip()
            canvas.write(round(x) // 2 - len(label) // 2, round(y) // 4 - 1, label, colour)


def show(settings: MqttSettings) -> None:
    """Draw until Ctrl-C or q.

    Raises:
        UsageError: There is no terminal, or it has no UTF-8.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("--terminal: standard input and output are not a terminal; expected one (ssh -t HOST ...)")
    if "utf" not in sys.stdout.encoding.lower():
        raise UsageError(f"--terminal: this terminal uses {sys.stdout.encoding}; expected UTF-8, try LC_ALL=C.UTF-8")
    sensors, heard = Sensors(), queue.Queue[Message]()
    stopping = stop_on_signals()
    with Subscriber(settings, Heard(heard)), screen():
        _loop(sensors, heard, stopping)


def _loop(sensors: Sensors, heard: "queue.Queue[Message]", stopping: threading.Event) -> None:
    colours = not os.environ.get("NO_COLOR")
    shown: list[str] = []
    while not stopping.is_set():
        while not heard.empty():
            sensors.hear(heard.get())
        columns, rows = os.get_terminal_size()
        lines = sensors.draw(columns, rows, time.monotonic(), colours)
        if lines != shown:
            write_screen(lines)
            shown = lines
        key = read_key(_REDRAW_S)
        if key in QUIT:
            return
        if key in (b"n", b"\t"):
            sensors.next()


def write_screen(lines: Sequence[str]) -> None:
    """Draw lines over those before; the rest of each is cleared and not the whole, so that nothing flickers."""
    sys.stdout.write("\x1b[H" + "\r\n".join(f"{line}\x1b[K" for line in lines) + "\x1b[J")
    sys.stdout.flush()


def read_key(seconds: float) -> bytes:
    """Wait for a key.

    Returns:
        The key; a space if there was none in the time.
    """
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return os.read(sys.stdin.fileno(), 1) if ready else b" "


@contextmanager
def screen() -> Iterator[None]:
    """Use the alternate screen without a cursor and with unbuffered keys; restore the terminal afterwards."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        sys.stdout.write("\x1b[?1049h\x1b[?25l\x1b[2J")
        yield
    finally:
        sys.stdout.write("\x1b[0m\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
