"""What systemd hears."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.runtime.sd_notify import RUN_SOCKET, Notifier


@pytest.fixture(params=["path", "abstract"])
def listener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@posenet-edge-test-{id(request)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if name.startswith("@") else name)
        listening.settimeout(5)
        yield listening, name


def test_each_word(listener: tuple[socket.socket, str]) -> None:
    listening, address = listener
    notifier = Notifier({"NOTIFY_SOCKET": address})
    assert notifier.listened_to
    notifier.ready()
    notifier.status("14.8 frames/s")
    notifier.status("14.8 frames/s")
    notifier.stopping()
    assert [listening.recv(200) for _ in range(3)] == [b"READY=1", b"STATUS=14.8 frames/s", b"STOPPING=1"]
    notifier.reloading()
    assert listening.recv(200).startswith(b"RELOADING=1\nMONOTONIC_USEC=")


def test_the_watchdog_is_fed_four_times_a_period(listener: tuple[socket.socket, str]) -> None:
    listening, address = listener
    now = [0.0]
    notifier = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "20000000"}, lambda: now[0])
    for second in range(20):
        now[0] = second
        notifier.alive()
    listening.setblocking(False)
    assert [listening.recv(200) for _ in range(4)] == [b"WATCHDOG=1"] * 4
    with pytest.raises(BlockingIOError):
        listening.recv(200)


def test_without_a_watchdog_nothing_is_fed(listener: tuple[socket.socket, str]) -> None:
    listening, address = listener
    Notifier({"NOTIFY_SOCKET": address}).alive()
    listening.setblocking(False)
    with pytest.raises(BlockingIOError):
        listening.recv(200)


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/notify"}])
def test_nobody_listening_is_no_error(environment: dict[str, str]) -> None:
    notifier = Notifier(environment)
    notifier.ready()
    notifier.status("well")
    notifier.alive()
    notifier.stopping()


def test_run_listens_in_place_of_systemd(listener: tuple[socket.socket, str]) -> None:
    listening, address = listener
    notifier = Notifier({RUN_SOCKET: address, "WATCHDOG_USEC": "20000000"})
    assert not notifier.listened_to, "it is not installed"
    notifier.ready()
    notifier.alive()
    assert [listening.recv(200) for _ in range(2)] == [b"READY=1", b"WATCHDOG=1"]
