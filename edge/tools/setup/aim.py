"""See what the camera's process sees, to aim the camera: skeletons and words, never a picture.

The pictures stay in a confined ``sense``, as in ``posenet-edge doctor``: what comes from it are the lines of numbers
that ``report`` receives.
"""

import contextlib
import os
import selectors
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from edge import wire
from edge.config.settings import PublishSettings
from edge.errors import BadLine
from edge.image_quality import SURE_HOLDS_S, blindness, is_sure
from edge.report.messages.message import as_json
from edge.report.messages.poses import poses_payload
from edge.runtime.process import die_with_parent
from edge.tools.checks.machine import last_line
from edge.tools.doctor.one_frame import OneFrame
from edge.tools.doctor.sense_status import POOR_PICTURE
from edge.tools.end_process import end_process
from edge.tools.view.braille import Canvas
from edge.tools.view.message import read
from edge.tools.view.sensor_state import SensorState
from edge.tools.view.terminal import draw_people, screen, write_screen

LONGEST_S = 600.0
"""Time after which a camera that somebody forgot to aim is closed."""
_FIRST_FRAME_S = 40.0
"""Time in which a slow board loads everything and opens its camera."""
_PATIENCE_S = 5.0
_REDRAW_S, _NEWS_S = 1 / 15, 2.0
"""Between two drawings, and between two lines of words alone."""
_SEEN_HOLDS_S = 0.5
"""Time for which somebody counts as seen after the last frame with somebody in it."""
_ENOUGH = set(b"\r\nq")
"""Keys that end it."""
_LAST_WORDS = 8192
"""Bytes of standard error that are kept."""


class Sight:
    """What the lines of a ``sense`` tell of its camera."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._status: wire.StatusLine | None = None
        self._people = 0
        self._people_at = self._sure_at = float("-inf")
        self.most_people = 0
        self.width = self.height = 0
        """Of the last frame, px; 0 if none came."""
        self.state = SensorState()
        """The last poses, as a view has them."""

    def hear(self, line: bytes) -> None:
        """Take a line in; what breaks the contract is passed over."""
        try:
            heard = wire.decode(line)
        except BadLine:
            return
        now = self._clock()
        if isinstance(heard, wire.StatusLine):
            self._status = heard
            return
        self.width, self.height = heard.width, heard.height
        # As it would be published, with the same limits.
        payload = poses_payload(heard, "multi", PublishSettings())
        if message := read("aim/poses", as_json(payload)):
            self.state.hear(message)
        people = len(payload["poses"])
        if people or now - self._people_at > _SEEN_HOLDS_S:
            self._people, self._people_at = people, now
        self.most_people = max(self.most_people, people)
        if any(is_sure(person.pose) for person in heard.persons):
            self._sure_at = now

    @property
    def refused(self) -> tuple[str, ...]:
        """Why the camera stays shut, as words of ``edge.wire.BREACHES``; empty if it does not."""
        return self._status.breaches if self._status and self._status.state == "refused" else ()

    def people(self) -> str:
        """Say how many people are seen now."""
        if not self.width:
            return "The camera is being opened."
        return {0: "Nobody is seen.", 1: "1 person is seen."}.get(self._people, f"{self._people} people are seen.")

    def picture(self) -> str:
        """Say whether the picture is good enough to see people, and what to do if not; empty if it is not known."""
        quality = self._status.image_quality if self._status else None
        if not self.width or quality is None or self._status is None:
            return ""
        if self._status.state == "no_frames":
            return "The camera gives no frames any more: check its cable and its power supply."
        bright = f"brightness {100 * quality.brightness:.0f} %"
        poor = "" if self._clock() - self._sure_at <= SURE_HOLDS_S else blindness(quality)
        return f"The picture is {poor}, {bright}: {POOR_PICTURE[poor]}." if poor else f"The picture is good, {bright}."

    def rate(self) -> str:
        """Say how many frames come, and how large they are."""
        if not self.width:
            return ""
        rate = f", {self._status.frame_rate:.1f} a second" if self._status and self._status.frame_rate else ""
        return f"Frames of {self.width}x{self.height} px{rate}."


class Look(NamedTuple):
    """How a look through a camera went."""

    sight: Sight
    one_frame: OneFrame
    """The same, as doctor judges it."""


def aim(command: Sequence[str], draws: bool, colours: bool, say: Callable[[str], None]) -> Look:
    """Run a ``sense`` and show what it sees, until Enter, its end, or for ten minutes.

    Args:
        command: Runs it, with its lines on standard output.
        draws: Draw skeletons; False: words alone, a line whenever they change.
        colours: In colours.
        say: Tells a line of words.

    Returns:
        What was seen, or why nothing was.
    """
    sight, said = Sight(), b""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
            preexec_fn=die_with_parent,
        )
    except OSError as error:
        return Look(sight, OneFrame(code=127, said=f"{command[0]}: {error.strerror}"))
    show: _Drawing | _Words = _Drawing(sight, colours) if draws else _Words(sight, say)
    began = time.monotonic()
    late = False
    try:
        with show.open():
            for source, more in _streams(process):
                if source == "key" and (not more or _ENOUGH & set(more)):
                    break
                if source == "errors":
                    said = (said + more)[-_LAST_WORDS:]
                elif source == "lines":
                    sight.hear(more)
                show.renew()
                late = not sight.width and time.monotonic() - began > _FIRST_FRAME_S
                if sight.refused or late or time.monotonic() - began > LONGEST_S:
                    break
            else:
                process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
        code = process.poll()
        end_process(process, _PATIENCE_S)
    if sight.width:
        return Look(sight, OneFrame(sight.width, sight.height))
    if sight.refused:
        return Look(sight, OneFrame(refused=True, breaches=sight.refused))
    last = f"no frame within {_FIRST_FRAME_S:.0f} s" if late else last_line(said.decode(errors="replace"))
    return Look(sight, OneFrame(code=code, said=last))


def _streams(process: "subprocess.Popen[bytes]") -> Iterator[tuple[str, bytes]]:
    """Give each line and what is said on standard error as they come, a key as ``key``, and nothing now and then."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        for stream, name in ((process.stdout, "lines"), (process.stderr, "errors")):
            selector.register(stream, selectors.EVENT_READ, name)  # type: ignore[arg-type]
        selector.register(sys.stdin, selectors.EVENT_READ, "key")
        while len(selector.get_map()) > 1:
            for key, _ in selector.select(_REDRAW_S):
                more = os.read(key.fd, wire.MAX_LINE_BYTES)
                if key.data == "key":
                    yield "key", more
                elif not more:
                    selector.unregister(key.fileobj)
                elif key.data == "errors":
                    yield "errors", more
                else:
                    *lines, rest = (rest[-wire.MAX_LINE_BYTES :] + more).split(b"\n")
                    for line in lines:
                        yield "lines", line
            yield "", b""


