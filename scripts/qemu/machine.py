"""A machine in qemu that can be switched on, asked, and cut off: its kernel, its disk, and ssh as the way in."""

import os
import shlex
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.errors import Unavailable
from edge.tools.progress import Progress
from scripts.qemu.system import System

_BOOTS_WITHIN_S, _ENDS_WITHIN_S = 1800.0, 600.0
"""Against waiting for ever; where a processor is emulated beside other work, a boot may take minutes."""
_PROBE_S = 20.0
_CPUS = {"amd64": "Nehalem", "arm64": "cortex-a72"}
"""What is emulated. The model runs twice as fast on a Nehalem as on the newest that qemu knows."""


class Failed(Exception):
    """A machine did not do what was asked of it; says what it printed."""


@dataclass(frozen=True)
class Disk:
    """What a machine boots: an image that stays as it is, with kernel and initrd beside it."""

    system: System
    image: Path
    kernel: Path
    initrd: Path


def accelerator(disk: Disk, kvm: Path = Path("/dev/kvm")) -> str:
    """Choose how to run the machine's instructions.

    A /dev/kvm that can be opened need not boot anything, so the kernel is started with it and must say its name.

    Args:
        disk: What will be booted.
        kvm: The device.

    Returns:
        ``kvm`` where it works, else ``tcg``, which emulates them.
    """
    here = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine)
    if disk.system.architecture != here or not os.access(kvm, os.R_OK | os.W_OK):
        return "tcg"
    words = [*_processor(disk.system, "kvm"), "-m", "512", "-nodefaults", "-display", "none", "-no-reboot"]
    boot = ["-kernel", str(disk.kernel), "-append", f"console={_console(disk.system)} panic=-1"]
    try:
        said = subprocess.run(
            [*words, *boot, "-serial", "stdio"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_S,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
    return "kvm" if b"Linux version" in said else "tcg"


def _processor(system: System, accel: str) -> list[str]:
    cpu = "host" if accel == "kvm" else _CPUS[system.architecture]
    how = accel if accel == "kvm" else "tcg,thread=multi"
    if system.architecture == "amd64":
        return ["qemu-system-x86_64", "-M", "q35", "-accel", how, "-cpu", cpu]
    return ["qemu-system-aarch64", "-M", "virt,gic-version=3", "-accel", how, "-cpu", cpu]


def _console(system: System) -> str:
    return {"amd64": "ttyS0", "arm64": "ttyAMA0"}[system.architecture]


class Machine:
    """On from ``with`` to its end. What it writes goes to a layer of its own in ``work``, which outlives a cut."""

    def __init__(
        self,
        disk: Disk,
        work: Path,
        key: Path,
        accel: str,
        *,
        carried: Path | None = None,
        safe: bool = False,
        append: str = "",
    ) -> None:
        """Prepare it, switched off.

        Args:
            disk: What it boots.
            work: A folder for this machine alone.
            key: With which ssh lets root in.
            accel: From ``accelerator``.
            carried: An image that is seen in the machine as its second disk.
            safe: What the machine has synced survives its end; slower.
            append: More words for the kernel's command line.
        """
        self.disk, self._key, self._accel, self._carried = disk, key, accel, carried
        self._safe, self._append = safe, append
        work.mkdir(parents=True, exist_ok=True)
        self._layer, self._console_log, self._control = work / "layer.qcow2", work / "console", work / "ssh"
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        if not self._layer.exists():
            create = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(disk.image), "-F", "raw", str(self._layer)]
            subprocess.run(create, check=True)

    def __enter__(self) -> Self:
        try:
            self.power_on()
        except BaseException:
            self.cut()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()

    @property
    def is_on(self) -> bool:
        """True while its process runs."""
        return self._process is not None and self._process.poll() is None

    def power_on(self) -> float:
        """Boot, until ssh answers and systemd has started all.

        Returns:
            How long it took, s.

        Raises:
            Failed: It did not boot.
        """
        self._port = _free_port()
        system = self.disk.system
        cache = "writeback" if self._safe else "unsafe"
        drives = [f"file={self._layer},if=none,id=disk,cache={cache}"]
        devices = ["virtio-blk-pci,drive=disk", "virtio-rng-pci"]
        if self._carried:
            drives.append(f"file={self._carried},if=none,id=carried,format=raw,readonly=on")
            devices.append("virtio-blk-pci,drive=carried")
        words = [*_processor(system, self._accel), "-smp", "2", "-m", "2048", "-nodefaults", "-no-user-config"]
        words += ["-display", "none", "-kernel", str(self.disk.kernel), "-initrd", str(self.disk.initrd)]
        words += [
            "-append",
            f"root=/dev/vda rw console={_console(system)} quiet systemd.show_status=1 net.ifnames=0 mitigations=off "
            + self._append,
        ]
        words += [word for drive in drives for word in ("-drive", drive)]
        words += [word for device in devices for word in ("-device", device)]
        # Nothing outside is contacted: the machine's network is cut but for its ssh.
        words += ["-nic", f"user,model=virtio-net-pci,restrict=on,hostfwd=tcp:127.0.0.1:{self._port}-:22"]
        begun = time.monotonic()
        with self._console_log.open("ab") as console:
            # However this program ends, the machine ends with it.
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *words, "-serial", "stdio"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        with Progress("machine") as progress:
            progress.begin(f"booting {system}")
            self._wait_for_ssh(begun + _BOOTS_WITHIN_S)
            self.run("systemctl is-system-running --wait", check=False, timeout=_BOOTS_WITHIN_S)
        return time.monotonic() - begun

    def _wait_for_ssh(self, deadline: float) -> None:
        while not self._answers():
            if not self.is_on or time.monotonic() > deadline:
                ended = "" if self.is_on else " and ended"
                raise Failed(f"{self.disk.system} did not boot{ended}:\n{self.console()}")
            time.sleep(1)

    def _answers(self) -> bool:
        try:
            return self.run("true", check=False, timeout=60).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def power_off(self) -> None:
        """Shut down in order.

        Raises:
            Failed: It did not.
        """
        self.run("systemctl poweroff --no-block", check=False)
        assert self._process
        try:
            self._process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{self.disk.system} did not shut down:\n{self.console()}") from error
        finally:
            self.cut()

    def cut(self) -> None:
        """Take the power away; without an effect on a machine that is off."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._control.exists():
            # The connection that the other calls share does not notice by itself.
            subprocess.run([*self._ssh(), "-O", "exit", "machine"], capture_output=True, check=False)
            self._control.unlink(missing_ok=True)

    def run(
        self, command: str, *, check: bool = True, timeout: float = 600.0, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell command as root.

        Args:
            command: For bash.
            check: Its status must be 0.
            timeout: After this it hangs, s.
            stdin: What it reads.

        Returns:
            Status and output.

        Raises:
            Failed: It ended with another status than 0, and that is to be checked.
        """
        done = subprocess.run(
            [*self._ssh(), "machine", f"bash -c {shlex.quote(command)}"],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise Failed(f"{command!r} ended with status {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
        return done

    def say(self, command: str, timeout: float = 600.0) -> str:
        """What a command prints, without the white space around it."""
        return self.run(command, timeout=timeout).stdout.strip()

    def shell(self) -> int:
        """Give the terminal to a shell in the machine; returns its status."""
        return subprocess.run([*self._ssh(), "-t", "machine"], check=False).returncode

    def console(self) -> str:
        """The last of what its console showed."""
        return self._console_log.read_text(errors="replace")[-3000:]

    def _ssh(self) -> list[str]:
        options = {
            "User": "root",
            "HostName": "127.0.0.1",
            "Port": str(self._port),
            "IdentityFile": str(self._key),
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "ConnectTimeout": "60",
            "ControlMaster": "auto",
            "ControlPath": str(self._control),
            "ControlPersist": "yes",
        }
        return ["ssh", "-F", "none", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]


def make_key(folder: Path) -> Path:
    """Return the key that ssh uses; its public half is beside it."""
    key = folder / "machine-key"
    if not key.exists():
        folder.mkdir(parents=True, exist_ok=True)
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "posenet-edge machine", "-f", str(key)]
        try:
            subprocess.run(words, check=True)
        except FileNotFoundError as error:
            raise Unavailable("found no ssh-keygen; expected Debian's openssh-client") from error
    return key


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
