"""Files are on the disk before anybody is told so, and a failure leaves what was there."""

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.runtime import durable
from tests.support.disk import Disk, full_disk


@given(st.binary(max_size=1000), st.binary(max_size=1000))
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, first: bytes, second: bytes) -> None:
    path = tmp_path_factory.mktemp("state") / "places"
    for content in (first, second):
        durable.write(path, content, 0o600)
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_the_file_is_synchronized_before_it_has_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "places"
    disk = Disk(monkeypatch)
    durable.write(path, b"bed", 0o600)
    assert disk.calls == ["fsync .places: bed", "rename .places to places", f"fsync {tmp_path.name}/"]


def test_the_folder_is_synchronized_after_a_removal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "paused"
    path.touch()
    disk = Disk(monkeypatch)
    disk.watch = path
    durable.remove(path)
    durable.remove(path)
    assert disk.calls == [f"fsync {tmp_path.name}/ without paused"] * 2


def test_the_folder_above_a_new_one_is_synchronized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    durable.make_folder(tmp_path / "a" / "b")
    assert disk.calls == [f"fsync {tmp_path.name}/", "fsync a/"]
    durable.make_folder(tmp_path / "a" / "b")
    assert len(disk.calls) == 2


@pytest.mark.parametrize("call", ["fsync", "replace", "fchmod"])
def test_a_failure_is_told_and_the_former_content_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "places"
    durable.write(path, b"before", 0o600)
    monkeypatch.setattr(os, call, full_disk)
    with pytest.raises(OSError, match="No space left") as failure:
        durable.write(path, b"after", 0o600)
    assert failure.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_power_cut_left_half_written_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".places").write_bytes(b"half of something long")
    durable.write(tmp_path / "places", b"bed", 0o600)
    assert (tmp_path / "places").read_bytes() == b"bed"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_permissions_do_not_depend_on_the_umask(tmp_path: Path, mode: int) -> None:
    before = os.umask(0o077)
    try:
        durable.write(tmp_path / "unit.conf", b"", mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "unit.conf").stat().st_mode) == mode


def test_a_link_in_place_of_the_unfinished_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"precious")
    (tmp_path / ".places").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="Too many levels"):
        durable.write(tmp_path / "places", b"bed", 0o600)
    assert (tmp_path / "elsewhere").read_bytes() == b"precious"
