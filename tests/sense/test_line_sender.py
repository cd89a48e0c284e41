"""Lines leave whole, in order, or not at all; and nobody ever waits for the other side."""

import logging
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import OutputFailed
from edge.sense.line_sender import SocketLineSender, StdoutLineSender


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wall.sock"


@pytest.fixture
def listener(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen()
        yield listening


def test_who_waits_for_report_says_so_once(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    sender = SocketLineSender(path, clock)
    for _ in range(3):
        sender.listen()
        clock.now += 1.0
    assert [record.message for record in caplog.records] == [
        f"waiting for report at {path} (No such file or directory); no camera is opened before it says so"
    ]


def test_nobody_there_means_dropped_and_counted(path: Path) -> None:
    outlet = SocketLineSender(path)
    assert not outlet.send(b"a\n")
    assert not outlet.send(b"b\n")
    assert outlet.dropped == 2


def test_it_connects_when_somebody_comes_but_not_at_every_line(path: Path) -> None:
    clock = Clock()
    outlet = SocketLineSender(path, clock)
    outlet.send(b"a\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen()
        assert not outlet.send(b"b\n"), "too soon to look again"
        clock.now = 1.0
        assert outlet.send(b"c\n")
        reader, _ = listening.accept()
        with reader:
            assert reader.recv(100) == b"c\n"
    outlet.close()


def test_a_slow_reader_costs_lines_and_never_half_lines(path: Path, listener: socket.socket) -> None:
    outlet = SocketLineSender(path)
    lines = [f"{number:06d}".encode() * 1000 + b"\n" for number in range(200)]
    left = [line for line in lines if outlet.send(line)]
    assert outlet.dropped == len(lines) - len(left) > 0, "the socket took everything: the test proves nothing"
    reader, _ = listener.accept()
    reader.setblocking(False)
    received = b""
    for _ in range(1000):
        try:
            received += reader.recv(65536)
        except BlockingIOError:
            if received.endswith(b"\n"):
                break
            outlet.send(b"")
    assert received == b"".join(left)
    reader.close()
    outlet.close()


def test_a_reader_that_leaves_is_replaced(path: Path, listener: socket.socket) -> None:
    clock = Clock()
    outlet = SocketLineSender(path, clock)
    assert outlet.send(b"a\n")
    listener.accept()[0].close()
    assert not outlet.send(b"b\n")
    clock.now = 1.0
    assert outlet.send(b"c\n")
    reader, _ = listener.accept()
    with reader:
        assert reader.recv(100) == b"c\n", "nothing of the old connection is left over"
    outlet.close()


def test_the_last_word_is_heard_and_outlives_its_connection(path: Path, listener: socket.socket) -> None:
    clock = Clock()
    outlet = SocketLineSender(path, clock)
    assert outlet.listen() == "", "nobody has said anything yet"
    reader, _ = listener.accept()
    for said, heard in [
        (b"pau", ""),
        (b"se\n", "pause"),
        (b"resume\npause\nresume\n", "resume"),
        (b"pause\n", "pause"),
    ]:
        reader.sendall(said)
        assert outlet.listen() == heard
    reader.close()
    assert outlet.listen() == "pause"
    clock.now = 1.0
    assert outlet.listen() == "pause"
    again, _ = listener.accept()
    again.sendall(b"resume\n")
    assert outlet.listen() == "resume"
    again.close()
    outlet.close()


@given(st.lists(st.binary(max_size=100), max_size=8))
def test_nothing_but_its_words_means_anything(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        path = Path(folder) / "wall.sock"
        listening.bind(str(path))
        listening.listen()
        outlet = SocketLineSender(path)
        outlet.listen()
        with listening.accept()[0] as reader:
            reader.sendall(b"pause\n")
            for piece in pieces:
                reader.sendall(piece)
                for _ in range(3):
                    outlet.listen()
            lines = b"".join(pieces).split(b"\n")[:-1]
            words = [line.decode() for line in lines if line in (b"pause", b"resume")]
            assert outlet.listen() == (words or ["pause"])[-1]
        outlet.close()


def test_a_full_disk_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    with os.fdopen(descriptor, "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(OutputFailed, match="No space left"):
            StdoutLineSender().send(b"line\n")
        # What could not be written must not be tried again when the file closes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
