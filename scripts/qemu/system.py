"""A Debian with its own kernel for qemu: built once, and kept outside of the checkout."""

import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from edge.errors import Unavailable
from scripts.debian.package import RELEASES
from tests.rehearsal.cache import kept
from tests.rehearsal.debian import mmdebstrap
from tests.support.locked import Target

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
"""Processors, as Debian and as Linux call them."""
SUITES = {"bookworm": "12", "trixie": "13"}

_PACKAGES = [
    "systemd",
    "systemd-sysv",
    "dbus",
    "udev",
    "kmod",
    "libpam-systemd",
    "systemd-timesyncd",
    "iproute2",
    "procps",
    "sudo",
    "apparmor",
    "ca-certificates",
    "openssh-server",
    "python3",
    "python3-venv",
    "mosquitto",
    "mosquitto-clients",
    "initramfs-tools",
    "zstd",
    "debconf",
    "strace",
]
# Only what a virtio disk needs: an initrd of 6 MB instead of 60, which counts where a processor is emulated.
_INITRD_MODULES = "virtio_pci\nvirtio_mmio\nvirtio_blk\next4\ncrc32c_generic\n"
_LEND = Path(__file__).parent / "lend-programs"
_SLOW = "[Service]\nTimeoutStartSec=900\nWatchdogSec=600\n"
FILES = {
    "etc/hostname": "posenet\n",
    "etc/hosts": "127.0.0.1 localhost posenet\n::1 localhost\n",
    "etc/fstab": "/dev/vda / ext4 errors=remount-ro 0 1\n",
    # As qemu has it; a service that asks for an address is ended by its watchdog where a boot takes minutes.
    "etc/systemd/system/machine-network.service": (
        "[Unit]\nBindsTo=sys-subsystem-net-devices-eth0.device\nAfter=sys-subsystem-net-devices-eth0.device\n"
        "Before=network.target\n[Service]\nType=oneshot\nRemainAfterExit=yes\n"
        "ExecStart=/bin/ip link set eth0 up\nExecStart=/bin/ip address add 10.0.2.15/24 dev eth0\n"
        "[Install]\nWantedBy=multi-user.target\n"
    ),
    # A slow machine is no hung one: the system's own limits are stretched.
    "etc/systemd/system.conf.d/slow.conf": "[Manager]\nDefaultTimeoutStartSec=900s\nDefaultDeviceTimeoutSec=900s\n",
    # So are those of the product, but for the audit: what takes three seconds to start takes a minute on an emulated
    # processor beside other work.
    **{f"etc/systemd/system/posenet-{name}.service.d/90-slow.conf": _SLOW for name in ("sense", "report")},
    "etc/systemd/system/posenet-recover.service.d/90-slow.conf": "[Service]\nTimeoutStartSec=1800\n",
    # The camera's driver comes late: with the events of udev, not before them.
    "etc/udev/rules.d/99-camera.rules": 'ACTION=="add", KERNEL=="vda", RUN{builtin}+="kmod load vivid"\n',
    # Or later, where the command line of the kernel asks for this (LATER_CAMERA).
    "etc/systemd/system/machine-camera.service": (
        "[Unit]\nAfter=posenet-sense.service\n[Service]\nType=oneshot\nExecStart=/sbin/modprobe vivid\n"
    ),
    "etc/modprobe.d/vivid.conf": "options vivid n_devs=1 node_types=0x1\n",
    "etc/ssh/sshd_config.d/machine.conf": "PermitRootLogin prohibit-password\nUseDNS no\n",
}
"""What is written into each machine, by path."""
STRETCHED = [f"/{name}" for name, text in FILES.items() if text == _SLOW]
"""Those of them by which the product's units differ from what is shipped."""
LATER_CAMERA = "modprobe.blacklist=vivid systemd.wants=machine-camera.service"
"""For the kernel's command line: udev leaves the camera's driver alone, and it is loaded once ``sense`` has started."""
NETWORK_UNIT = "machine-network.service"
MASKED = (
    "systemd-networkd.service",
    "systemd-networkd.socket",
    "systemd-networkd-wait-online.service",
    "apt-daily.timer",
    # The product has no profile; to compile the hundred of others took an emulated first boot more than ten minutes.
    "apparmor.service",
)
"""Units that have no work there, and take the time of a boot."""