class _Drawing:
    """Skeletons that fill the terminal, with words below them."""

    def __init__(self, sight: Sight, colours: bool) -> None:
        self._sight, self._colours = sight, colours
        self._drawn_at = float("-inf")
        self._shown: list[str] = []

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Take the terminal."""
        with screen():
            yield
            termios.tcflush(sys.stdin, termios.TCIFLUSH)

    def renew(self) -> None:
        """Draw, if it is time to and something has changed."""
        now = time.monotonic()
        if now - self._drawn_at < _REDRAW_S:
            return
        self._drawn_at = now
        # A serial line has no size: it says 0 by 0.
        columns, rows = shutil.get_terminal_size()
        lines = draw(self._sight, columns, rows, now, self._colours)
        if lines != self._shown:
            write_screen(lines)
            self._shown = lines


def draw(sight: Sight, columns: int, rows: int, now: float, colours: bool) -> list[str]:
    """Draw what is seen and say it, in ``rows`` lines of ``columns`` letters."""
    words = [sight.people(), sight.picture(), sight.rate(), "Press Enter when the camera looks where it should."]
    words = [part for line in words for part in wrap(line, max(1, columns)) or [""]][-rows:]
    canvas = Canvas(columns, max(0, rows - len(words)))
    draw_people(canvas, sight.state, now)
    return [*canvas.lines(colours), *words]


class _Words:
    """Words alone, a line whenever they change, and not more often than anybody can listen to."""

    def __init__(self, sight: Sight, say: Callable[[str], None]) -> None:
        self._sight, self._say = sight, say
        self._said, self._said_at = "", float("-inf")

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Drop what was typed before."""
        self._say("Press Enter when the camera looks where it should.")
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
        yield

    def renew(self) -> None:
        """Say what has changed, if it is time to."""
        words = f"{self._sight.people()} {self._sight.picture().partition(', brightness')[0]}".strip()
        if words != self._said and time.monotonic() - self._said_at >= _NEWS_S:
            self._said, self._said_at = words, time.monotonic()
            self._say(words)
