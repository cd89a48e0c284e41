"""A device that can be switched on and off: a container with its own systemd, over layers that stay clean."""

import os
import shlex
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.rehearsal.cgroup import Group, frozen

BOOTS_WITHIN = 120.0
"""Seconds; under one is usual. Only against hanging for ever."""

_NSPAWN = (
    "systemd-nspawn --quiet --boot --register=no --keep-unit --notify-ready=yes --console=pipe "
    "--kill-signal=SIGRTMIN+3 --private-network --resolv-conf=off --timezone=off --link-journal=no "
    # Without these two the kernel's packet filters are not loaded, and systemd ignores IPAddressDeny without a word.
    "--capability=CAP_BPF"
).split()
# bpf for the same reason; Landlock, and with it audit's borrowing of sockets, is younger than nspawn's own list.
_CALLS = "bpf landlock_create_ruleset landlock_add_rule landlock_restrict_self pidfd_getfd"

_WANTS_REBOOT = 133


class Failed(AssertionError):
    """A command in the machine ended with another status than 0; says what it printed."""


class Running:
    """A command that goes on in a machine, and what it has printed so far; it is stopped at the end of its ``with``."""

    def __init__(self, command: list[str], stop: Callable[[], object]) -> None:
        self._stop = stop
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._process.wait(20)
        self._reader.join(5)

    def lines(self) -> list[str]:
        """What it printed, standard error included."""
        return list(self._lines)

    def text(self) -> str:
        """All of it."""
        return "\n".join(self._lines)

    def tail(self) -> str:
        """The last of it, for a report."""
        return "\n".join(self._lines)[-2000:]

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as output:
            for line in output:
                self._lines.append(line.rstrip("\n"))
        self._lines.append(f"ended with status {self._process.wait()}")


