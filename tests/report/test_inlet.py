"""Lines arrive whole and bounded, whoever sends them and however they are cut."""

import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import OutputFailed
from edge.report.inlet import Inlet, LineBuffer
from edge.wire import MAX_LINE_BYTES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wall.sock"


@pytest.fixture
def inlet(path: Path) -> Iterator[Inlet]:
    listening = Inlet(path)
    yield listening
    listening.close()


def connect(path: Path) -> socket.socket:
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sender.connect(str(path))
    return sender


def poll_until_lines(inlet: Inlet) -> list[bytes]:
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
    for _ in range(100):
        buffer.feed(b"x" * 65536)
        assert len(buffer._rest) <= MAX_LINE_BYTES


def test_lines_arrive(inlet: Inlet, path: Path) -> None:
    with connect(path) as sender:
        sender.sendall(b"one\ntwo\nthr")
        assert poll_until_lines(inlet) == [b"one", b"two"]
        sender.sendall(b"ee\n")
        assert poll_until_lines(inlet) == [b"three"]


def test_a_new_sender_replaces_the_old_and_its_half_line(inlet: Inlet, path: Path) -> None:
    with connect(path) as old:
        old.sendall(b"whole\nhalf")
        assert poll_until_lines(inlet) == [b"whole"]
        with connect(path) as new:
            new.sendall(b"fresh\n")
            assert poll_until_lines(inlet) == [b"fresh"]


def test_a_sender_that_leaves_and_returns(inlet: Inlet, path: Path) -> None:
    for word in (b"first", b"second"):
        with connect(path) as sender:
            sender.sendall(word + b"\n")
            assert poll_until_lines(inlet) == [word]
        assert inlet.poll(1) == []


def test_the_socket_is_for_its_user_alone_and_goes_with_its_inlet(path: Path) -> None:
    inlet = Inlet(path)
    assert path.stat().st_mode & 0o777 == 0o600
    inlet.close()
    assert not path.exists()


def test_a_socket_left_behind_by_a_killed_process_is_no_obstacle(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(path))
    inlet = Inlet(path)
    connect(path).close()
    inlet.close()


@pytest.mark.parametrize("name", ["nowhere/wall.sock", "x" * 200])
def test_a_place_where_no_socket_can_be_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputFailed, match=name):
        Inlet(tmp_path / name)
