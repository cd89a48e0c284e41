"""Disk images: a bare Debian, one with the product installed, and one with what is carried into a machine."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from edge.errors import Unavailable
from edge.tools.install.build import PARTS
from edge.tools.progress import Progress
from scripts.debian.package import build as build_package
from scripts.debian.wheels import collect
from scripts.qemu.machine import Disk
from scripts.qemu.system import (
    CPUINFO,
    FILES,
    MACHINES,
    MASKED,
    NETWORK_UNIT,
    System,
    architecture_here,
    copy_of_checkout,
    kernel,
)
from tests.rehearsal.cache import kept
from tests.rehearsal.wheels import wheels
from tests.support.locked import locked, pins

GUEST = Path(__file__).parent / "guest"
CONFIG = """\
[camera]
source = "auto"
wait = true
require_seal = true
size = "320x180"
frame_rate = 1.0
timeout = 60.0

[device]
id = "machine"

[model]
file = "fast"

[mqtt]
host = "127.0.0.1"

[command]
enabled = true
"""
"""A small picture, a fast model and a frame a second: a processor that is emulated has a tenth of the speed."""
_SIZE = "6G"
# In a chroot nothing can be started, and systemctl says so by failing: it only notes what a boot starts.
_SYSTEMCTL = """\
#!/bin/sh
case " $* " in
  *" --version "*) exec /usr/bin/systemctl "$@" ;;
  *" enable "*) exec /usr/bin/systemctl --root=/ "$@" ;;
esac
"""
_TRIED = (
    "edge",
    "models",
    "systemd",
    "share",
    "scripts/lock.d",
    "scripts/install",
    "scripts/pip-locked",
    "pyproject.toml",
)
"""Of a checkout, what a trial may depend on: a change of documents or of the trials makes no new image."""
# Installing is a matter of files, whatever the processor; what is installed is tried by the one that it is for.
_PYTHON = """\
#!/mnt/native/usr/bin/bash
case " $* " in
  *" -m pip "* | *" -m venv "* | *ensurepip* | *runpy*)
    export PYTHONPATH=/mnt/uname:/mnt/native/usr/lib/{name}/lib-dynload
    export _PYTHON_HOST_PLATFORM=linux-{machine} _PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata__{machine}-linux-gnu
    exec -a "$0" /mnt/native/usr/bin/{name} "$@" ;;
