"""Debian roots: one that boots, with libcamera and Picamera2 as a Raspberry Pi has them, and small unpacked ones."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.rehearsal.cache import kept, say

SUITE, NEWER = "trixie", "trixie-backports"

PACKAGES = (
    "systemd systemd-sysv dbus udev iproute2 procps ca-certificates python3 python3-venv python3-pip "
    "python3-libcamera libcamera-tools libcamera-ipa "
    "python3-numpy python3-pil python3-prctl python3-piexif python3-jsonschema python3-tqdm "
    # A Raspberry Pi has a compiler; here it makes PiDNG, on which Picamera2 depends, and the stand-in for dma-heap.
    "gcc libc6-dev python3-dev "
    "mosquitto mosquitto-clients tcpdump"
).split()

PICAMERA2 = "picamera2==0.3.38"
"""From PyPI into the system's own Python, where Raspberry Pi OS has it from apt; Debian has no package of it."""

# Trixie's own libcamera (0.4) gives garbage as metadata of the virtual camera; Raspberry Pi OS is ahead of it too.
_PIN = f"Package: src:libcamera\nPin: release n={NEWER}\nPin-Priority: 600\n"


def device_root() -> Path:
    """The root that boots; about a minute when it is made, 1.2 GB."""
    recipe = "\n".join([SUITE, NEWER, *PACKAGES, PICAMERA2, _PIN, Path(__file__).read_text()])
    return kept("device", recipe, _make_device)


def unpacked_root(suite: str, architecture: str, packages: list[str], files: dict[str, str]) -> Path:
    """Packages and what they depend on, unpacked and not configured: enough to run a Python from; 5 s, 100 MB.

    files: what else is to be there, by path.
    """

    def make(folder: Path) -> None:
        say(f"unpacking Debian {suite} for {architecture}")
        options = ["--variant=extract", f"--architectures={architecture}", f"--include={','.join(packages)}"]
        mmdebstrap(folder, suite, [suite], options)
        # What a configured system has as links.
        if not (folder / "lib").exists():
            (folder / "lib").symlink_to("usr/lib")
        for library in [*folder.glob("usr/lib/*/blas/*.so.3"), *folder.glob("usr/lib/*/lapack/*.so.3")]:
            (library.parents[1] / library.name).symlink_to(f"{library.parent.name}/{library.name}")
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)

    recipe = "\n".join([*packages, *files, *files.values(), Path(__file__).read_text()])
    return kept(f"{suite}-{architecture}", recipe, make)


def _make_device(folder: Path) -> None:
    say(f"building a Debian {SUITE} with libcamera and Picamera2 in {folder.parent} (once, about a minute)")
    pin = f'mkdir -p "$1/etc/apt/preferences.d"; echo {shlex.quote(_PIN)} > "$1/etc/apt/preferences.d/libcamera"'
    options = ["--variant=minbase", f"--include={','.join(PACKAGES)}", f"--setup-hook={pin}"]
    mmdebstrap(folder, SUITE, [SUITE, NEWER], options)
    say(f"installing {PICAMERA2} into it")
    pip = "python3 -m pip install -qq --break-system-packages --root-user-action=ignore --no-cache-dir"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with borrowed_network(folder):
        subprocess.run(["chroot", folder, *pip.split(), PICAMERA2], check=True, env=environment)
    # To where apt would have put it: what a service may run from there differs from /usr/local.
    here = folder / "usr/local/lib/python3.13/dist-packages"
    shutil.copytree(here, folder / "usr/lib/python3/dist-packages", dirs_exist_ok=True)
    shutil.rmtree(here)
    (folder / "etc/machine-id").write_text("")
    (folder / "etc/hostname").write_text("posenet\n")


# How this machine reaches its package index; the certificates stay, the rest is taken out again.
_BORROWED = [Path(name) for name in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf")]
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@contextmanager
def borrowed_network(root: Path) -> Iterator[None]:
    """Lets what runs in ``root`` reach this machine's package index, until the end of the ``with``."""
    before = {path: _swap(root, path) for path in _BORROWED if path.exists()}
    try:
        yield
    finally:
        for path, old in before.items():
            _put_back(root, path, old)


def _swap(root: Path, path: Path) -> bytes | None:
    inside = root / path.relative_to("/")
    old = inside.read_bytes() if inside.is_file() else None
    inside.parent.mkdir(parents=True, exist_ok=True)
    inside.unlink(missing_ok=True)
    shutil.copyfile(path, inside)
    if _CERTIFICATES.exists():
        certificates = root / _CERTIFICATES.relative_to("/")
        certificates.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_CERTIFICATES, certificates)
    return old


def _put_back(root: Path, path: Path, old: bytes | None) -> None:
    inside = root / path.relative_to("/")
    inside.unlink()
    if old is not None:
        inside.write_bytes(old)


def mmdebstrap(folder: Path, suite: str, suites: list[str], options: list[str]) -> None:
    mirror = debian_mirror()
    sources = [f"deb {mirror} {each} main" for each in suites]
    # A machine whose clock may be off tells its apt so.
    set_here = [line for line in _output("apt-config", "dump").splitlines() if line.startswith("Acquire::Check-")]
    options = ["--components=main", *options, *(f"--aptopt={line}" for line in set_here)]
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["mmdebstrap", *options, suite, folder, *sources], check=True)


def debian_mirror() -> str:
    """Where this machine's own apt gets Debian from; raises LookupError where it doesn't."""
    form = "$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)"
    listed = _output("apt-get", "indextargets", "--format", form, "Created-By: Packages")
    if found := re.search(r"^Debian Debian main (\S+)$", listed, re.MULTILINE):
        return found[1]
    raise LookupError("apt's lists name no Debian; run apt-get update on a Debian")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    device_root()
