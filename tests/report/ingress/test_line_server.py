"""Lines arrive whole and bounded, whoever sends them and however they are cut."""

import contextlib
import os
import socket
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.report.ingress.line_server import LineBuffer, LineServer, listening
from edge.wire import MAX_LINE_BYTES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wall.sock"


@pytest.fixture
def inlet(path: Path) -> Iterator[LineServer]:
    with listening(path, {}) as listener:
        taking = LineServer(listener, os.geteuid())
        yield taking
        taking.close()


def connect(path: Path) -> socket.socket:
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sender.connect(str(path))
    return sender


def poll_until_lines(inlet: LineServer) -> list[bytes]:
    for _ in range(10):
        if lines := inlet.poll(1):
            return lines
    return []


LINES = st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=8)


@given(LINES, st.lists(st.integers(0, 300), max_size=8))
def test_lines_are_the_same_however_they_are_cut(lines: list[bytes], cuts: list[int]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    buffer = LineBuffer()
    pieces = [data[start:end] for start, end in pairwise(edges)]
    assert [line for piece in pieces for line in buffer.feed(piece)] == lines


@pytest.mark.parametrize("size", [1, 1000, 65536, 200_000])
def test_an_over_long_line_is_handed_on_once_and_cut(size: int) -> None:
    data = b"a\n" + b"x" * (3 * MAX_LINE_BYTES) + b"\nb\n"
    buffer = LineBuffer()
    lines = [line for start in range(0, len(data), size) for line in buffer.feed(data[start : start + size])]
    assert [lines[0], lines[2]] == [b"a", b"b"]
    assert lines[1] == b"x" * (MAX_LINE_BYTES + 1)
    assert len(lines) == 3


def test_a_buffer_holds_no_more_than_a_line() -> None:
    buffer = LineBuffer()
    tracemalloc.start()
    try:
        for _ in range(100):
            buffer.feed(bytes(65536))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * MAX_LINE_BYTES


def test_lines_arrive(inlet: LineServer, path: Path) -> None:
    with connect(path) as sender:
        sender.sendall(b"one\ntwo\nthr")
        assert poll_until_lines(inlet) == [b"one", b"two"]
        sender.sendall(b"ee\n")
        assert poll_until_lines(inlet) == [b"three"]


def test_a_new_sender_replaces_the_old_and_its_half_line(inlet: LineServer, path: Path) -> None:
    with connect(path) as old:
        old.sendall(b"whole\nhalf")
        assert poll_until_lines(inlet) == [b"whole"]
        with connect(path) as new:
            new.sendall(b"fresh\n")
            assert poll_until_lines(inlet) == [b"fresh"]


def test_a_sender_that_leaves_and_returns(inlet: LineServer, path: Path) -> None:
    for word in (b"first", b"second"):
        with connect(path) as sender:
            sender.sendall(word + b"\n")
            assert poll_until_lines(inlet) == [word]
        assert inlet.poll(1) == []


def test_each_sender_is_told_first_of_all(inlet: LineServer, path: Path) -> None:
    for word in ("resume", "pause"):
        inlet.send_command(word)
        with connect(path) as sender:
            sender.settimeout(5)
            inlet.poll(1)
            assert sender.recv(100) == f"{word}\n".encode()
            inlet.send_command("resume")
            assert sender.recv(100) == b"resume\n"
        inlet.poll(1)


def test_a_sender_that_never_listens_is_hung_up_on(inlet: LineServer, path: Path) -> None:
    with connect(path) as sender:
        inlet.poll(1)
        for _ in range(100_000):
            inlet.send_command("pause")
        sender.settimeout(5)
        while sender.recv(1 << 20):
            pass


def test_a_sender_that_hangs_up_before_it_is_seen_is_no_error(inlet: LineServer, path: Path) -> None:
    connect(path).close()
    assert inlet.poll(1) == []
    assert inlet.poll(0.1) == []


def test_strangers_are_hung_up_on_and_the_sender_stays(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With another uid expected, whoever comes is a stranger; a real second user is tried in the rehearsal."""
    with listening(path, {}) as listener:
        inlet = LineServer(listener, os.geteuid() + 1)
        for _ in range(3):
            with connect(path) as stranger:
                stranger.sendall(b"let me in\n")
                assert inlet.poll(1) == []
                assert inlet.poll(0.05) == []
                stranger.settimeout(5)
                with contextlib.suppress(ConnectionResetError):
                    assert stranger.recv(1) == b""
        inlet.close()
    assert len(caplog.records) == 1


def test_a_hundred_connections_leave_one(inlet: LineServer, path: Path) -> None:
    senders = []
    for _ in range(100):
        senders.append(connect(path))
        inlet.poll(1)
    senders[-1].sendall(b"last\n")
    assert poll_until_lines(inlet) == [b"last"]
    for sender in senders[:-1]:
        sender.settimeout(5)
        assert sender.recv(1) == b"", "hung up on"
        sender.close()
    inlet.send_command("resume")
    assert senders[-1].recv(100) == b"resume\n"
    senders[-1].close()


def test_a_restart_is_said_once_and_not_to_who_comes_later(inlet: LineServer, path: Path) -> None:
    inlet.send_command("pause")
    with connect(path) as sender:
        sender.settimeout(5)
        inlet.poll(1)
        assert sender.recv(100) == b"pause\n"
        inlet.send_command("restart")
        assert sender.recv(100) == b"restart\n"
    inlet.poll(1)
    with connect(path) as successor:
        successor.settimeout(5)
        inlet.poll(1)
        assert successor.recv(100) == b"pause\n"
