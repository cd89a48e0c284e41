"""Camera nodes that device rules bar: EPERM, and nothing else, on a node of a kind that cameras are behind."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.sense.sandbox.device_rules import find_barred, read_kinds

DEVICES = """Character devices:
  1 video4linux
{more}
 10 misc
Block devices:
  5 media
"""


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """Nodes that are links to harmless ones: /dev/null has major number 1, /dev/tty 5."""
    folder = tmp_path / "dev"
    folder.mkdir()
    for name, node in {"video0": "null", "video1": "zero", "media0": "tty", "other0": "null"}.items():
        (folder / name).symlink_to(f"/dev/{node}")
    (folder / "video9").write_text("no device")
    (folder / "media9").symlink_to("/dev/nowhere")
    return folder


def proc(folder: Path, more: str = "") -> Path:
    (folder / "devices").write_text(DEVICES.format(more=more))
    return folder


def refusing(**errors: int) -> tuple[list[str], Callable[[Path, int], int]]:
    """Names that were opened, and what opens them: with an error, or as usual."""
    opened: list[str] = []

    def opening(path: Path, flags: int) -> int:
        opened.append(path.name)
        if number := errors.get(path.name):
            raise OSError(number, os.strerror(number))
        return os.open(path, flags)

    return opened, opening


def test_kinds_that_cameras_are_behind(tmp_path: Path) -> None:
    assert read_kinds(proc(tmp_path)) == {"video4linux": 1}
    assert read_kinds(proc(tmp_path, "238 media\n240 dma_heap")) == {"video4linux": 1, "media": 238}
    assert read_kinds(tmp_path / "nowhere") is None


def test_a_node_is_barred_where_the_kernel_says_eperm(tmp_path: Path, dev: Path) -> None:
    opened, opening = refusing(video0=errno.EPERM, video1=errno.EACCES)
    assert find_barred(dev, proc(tmp_path), opening) == [dev / "video0"]
    assert opened == ["video0", "video1"], "nothing of another kind, and no file"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EBUSY, errno.ENODEV, errno.ENOENT])
def test_any_other_error_is_no_matter_of_rules(tmp_path: Path, dev: Path, number: int) -> None:
    assert find_barred(dev, proc(tmp_path), refusing(video0=number)[1]) == []


def test_media_nodes_are_looked_at_where_the_kernel_has_that_kind(tmp_path: Path, dev: Path) -> None:
    assert find_barred(dev, proc(tmp_path), refusing(media0=errno.EPERM)[1]) == []
    assert find_barred(dev, proc(tmp_path, "  5 media"), refusing(media0=errno.EPERM)[1]) == [dev / "media0"]


def test_without_the_kernels_word_nothing_is_opened(tmp_path: Path, dev: Path) -> None:
    opened, opening = refusing(video0=errno.EPERM)
    assert find_barred(dev, tmp_path / "nowhere", opening) == []
    assert opened == []
