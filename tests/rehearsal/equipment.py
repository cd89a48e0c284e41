"""Puts the test equipment (``kit/``) over a Debian root, as a layer of its own: the product knows nothing of it."""

import shutil
import subprocess
from pathlib import Path

import cv2

from tests.rehearsal.broker import NETWORK_UNIT
from tests.rehearsal.cache import PROJECT

WHEELS = "/srv/wheels"
"""Where the machine's pip finds packages; it has no network to fetch them from."""
KIT = Path(__file__).parent / "kit"
SIZE = (640, 480)
"""Of the virtual camera, (width, height) in px, as in ``kit/virtual.yaml``."""


_COMPILE = 'set -e; out=$(mktemp); gcc -xc -shared -fPIC -O1 -Wall -o "$out" -; cat "$out"; rm "$out"'


def photo() -> "cv2.typing.MatLike":
    """What the camera shows: the middle of the sample photo at the camera's size, BGR."""
    picture = cv2.imread(str(PROJECT / "examples/photos/astronaut.jpg"))
    scale = max(SIZE[0] / picture.shape[1], SIZE[1] / picture.shape[0])
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return picture[: SIZE[1], : SIZE[0]]


def equip(root: Path, layer: Path) -> None:
    """Fill ``layer`` with what the virtual camera needs on ``root``, and with a network for the broker."""
    share, library = layer / "usr/share/rehearsal", layer / "usr/lib/rehearsal"
    for folder in (share / "kit", share / "frames", library, layer / "etc/rehearsal", layer / "etc/python3.13"):
        folder.mkdir(parents=True)
    for name in ("rehearsal_kit.py", "tries.py"):
        shutil.copy(KIT / name, share / "kit")
    shutil.copy(KIT / "sitecustomize.py", layer / "etc/python3.13")
    _copy(KIT / "pykms.py", layer / "usr/lib/python3/dist-packages")
    _copy(KIT / "virtual.yaml", layer / "usr/share/libcamera/pipeline/virtual")
    cv2.imwrite(str(share / "frames/0.jpg"), photo())
    source, shim = (KIT / "dmaheap.c").read_bytes(), "usr/lib/rehearsal/dmaheap.so"
    compiled = subprocess.run(
        ["chroot", root, "sh", "-c", _COMPILE],
        input=source,
        check=True,
        capture_output=True,
    ).stdout
    (layer / shim).write_bytes(compiled)
    (layer / "etc/ld.so.preload").write_text(f"/{shim}\n")
    (layer / "etc/pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {WHEELS}\n")
    _copy(NETWORK_UNIT, layer / "etc/systemd/system")
    wants = layer / "etc/systemd/system/sysinit.target.wants"
    wants.mkdir()
    (wants / NETWORK_UNIT.name).symlink_to(f"../{NETWORK_UNIT.name}")


def _copy(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, folder)
