"""Where trials are made: one kind of machine, its images, and what was found."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from edge.tools.progress import Progress
from scripts.qemu import image
from scripts.qemu.machine import Disk, Machine, accelerator
from scripts.qemu.report import Report
from scripts.qemu.system import System


class Lab:
    """One kind of machine for all trials; images are made when a trial needs them, and machines end with it."""

    config = image.CONFIG
    """What is configured on each machine."""

    def __init__(
        self,
        system: System,
        project: Path,
        work: Path,
        key: Path,
        report: Report,
        older: str,
        delays: Sequence[float],
    ) -> None:
        """Prepare it; nothing is built yet.

        Args:
            system: The kind of machine.
            project: The checkout that is tried.
            work: A folder for it alone, which is emptied.
            key: For ssh.
            report: What was found goes there.
            older: The commit that upgrades start from.
            delays: Seconds from a confirmation to a power cut.
        """
        self.system, self.report, self.older, self.delays = system, report, older, tuple(delays)
        self._project, self._work, self._key = project, work, key
        self._stack = ExitStack()
        self._shared: Machine | None = None
        self._accel = ""
        self._disk: Disk | None = None
        self.boot_s, self.booted_at = 0.0, 0.0
        """How long the last boot took, and when it began, by the machine's clock."""

    def __enter__(self) -> "Lab":
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        shutil.rmtree(self._work, ignore_errors=True)

    def busy(self, with_what: str) -> AbstractContextManager[Progress]:
        """Say what takes long, while it does."""
        progress = Progress("machine")
        progress.begin(f"{with_what} for {self.system}")
        return progress

    def disk(self) -> Disk:
        """The product of this checkout as it was when it was first asked for, installed."""
        if not self._disk:
            with self._source() as source:
                wheels = self._wheels(source, "wheels")
                self._disk = image.installed(self.system, self._key, source, wheels, "machine-now")
        return self._disk

    def older_disk(self) -> Disk:
        """The older version, installed; both versions are carried along to install from."""
        self.carry_versions()
        with self._source(self.older) as source:
            wheels = self._wheels(source, "older-wheels")
            return image.installed(self.system, self._key, source, wheels, "machine-older")

    def carry_versions(self) -> None:
        """Carry along both versions to install from."""
        for commit, name, wheels in (("", "source", "wheels"), (self.older, "older", "older-wheels")):
            with self._source(commit) as source:
                self._wheels(source, wheels)
                shutil.copytree(source, self._work / "carried" / name, dirs_exist_ok=True)

    def bare_disk(self) -> Disk:
        """A Debian without the product; its package is carried along."""
        folder = self._work / "carried/deb"
        if not folder.exists():
            image.package(self.system, self._project, folder)
        return image.bare(self.system, self._key)

    @contextmanager
    def machine(self, name: str, disk: Disk | None = None, safe: bool = False, append: str = "") -> Iterator[Machine]:
        """Boot a machine of its own for a trial, which ends with the ``with``."""
        self._end_shared()
        machine = self._machine(name, disk or self.disk(), safe, append)
        with ExitStack() as stack:
            stack.callback(machine.cut)
            self.power_on(machine)
            yield machine

    @contextmanager
    def shared(self, fresh: bool = False) -> Iterator[Machine]:
        """Lend the machine of the trials that leave it as it was. fresh: it has just been booted."""
        if fresh:
            self._end_shared()
        if not self._shared:
            machine = self._machine("shared", self.disk())
            self._stack.callback(machine.cut)
            self.power_on(machine)
            self._shared = machine
        yield self._shared

    def power_on(self, machine: Machine) -> None:
        """Boot, and note when and how long."""
        self.boot_s = machine.power_on()
        self.booted_at = float(machine.say("sed -n 's/^btime //p' /proc/stat"))
        machine.run("mkdir -p /carried && mount -o ro /dev/vdb /carried")

    def _end_shared(self) -> None:
        """Two emulated machines at a time are slower than one after the other."""
        if self._shared:
            self._shared.cut()
            self._shared = None

    def _machine(self, name: str, disk: Disk, safe: bool = False, append: str = "") -> Machine:
        if not self._accel:
            self._accel = accelerator(disk)
            how = "with KVM" if self._accel == "kvm" else "emulated in software"
            print(f"machine: {self.system} is {how}", flush=True)
        carried = self._work / "carried"
        shutil.copytree(image.GUEST, carried / "guest", dirs_exist_ok=True)
        folder = self._work / name
        # What a machine has written that was cut off without being safe may be damaged.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with self.busy("packing what is carried along"):
            image.write_carried(carried, folder / "carried.ext4")
        image_file = folder / "carried.ext4"
        return Machine(disk, folder, self._key, self._accel, carried=image_file, safe=safe, append=append)

    def _source(self, commit: str = "") -> AbstractContextManager[Path]:
        return image.checkout(self._project, commit)

    def _wheels(self, source: Path, name: str) -> Path:
        """All wheels that a source needs, its own among them, in a folder that is carried along."""
        folder = self._work / "carried" / name
        if not folder.exists():
            wheelhouse = image.locked_wheels(self.system, source)
            with self.busy("packing the wheels"):
                image.add_wheel(source, wheelhouse, folder)
        return folder