class Machine:
    """Boots at ``with``, is powered off at its end. ``top`` keeps what was written, also over a reboot.

    lower: folders, the uppermost first, which stay as they are. work: an empty folder for this machine alone.
    shared: folders of this machine (host) that are seen inside, read-only, at the given path.
    """

    def __init__(self, lower: list[Path], work: Path, shared: dict[Path, str] | None = None) -> None:
        self.top, self._root, self._work = work / "top", work / "root", work / "overlay"
        for folder in (self.top, self._root, self._work):
            folder.mkdir(parents=True)
        self._lower = lower
        self._shared = shared or {}
        self._console = work / "console"
        self._notify_path = work / "notify"
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(self._notify_path))
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0
        self._up = threading.Event()
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()
        self._started = 0
        self._options: tuple[str, ...] = ()
        self._group = Group()

    def __enter__(self) -> Self:
        try:
            self.power_on()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Powered off, and nothing left but ``top``."""
        try:
            self.power_off()
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
                last.sendto(b"", str(self._notify_path))
            self._ear.join()
            self._notify.close()
            self._group.remove()

    def power_on(self, *options: str) -> None:
        """Returns when systemd says that it is up. options: of systemd-nspawn, kept over a reboot."""
        self._options = options
        lower = ":".join(str(folder) for folder in self._lower)
        layers = f"lowerdir={lower},upperdir={self.top},workdir={self._work}"
        subprocess.run(["mount", "-t", "overlay", "-o", layers, "overlay", self._root], check=True)
        self._boot()

    def _boot(self) -> None:
        self._leader = 0
        self._up.clear()
        shared = [f"--bind-ro={host}:{inside}" for host, inside in self._shared.items()]
        with self._console.open("ab") as console:
            self._process = subprocess.Popen(
                [*_NSPAWN, f"--directory={self._root}", f"--machine=posenet-{os.getpid()}", "--hostname=posenet", f"--system-call-filter={_CALLS}", *shared, *self._options],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                preexec_fn=self._group.enter,
                env={**os.environ, "NOTIFY_SOCKET": str(self._notify_path), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )  # fmt: skip
        self._wait_until_up()

    def power_off(self) -> None:
        """An orderly shutdown; by force after a while."""
        if self._process:
            if self._process.poll() is None and self._leader:
                os.kill(self._leader, signal.SIGRTMIN + 4)
            try:
                self._process.wait(60 if self._leader else 0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process, self._leader = None, 0
        if os.path.ismount(self._root):
            subprocess.run(["umount", "--recursive", self._root], check=True)

    def reboot(self) -> None:
        """As ``systemctl reboot``; returns when it is up again."""
        self.run("systemctl reboot --no-block")
        self.see_it_reboot()

    def see_it_reboot(self) -> None:
        """Wait for a reboot that something inside asked for, and for it to be up again."""
        assert self._process, "the machine is off"
        status = self._process.wait(BOOTS_WITHIN)
        # With --keep-unit it leaves the starting again to whoever started it.
        assert status == _WANTS_REBOOT, f"it ended with status {status} instead of rebooting:\n{self.console()}"
        self._boot()

    def run(
        self, command: str, *, check: bool = True, stdin: str = "", timeout: float = 120.0, folder: str = "/root"
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell command as root, as a unit of its own; raises Failed at an exit status other than 0."""
        done = subprocess.run(
            [*self._unit(folder), command], input=stdin, capture_output=True, text=True, timeout=timeout
        )
        if check and done.returncode:
            raise Failed(
                f"{command!r} ended with status {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
            )
        return done

    def say(self, command: str, **how: float | str) -> str:
        """What a command prints, without the white space around it."""
        return self.run(command, **how).stdout.strip()  # type: ignore[arg-type]

    def start(self, command: str) -> Running:
        """A shell command that goes on until the end of its ``with``."""
        self._started += 1
        name = f"rehearsal-{self._started}.service"
        unit = self._unit("/root", f"--unit={name}", "--property=TimeoutStopSec=5")
        return Running([*unit, command], lambda: self.run(f"systemctl stop {name}", check=False))

    def write(self, path: str, text: str | bytes, mode: int = 0o644) -> None:
        """A file inside, with its folders."""
        quoted, content = shlex.quote(path), text.encode() if isinstance(text, str) else text
        make = f"mkdir -p $(dirname {quoted}) && cat > {quoted} && chmod {mode:o} {quoted}"
        subprocess.run([*self._enter(), "sh", "-c", make], input=content, check=True)

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """One of the faults of ``kit/rehearsal_kit.py``, until the end of the ``with``."""
        self.run(f"touch /etc/rehearsal/{name}")
        try:
            yield
        finally:
            self.run(f"rm -f /etc/rehearsal/{name}")

    @contextmanager
    def unkillable(self, pid: int) -> Iterator[None]:
        """A process (of that number inside) that not even SIGKILL ends, until the end of the ``with``."""
        with frozen(self._outside(pid)):
            yield

    def is_going_down(self) -> bool:
        """Whether systemd is on its way to a reboot or to power off."""
        asked = subprocess.run([*self._enter(), "systemctl", "is-system-running"], capture_output=True, text=True)
        return asked.stdout.strip() in ("stopping", "")

    def unpack(self, project: Path, to: str) -> None:
        """A checkout as ``git clone`` would give it: tracked and new files, nothing that git ignores."""
        listed = subprocess.run(
            ["git", "-C", project, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, text=True,
        ).stdout.split("\0")  # fmt: skip
        there = "\0".join(name for name in listed if name and (project / name).exists())
        pack = ["tar", "-C", str(project), "--null", "--files-from=-", "--owner=0", "--group=0", "-cf-"]
        packed = subprocess.run(pack, input=there.encode(), check=True, capture_output=True).stdout
        self.run(f"rm -rf {to}; mkdir -p {to}")
        subprocess.run([*self._enter(), "tar", "-C", to, "-xf-"], input=packed, check=True)

    def console(self) -> str:
        """The last of what the console showed, for a report."""
        return self._console.read_text(errors="replace")[-3000:]

    def _enter(self) -> list[str]:
        assert self._leader, f"the machine is off:\n{self.console()}"
        clean = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
        return ["nsenter", f"--target={self._leader}", "--all", *clean]

    def _outside(self, pid: int) -> int:
        space = os.readlink(f"/proc/{self._leader}/ns/pid")
        for folder in Path("/proc").glob("[0-9]*"):
            if os.readlink(folder / "ns/pid") == space and f"\t{pid}\n" in (folder / "status").read_text():
                return int(folder.name)
        raise LookupError(f"no process {pid} in the machine")

    def _unit(self, folder: str, *options: str) -> list[str]:
        run = [
            "systemd-run",
            "--quiet",
            "--pipe",
            "--wait",
            "--collect",
            "--setenv=HOME=/root",
            "--setenv=LANG=C.UTF-8",
        ]
        return [*self._enter(), *run, f"--working-directory={folder}", *options, "bash", "-c"]

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + BOOTS_WITHIN
        while not self._up.wait(0.05):
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise Failed(f"the machine did not boot{' and ended' if ended else ''}:\n{self.console()}")

    def _listen(self) -> None:
        """Hears what systemd says, always: once nobody reads it any more, it would wait for ever to be heard."""
        while said := self._notify.recv(4096).decode():
            for line in said.splitlines():
                if line.startswith("X_NSPAWN_LEADER_PID="):
                    self._leader = int(line.partition("=")[2])
                elif line == "READY=1" and self._leader:
                    self._up.set()