@dataclass(frozen=True)
class System:
    """A kind of machine: processor, and release of Debian."""

    architecture: str
    suite: str

    def __str__(self) -> str:
        return f"{self.suite}-{self.architecture}"

    @property
    def release(self) -> str:
        """Debian's number for the release."""
        return SUITES[self.suite]

    @property
    def target(self) -> Target:
        """What wheels must fit."""
        return RELEASES[self.release]._replace(machine=MACHINES[self.architecture])

    @property
    def packages(self) -> list[str]:
        """What Debian installs on it."""
        return [*_PACKAGES, f"linux-image-{self.architecture}"]

    def root(self) -> Path:
        """Return the folder with its files; builds it if need be.

        Raises:
            Unavailable: It cannot be built here.
        """
        allow_foreign(self.architecture)
        foreign = self.architecture != architecture_here()
        recipe = "\n".join([*self.packages, _INITRD_MODULES, *([_LEND.read_text()] if foreign else [])])
        try:
            return kept(f"machine-{self}", recipe, self._make)
        except (subprocess.CalledProcessError, LookupError) as error:
            raise Unavailable(f"Debian {self.suite} for {self.architecture} cannot be built: {error}") from error

    def _make(self, folder: Path) -> None:
        conf = '"$1/etc/initramfs-tools'
        initrd = (
            f'mkdir -p {conf}/conf.d" && echo MODULES=list >{conf}/conf.d/list" && '
            f'printf %s {shlex.quote(_INITRD_MODULES)} >{conf}/modules"'
        )
        options = [
            "--variant=minbase",
            f"--architectures={self.architecture}",
            f"--include={','.join(self.packages)}",
            f"--essential-hook={initrd}",
            # Nobody needs what is half made, so nothing waits for the disk.
            "--dpkgopt=force-unsafe-io",
        ]
        if self.architecture != architecture_here():
            native, lend = System(architecture_here(), self.suite).root(), shlex.quote(str(_LEND))
            options += [
                f'--extract-hook={lend} lend "$1" {shlex.quote(str(native))}',
                f'--customize-hook={lend} take-back "$1"',
            ]
        mmdebstrap(folder, self.suite, [self.suite, f"{self.suite}-updates"], options)


def kernel(root: Path) -> tuple[Path, Path]:
    """Return its kernel and initrd."""
    (image,), (initrd,) = root.glob("boot/vmlinuz-*"), root.glob("boot/initrd.img-*")
    return image, initrd


_FORMATS = Path("/proc/sys/fs/binfmt_misc")


def architecture_here() -> str:
    """Name this machine's processor as Debian does."""
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


def allow_foreign(architecture: str) -> None:
    """Let this machine run programs of another processor, as scripts in the Debian do while it is built.

    Raises:
        Unavailable: It cannot.
    """
    if architecture == architecture_here():
        return
    name = f"qemu-{MACHINES[architecture]}"
    try:
        if not (_FORMATS / "register").exists():
            subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", _FORMATS], check=True, capture_output=True)
        if not (_FORMATS / name).exists():
            subprocess.run(["update-binfmts", "--enable", name], check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        raise Unavailable(f"this kernel runs no programs for {architecture} (binfmt_misc): {error}") from error


# What the kernel says of an arm64 processor; emulated for a single program, it says that of the machine around it, by
# which the model's runtime would choose code that crashes.
CPUINFO = "\n".join(
    f"processor\t: {number}\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\n"
    "CPU part\t: 0xd08\nCPU revision\t: 3\n"
    for number in range(4)
)


def copy_of_checkout(project: Path, to: Path) -> None:
    """Copy what git knows of a checkout, or would add."""
    git = ["git", "-C", str(project), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(git, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (project / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project / name, to / name)


def version_of(project: Path) -> str:
    """Read the version of a checkout."""
    found = re.search(r'^__version__ = "([^"]+)"', (project / "edge/__init__.py").read_text(), re.MULTILINE)
    return found[1] if found else ""
