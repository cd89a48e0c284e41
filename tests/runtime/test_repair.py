"""An error that only a person can mend: a service of systemd tells it once and waits; at a terminal it ends."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.errors import BadSetting
from edge.runtime.repair import PATIENCE_S, await_repair, stamps
from edge.runtime.sd_notify import Notifier
from tests.support.commands import COMMAND, PROJECT
from tests.support.waiting import wait_until

TYPO = "[camera]\nrotat = 90\n"
SAID = "config.toml: camera.rotat: no such key (did you mean rotate?)"


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Where a service tells systemd how it is."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def told(systemd: socket.socket) -> list[str]:
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(systemd.recv(2000).decode())
    return found


class Service:
    """A service that systemd has started in a folder."""

    def __init__(self, folder: Path, systemd: socket.socket, *words: str, **variables: str) -> None:
        self._systemd = systemd
        self.told: list[str] = []
        environment = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "20000000", **variables}
        self.process = subprocess.Popen(
            [*COMMAND, *words], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
        )

    def hears(self) -> list[str]:
        """All that systemd was told until now."""
        self.told += told(self._systemd)
        return self.told

    def waits_for(self, error: str) -> None:
        """Return once it waits."""
        wait_until(lambda: f"STATUS=waiting: {error}" in self.hears(), what=lambda: f"{self.told}, it waits")
        wait_until(lambda: self.told[-1] == "WATCHDOG=1" or (self.hears() and False), what="it feeds the watchdog")
        assert "READY=1" in self.told
        assert "STOPPING=1" not in self.told, "systemd would kill it soon"
        assert self.process.poll() is None

    def end(self) -> tuple[int, list[str]]:
        """Its exit status, and what it told of errors."""
        _, said = self.process.communicate(timeout=60)
        assert "Traceback" not in said
        return self.process.returncode, re.findall(r"^posenet-edge \w+: (?!seal|not sealed|sealed)(.*)", said, re.M)


@pytest.fixture
def start(tmp_path: Path, systemd: socket.socket) -> Iterator[Callable[..., Service]]:
    """Starts services below ``tmp_path``."""
    with contextlib.ExitStack() as stack:

        def begin(*words: str, **variables: str) -> Service:
            service = Service(tmp_path, systemd, *words, **variables)
            stack.callback(service.process.stderr.close)  # type: ignore[union-attr]
            stack.callback(service.process.wait)
            stack.callback(service.process.kill)
            return service

        yield begin


@pytest.mark.parametrize("verb", ["sense", "report"])
def test_a_service_waits_until_its_configuration_is_mended(
    tmp_path: Path, start: Callable[..., Service], verb: str
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(TYPO)
    service = start(verb, "--config=config.toml")
    service.waits_for(SAID)
    config.write_text("[camera]\nrotate = 90\n")
    assert service.end() == (os.EX_CONFIG, [SAID])


def test_a_file_that_could_not_be_read_may_be_now(tmp_path: Path, start: Callable[..., Service]) -> None:
    config = tmp_path / "config.toml"
    config.write_bytes(b"\xff")
    service = start("report", "--config=config.toml")
    service.waits_for("config.toml: line 1 is not UTF-8 (byte 0); expected a TOML file")
    config.chmod(0o600)
    assert service.end()[0] == os.EX_CONFIG


@pytest.mark.parametrize(("number", "status"), [(signal.SIGHUP, os.EX_CONFIG), (signal.SIGTERM, os.EX_OK)])
def test_a_signal_ends_the_wait(
    tmp_path: Path, start: Callable[..., Service], number: signal.Signals, status: int
) -> None:
    (tmp_path / "config.toml").write_text(TYPO)
    service = start("report", "--config=config.toml")
    service.waits_for(SAID)
    service.process.send_signal(number)
    assert service.end() == (status, [SAID])


def test_what_is_found_out_behind_the_sandbox_is_waited_for_in_it(
    tmp_path: Path, start: Callable[..., Service]
) -> None:
    (tmp_path / "m.tflite").write_text("no model")
    config = tmp_path / "config.toml"
    config.write_text("[model]\nfile = 'm.tflite'\n")
    service = start("sense", "--config=config.toml", f"--socket={tmp_path}/wall.sock")
    wait_until(
        lambda: any(f"STATUS=waiting: model {tmp_path}/m.tflite" in line for line in service.hears()), what="it waits"
    )
    assert "Seccomp:\t2" in Path(f"/proc/{service.process.pid}/status").read_text()
    config.write_text("")
    assert service.end()[0] == os.EX_CONFIG


@pytest.mark.parametrize(("verb", "package"), [("sense", "numpy"), ("report", "paho")])
def test_a_package_that_is_gone_is_waited_for(
    tmp_path: Path, start: Callable[..., Service], verb: str, package: str
) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    (packages / "edge").symlink_to(PROJECT / "edge")
    (packages / f"{package}.py").write_text(f"raise ModuleNotFoundError({f'No module named {package!r}'!r})")
    service = start(verb, f"--socket={tmp_path}/wall.sock", PYTHONPATH=str(packages), PYTHONDONTWRITEBYTECODE="1")
    found = f"found a Python package missing or damaged (No module named {package!r})"
    wait_until(lambda: any(f"STATUS=waiting: {sys.prefix}: {found}" in line for line in service.hears()), what="waits")
    assert "READY=1" in service.told
    (packages / f"{package}.py").unlink()
    status, said = service.end()
    assert (status, [found in line for line in said]) == (os.EX_UNAVAILABLE, [True])


def test_a_clip_that_is_gone_when_the_camera_may_open(tmp_path: Path, start: Callable[..., Service]) -> None:
    (tmp_path / "p.jpg").write_text("no photo")
    with socket.socket(socket.AF_UNIX) as wall:
        wall.bind(str(tmp_path / "wall.sock"))
        wall.listen()
        service = start("sense", "--source=stills:p.jpg", f"--socket={tmp_path}/wall.sock")
        assert select.select([wall], [], [], 60)[0], "it connects"
        report, _ = wall.accept()
        with report:
            report.sendall(b"resume\n")
            wait_until(lambda: any("STATUS=waiting: " in line for line in service.hears()), what="it waits")
    assert "STOPPING=1" not in service.told, "systemd would kill it soon"
    service.process.send_signal(signal.SIGHUP)
    status, said = service.end()
    assert (status, "p.jpg" in said[-1]) == (os.EX_NOINPUT, True)


def test_doctor_who_reads_what_sense_says_does_not_wait(tmp_path: Path, start: Callable[..., Service]) -> None:
    (tmp_path / "config.toml").write_text(TYPO)
    assert start("sense", "--config=config.toml", "--stdout").end() == (os.EX_CONFIG, [SAID])


def test_after_a_while_it_is_tried_anew(systemd: socket.socket) -> None:
    now, said = 0.0, []

    class Stopping(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            nonlocal now
            now += timeout or 0.0
            said.extend(told(systemd))
            return False

    environment = {"NOTIFY_SOCKET": str(systemd.getsockname()), "WATCHDOG_USEC": "20000000"}
    notifier = Notifier(environment, lambda: now)
    error = BadSetting("two\nREADY=1")
    await_repair(error, lambda: False, notifier, Stopping(), threading.Event(), lambda: now)
    assert now == PATIENCE_S
    assert said[:2] == ["READY=1", "STATUS=waiting: two READY=1"]
    assert set(said[2:]) == {"WATCHDOG=1"}


def test_a_stamp_tells_of_each_change(tmp_path: Path) -> None:
    file, other = tmp_path / "file", tmp_path / "other"
    seen = [stamps([file])]

    def changed() -> bool:
        seen.append(stamps([file]))
        return seen[-1] != seen[-2]

    assert not changed()
    file.write_text("a")
    assert changed()
    file.write_text("ab")
    assert changed()
    file.chmod(0o600)
    assert changed()
    other.write_text("ab")
    other.rename(file)
    assert changed()
    file.unlink()
    assert changed()
    folder = tmp_path
    before = stamps([folder])
    (folder / "video0").touch()
    assert stamps([folder]) != before
