"""The view for a terminal, in a real one (a pty), and what it draws there."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from edge.config.settings import PublishSettings
from edge.pose import Person
from edge.report.messages.health import health_payload
from edge.report.messages.message import as_json
from edge.report.messages.poses import poses_payload
from edge.report.messages.state import STATE_MESSAGE
from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.scenes import scene
from edge.tools.view.braille import Canvas
from edge.tools.view.message import read
from edge.tools.view.terminal import Sensors
from edge.wire import FrameLine
from scripts.message_docs import example_status
from tests.support.commands import COMMAND, command
from tests.support.outbox import OUTBOX
from tests.support.waiting import wait_until
from tests.tools.view.stage import Player

BOTH = scene("two-cross").persons(2.0)


def rooms(bodies: tuple[Person, ...], **state: object) -> Sensors:
    """One sensor that said so now."""
    made = Sensors()
    frame = FrameLine(1, 1.0, time.time(), 640, 480, bodies)
    said = {
        "poses": poses_payload(frame, "multi", PublishSettings()),
        "state": STATE_MESSAGE.build(time=time.time(), **state),
    }
    for name, payload in said.items():
        message = read(f"hall/{name}", as_json(payload))
        assert message
        made.hear(message)
    made.connected = True
    return made


def dots(lines: list[str]) -> set[tuple[int, int]]:
    """Which dots are set, read from the letters by Unicode's own chart."""
    order = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    return {
        (2 * column + order[bit][0], 4 * row + order[bit][1])
        for row, line in enumerate(lines)
        for column, letter in enumerate(line)
        if 0x2800 <= ord(letter) < 0x2900
        for bit in range(8)
        if (ord(letter) - 0x2800) >> bit & 1
    }


def test_each_dot_is_where_it_was_put() -> None:
    canvas = Canvas(3, 2)
    wanted = {(0, 0), (1, 3), (5, 7), (2, 4), (3, 1)}
    for x, y in wanted | {(-1, 0), (6, 0), (0, 8)}:
        canvas.dot(x, y)
    assert dots(list(canvas.lines(colours=False))) == wanted


def test_a_line_goes_from_end_to_end() -> None:
    canvas = Canvas(10, 5)
    canvas.line((0, 0), (19, 19))
    assert dots(list(canvas.lines(colours=False))) == {(n, n) for n in range(20)}
    canvas.line((0, 0), (1e9, 1e9))


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 60), (40, 12), (10, 3), (1, 1)])
def test_it_fills_the_terminal_and_no_more(columns: int, rows: int) -> None:
    lines = rooms(BOTH, occupied=True).draw(columns, rows, time.monotonic(), colours=False)
    assert len(lines) == rows
    assert all(len(line) <= columns for line in lines)


def test_joints_are_drawn_where_they_are() -> None:
    (person,) = scene("stand-still").persons(1.0)
    lines = rooms((person,)).draw(80, 32, time.monotonic(), colours=False)
    drawn = dots(lines[1:-1])
    # 80 letters are 160 dots; 30 rows are 120 dots: just the frame's shape.
    for point in person.pose.keypoints:
        x, y = point.x / 4, point.y / 4
        assert any(abs(x - dot[0]) <= 1 and abs(y - dot[1]) <= 1 for dot in drawn), point
    assert max(dot[1] for dot in drawn) <= max(point.y for point in person.pose.keypoints) / 4 + 1


def test_labels_postures_and_colours() -> None:
    shown = rooms(BOTH, occupied=True, people=2, postures={"1": "standing"})
    plain = "\n".join(shown.draw(80, 24, time.monotonic(), colours=False))
    assert "1 standing" in plain
    assert "Occupied, 2 people; person 1: standing" in plain
    assert "\x1b" not in plain
    tinted = "\n".join(shown.draw(80, 24, time.monotonic(), colours=True))
    assert len(set(re.findall(r"\x1b\[(\d+)m", tinted))) == 3, "two people and the default"
    assert re.sub(r"\x1b\[\d+m", "", tinted) == plain


def test_a_seal_that_nobody_has_tested_is_not_known() -> None:
    """As of a sensor whose sense is silent; a simulated one, of whom people are heard all the same, needs none."""
    about: dict[str, Any] = {"blindness": None, "suggested_rotate": None, **OUTBOX}
    about |= {"time": time.time(), "uptime": 1.0, "name": "hall", "software": "1"}
    message = read("hall/health", as_json(health_payload(None, {}, 1, 0, {}, **about)))
    assert message
    assert message.data["sealed"] is None
    for bodies, words in (((), "sense is silent  seal not known"), (BOTH, "simulated or replayed  no seal needed")):
        shown = rooms(bodies)
        shown.hear(message)
        assert words in "\n".join(shown.draw(120, 24, time.monotonic(), colours=False))


def test_old_poses_and_states_are_not_shown() -> None:
    shown = rooms(BOTH, occupied=True)
    later = "\n".join(shown.draw(80, 24, time.monotonic() + 10, colours=False))
    assert not dots(later.split("\n"))
    assert "Occupied" in later
    much_later = "\n".join(shown.draw(80, 24, time.monotonic() + 100, colours=False))
    assert "Occupied" not in much_later
    assert "Nothing is known of the room" in much_later


