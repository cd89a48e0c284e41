"""The listening socket: systemd's where there is one, else made and taken away again, and nothing else ever touched."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge.errors import OutputFailed
from edge.report.ingress.line_server import listening


def test_it_is_for_its_user_alone_and_goes_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "wall.sock"
    with listening(path, {}):
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()


def test_a_socket_left_behind_by_a_killed_process_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "wall.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(path))
    with listening(path, {}), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sender:
        sender.connect(str(path))


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_socket_is_left_alone(tmp_path: Path, kind: str) -> None:
    path, precious = tmp_path / "wall.sock", tmp_path / "precious"
    precious.write_text("keep me")
    if kind == "file":
        path.write_text("keep me")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(precious)
    with pytest.raises(OutputFailed, match="something else is there"), listening(path, {}):
        pass
    assert path.exists()
    assert precious.read_text() == "keep me"


@pytest.mark.parametrize("name", ["nowhere/wall.sock", "x" * 200])
def test_a_place_where_no_socket_can_be_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputFailed, match=name), listening(tmp_path / name, {}):
        pass


def test_systemds_socket_is_taken_and_left_in_its_place(tmp_path: Path) -> None:
    """In a process of its own, with the socket as descriptor 3 as sd_listen_fds(3) says."""
    path = tmp_path / "wall.sock"
    code = (
        "import os, sys; from pathlib import Path; from edge.report.ingress.line_server import listening\n"
        "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\n"
        "with listening(Path('/nowhere/else')) as l: c, _ = l.accept(); print(c.recv(10).decode())\n"
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sender:
            sender.connect(str(path))
            sender.sendall(b"hello")
            result = subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
                pass_fds=[3],
                preexec_fn=lambda: os.dup2(listener.fileno(), 3),
            )
    assert result.stdout == "hello\n", result.stderr
    assert path.exists()


@pytest.mark.parametrize(
    "environment", [{"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_FDS": "1"}, {"LISTEN_PID": "x"}]
)
def test_a_socket_meant_for_another_process_is_not_taken(tmp_path: Path, environment: dict[str, str]) -> None:
    with listening(tmp_path / "wall.sock", environment) as listener:
        assert listener.getsockname() == str(tmp_path / "wall.sock")