esac
exec -a "$0" /usr/bin/{name}.emulated "$@"
"""
_UNAME = """\
import os
_here = os.uname()
os.uname = lambda: os.uname_result((*_here[:4], "{machine}"))
"""
_UNUSED_S = 3600.0
"""After which an image of another checkout is removed when one is made: each takes more than a GB."""


def digest(folder: Path, names: Sequence[str] = _TRIED) -> str:
    """Of all files in a folder that have one of these names or are below one."""
    total = hashlib.sha256()
    found = {path for name in names for path in (folder / name, *(folder / name).rglob("*"))}
    for file in sorted(path for path in found if path.is_file()):
        total.update(f"{file.relative_to(folder)}\0{file.stat().st_mode}\0".encode() + file.read_bytes())
    return total.hexdigest()


def locked_wheels(system: System, source: Path) -> Path:
    """Return a folder with what ``scripts/install`` of a source would download there."""
    lines = locked(system.target, *PARTS, lock=source / "scripts/lock.d")
    return wheels(f"machine-{system}", lines, system.target)


@contextmanager
def checkout(project: Path, commit: str = "") -> Iterator[Path]:
    """Give a copy of the checkout as it is, or of an older commit.

    Yields:
        Its folder, until the end of the ``with``.

    Raises:
        Unavailable: There is no such commit.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "source"
        if commit:
            folder.mkdir()
            packed = Path(scratch) / "source.tar"
            git = ["git", "-C", str(project), "archive", "--format=tar", f"--output={packed}", commit]
            done = subprocess.run(git, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unavailable(f"found no commit {commit}: {done.stderr.strip()}")
            subprocess.run(["tar", "-C", folder, "-xf", packed], check=True)
        else:
            copy_of_checkout(project, folder)
        yield folder


def bare(system: System, key: Path) -> Disk:
    """A Debian that lets the key in, with nothing of the product."""
    root = system.root()
    public = key.with_suffix(".pub").read_text()
    folder = kept(
        f"bare-{system}", f"{root.name}\n{public}\n{FILES}{MASKED}", lambda to: _image(system, root, to, public, None)
    )
    return _disk(system, root, folder)


def installed(system: System, key: Path, source: Path, wheelhouse: Path, label: str) -> Disk:
    """A Debian on which ``scripts/install`` of a source has been run, in a chroot: services start at the first boot."""
    root = system.root()
    public = key.with_suffix(".pub").read_text()
    recipe = "\n".join([root.name, public, str(FILES), str(MASKED), CONFIG, digest(source)])
    product = (source, wheelhouse)
    folder = kept(f"{label}-{system}", recipe, lambda to: _image(system, root, to, public, product), _UNUSED_S)
    return _disk(system, root, folder)


def _disk(system: System, root: Path, folder: Path) -> Disk:
    return Disk(system, folder / "disk.ext4", *kernel(root))


def _image(system: System, root: Path, to: Path, public: str, product: tuple[Path, Path] | None) -> None:
    """Lay what is new over the files of the Debian, which stay as they are, and write both into an image."""
    to.mkdir(parents=True)
    top, merged, work = to / "top", to / "merged", to / "work"
    for folder in (top, merged, work):
        folder.mkdir()
    layers = f"lowerdir={root},upperdir={top},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "-o", layers, "overlay", merged], check=True)
    try:
        for name, text in FILES.items():
            (merged / name).parent.mkdir(parents=True, exist_ok=True)
            (merged / name).write_text(text)
        # For a journal that outlives a power cut.
        (merged / "var/log/journal").mkdir(exist_ok=True)
        systemctl = ["systemctl", f"--root={merged}", "-q"]
        subprocess.run([*systemctl, "enable", NETWORK_UNIT], check=True)
        subprocess.run([*systemctl, "mask", *MASKED], check=True)
        keys = merged / "root/.ssh/authorized_keys"
        keys.parent.mkdir(mode=0o700, exist_ok=True)
        keys.write_text(public)
        keys.chmod(0o600)
        if product:
            _install(system, merged, *product)
        with Progress("machine") as progress:
            progress.begin("writing the image of the disk")
            write_image(merged, to / "disk.ext4", _SIZE)
    finally:
        subprocess.run(["umount", "--recursive", merged], check=True)
    for folder in (top, merged, work):
        shutil.rmtree(folder)


def write_image(folder: Path, image: Path, size: str) -> None:
    """Write a folder as a file system of that size."""
    image.unlink(missing_ok=True)
    subprocess.run(["truncate", "-s", size, image], check=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", folder, image], check=True)


def _install(system: System, root: Path, source: Path, wheelhouse: Path) -> None:
    """Run the product's installer where nothing is booted: systemd notes what to start, and starts nothing."""
    config = root / "etc/posenet-edge/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG)
    booted, carried = root / "run/systemd/system", root / "mnt"
    booted.mkdir(parents=True)
    (carried / "bin").mkdir()
    (carried / "bin/systemctl").write_text(_SYSTEMCTL)
    (carried / "bin/systemctl").chmod(0o755)
    for name, folder in (("source", source), ("wheels", wheelhouse)):
        (carried / name).mkdir()
        subprocess.run(["mount", "--bind", folder, carried / name], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
    with tempfile.NamedTemporaryFile("w") as cpuinfo:
        cpuinfo.write(CPUINFO)
        cpuinfo.flush()
        clean = {"PATH": "/mnt/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
        lent: AbstractContextManager[None] = nullcontext()
        if system.architecture != architecture_here():
            subprocess.run(["mount", "--bind", cpuinfo.name, root / "proc/cpuinfo"], check=True)
            lent = _lent_pip(system, root)
        words = ["chroot", str(root), "/mnt/source/scripts/install", "--wheelhouse", "/mnt/wheels"]
        with lent, Progress("machine") as progress:
            progress.begin(f"installing the product for {system}")
            done = subprocess.run(
                words, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
    if not (root / "etc/systemd/system/multi-user.target.wants/posenet-edge.target").is_symlink():
        raise Unavailable(f"scripts/install ended with status {done.returncode}: {done.stderr[-2000:]}")
    for mount in (root / "proc", carried / "source", carried / "wheels"):
        subprocess.run(["umount", "--recursive", mount], check=True)
    shutil.rmtree(carried / "bin")
    for name in ("source", "wheels"):
        (carried / name).rmdir()
    shutil.rmtree(root / "run/systemd")


@contextmanager
def _lent_pip(system: System, root: Path) -> Iterator[None]:
    """Let pip be run by the Python of this processor, of the same Debian: emulated it takes half an hour."""
    native = System(architecture_here(), system.suite).root()
    name, libraries = f"python{system.target.python}", Path("usr/lib/x86_64-linux-gnu")
    words = {"name": name, "machine": MACHINES[system.architecture]}
    loader, uname, python = root / "lib64", root / "mnt/uname", root / "usr/bin" / name
    mounts = {root / "mnt/native": native, root / libraries: native / libraries}
    for to, folder in mounts.items():
        to.mkdir()
        subprocess.run(["mount", "--bind", folder, to], check=True)
    loader.mkdir()
    shutil.copy(native / "lib64/ld-linux-x86-64.so.2", loader)
    uname.mkdir()
    (uname / "sitecustomize.py").write_text(_UNAME.format(**words))
    emulated = python.rename(f"{python}.emulated")
    python.write_text(_PYTHON.format(**words))
    python.chmod(0o755)
    yield
    emulated.replace(python)
    for folder in (loader, uname):
        shutil.rmtree(folder)
    for to in mounts:
        subprocess.run(["umount", to], check=True)
        to.rmdir()


def add_wheel(source: Path, wheelhouse: Path, to: Path) -> None:
    """Fill a folder with the wheels, and that of the source itself."""
    to.mkdir(parents=True)
    for wheel in wheelhouse.glob("*.whl"):
        # Hard links where possible: a wheelhouse has 150 MB.
        try:
            os.link(wheel, to / wheel.name)
        except OSError:
            shutil.copy(wheel, to)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--wheel-dir", str(to), str(source)], check=True, stdout=sys.stderr)


def package(system: System, project: Path, to: Path) -> Path:
    """Build the Debian package for a machine.

    Returns:
        The package.

    Raises:
        Unavailable: It cannot be built.
    """
    wanted = [pin for part in PARTS for pin in pins(part) if system.target.wants(pin.requirement)]
    found = collect(wanted, system.target, locked_wheels(system, project))
    return build_package(to, project, found, system.architecture, system.release)


def write_carried(folder: Path, to: Path) -> None:
    """Write a folder into an image that a machine reads as its second disk."""
    total = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    write_image(folder, to, f"{total * 5 // 4 // 2**20 + 64}M")