def test_a_dark_picture_is_no_blindness_while_sure_bodies_are_found() -> None:
    dark = example_status(brightness=0.01)
    about: dict[str, Any] = {"blindness": "dark", "suggested_rotate": None}
    about |= {"time": time.time(), "uptime": 1.0, "name": "hall", "software": "1", **OUTBOX}
    message = read("hall/health", as_json(health_payload(dark, {}, 1, 0, {}, **about)))
    assert message
    for bodies, later, is_blind in ((BOTH, 0.0, False), (BOTH, 10.0, True), ((), 0.0, True)):
        shown = rooms(bodies)
        shown.hear(message)
        drawn = "\n".join(shown.draw(120, 24, time.monotonic() + later, colours=False))
        assert ("BLIND: dark" in drawn) == is_blind


def test_what_is_known_of_zones_is_shown_too_in_a_few_lines() -> None:
    zones = {f"place {number}": {"occupied": True, "people": 2, "dwelling": None} for number in range(20)}
    lines = rooms(BOTH, occupied=True, zones=zones).draw(80, 24, time.monotonic(), colours=False)
    assert "Occupied; place 0: 2 people; place 1: 2 people" in "\n".join(lines)
    assert len([line for line in lines if re.search(r"place \d", line)]) == 3
    assert dots(lines), "the rest is for the skeletons"


class Terminal:
    """A pty with ``posenet-edge view --terminal`` in it; ``text`` is all that it was sent."""

    def __init__(self, port: int, **environment: str) -> None:
        self.text, self._raw = "", b""
        self._outer, inner = pty.openpty()
        self.resize(80, 24)
        self.before = termios.tcgetattr(inner)
        self._inner = inner
        self.process = subprocess.Popen(
            [*COMMAND, "view", "--terminal", "--set=mqtt.host=127.0.0.1", f"--set=mqtt.port={port}"],
            stdin=inner, stdout=inner, stderr=subprocess.PIPE, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "PYTHONUTF8": "1", "TERM": "xterm", **environment},
        )  # fmt: skip

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._outer, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        os.write(self._outer, keys)

    def sees(self, pattern: str) -> bool:
        """Whether that has been written, reading what is there."""
        if select.select([self._outer], [], [], 0.05)[0]:
            self._raw += os.read(self._outer, 65536)
            self.text = self._raw.decode(errors="replace")
        return bool(re.search(pattern, self.text))

    def screen(self) -> list[str]:
        """The lines that were drawn last."""
        self.sees("")
        whole = re.findall(r"\x1b\[H([^J]*)\x1b\[J", self.text)
        return whole[-1].split("\r\n") if whole else []

    def is_as_before(self) -> bool:
        return termios.tcgetattr(self._inner) == self.before and self.sees(r"\x1b\[\?25h\x1b\[\?1049l$")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=10)
        os.close(self._outer)
        os.close(self._inner)


@contextmanager
def terminal(port: int, **environment: str) -> Iterator[Terminal]:
    made = Terminal(port, **environment)
    try:
        yield made
    finally:
        made.close()


def test_it_draws_resizes_changes_and_leaves_the_terminal_as_it_was(broker: Mosquitto) -> None:
    with (
        Player(broker.port) as hall,
        Player(broker.port, "attic") as attic,
        terminal(broker.port, NO_COLOR="") as shown,
    ):
        hall.online()
        wait_until(lambda: shown.sees("hall"), what="the sensor")
        hall.event("hand_raised", person=2, details={"side": "left"})

        def drawn() -> bool:
            hall.poses(BOTH)
            return shown.sees("[\u2801-\u28ff]") and shown.sees(r"\x1b\[3[1-6]m")

        wait_until(drawn, what="skeletons")
        wait_until(lambda: shown.sees("hand raised, person 2"), what="the event")
        attic.online()
        wait_until(lambda: shown.sees("2 sensors, n: next"), what="another")
        shown.type(b"n")
        wait_until(lambda: shown.screen()[0].startswith("attic"), what="the other one")
        assert len(shown.screen()) == 24
        shown.resize(30, 10)
        wait_until(lambda: len(shown.screen()) == 10, what="drawn anew")
        shown.type(b"\x03")
        assert shown.process.wait(10) == 0
        assert shown.is_as_before()


def test_no_colour_where_none_is_wanted(broker: Mosquitto) -> None:
    with Player(broker.port) as hall, terminal(broker.port, NO_COLOR="1") as shown:

        def drawn() -> bool:
            hall.poses(BOTH)
            return shown.sees("[\u2801-\u28ff]")

        wait_until(drawn, what="skeletons")
        assert not re.search(r"\x1b\[[0-9;]*m", shown.text)
        shown.type(b"q")
        assert shown.process.wait(10) == 0


def test_without_a_broker_it_says_so_and_ends_when_told(broker: Mosquitto) -> None:
    broker.stop()
    with terminal(broker.port) as shown:
        wait_until(lambda: shown.sees("NO BROKER"), what="said")
        shown.process.terminate()
        assert shown.process.wait(10) == 0
        assert shown.is_as_before()


def test_without_a_terminal_it_says_what_it_needs() -> None:
    result = command("view", "--terminal")
    assert result.returncode == os.EX_USAGE
    assert "not a terminal" in result.stderr
