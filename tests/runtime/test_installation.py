"""The command that installs again fits how it was installed."""

from pathlib import Path

import pytest

import edge
from edge.runtime.installation import install_command, version_in, version_on_disk, version_order


def test_the_command_is_that_of_the_package_of_the_installed_source_or_of_a_checkout(tmp_path: Path) -> None:
    assert install_command(tmp_path) == "sudo scripts/install"
    installer = tmp_path / "opt/posenet-edge/current/source/scripts/install"
    installer.parent.mkdir(parents=True)
    installer.touch()
    assert install_command(tmp_path) == "sudo /opt/posenet-edge/current/source/scripts/install --upgrade"
    # The package runs that installer too, with the packages that it brings.
    (tmp_path / "usr/lib/posenet-edge/source").mkdir(parents=True)
    assert install_command(tmp_path) == "sudo dpkg-reconfigure posenet-edge"


def named(file: Path, version: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'"""Package."""\n\n__version__ = "{version}"\n')
    return file


def test_the_version_on_the_disk_is_the_one_behind_the_link_as_it_is_now(tmp_path: Path) -> None:
    for version in ("0.2.0", "0.3.0"):
        named(tmp_path / "versions" / version / "edge/__init__.py", version)
    current = tmp_path / "current"
    for version in ("0.2.0", "0.3.0"):
        current.unlink(missing_ok=True)
        current.symlink_to(tmp_path / "versions" / version)
        assert version_on_disk(tmp_path, current / "edge/__init__.py") == version


@pytest.mark.parametrize(("package", "found"), [("0.3.0rc1", "0.3.0rc1"), ("0.2.0", "0.3.0.dev1"), ("", "0.3.0.dev1")])
def test_a_newer_package_whose_installation_was_refused_counts(tmp_path: Path, package: str, found: str) -> None:
    installed = named(tmp_path / "edge/__init__.py", "0.3.0.dev1")
    if package:
        named(tmp_path / "usr/lib/posenet-edge/source/edge/__init__.py", package)
    assert version_on_disk(tmp_path, installed) == found


def test_what_names_no_version_is_not_known(tmp_path: Path) -> None:
    assert version_on_disk(tmp_path, tmp_path / "gone") is None
    for content in (b"", b"\xff\xfe", b'__version__ = ""', b"x" * 100):
        (tmp_path / "file").write_bytes(content)
        assert version_on_disk(tmp_path, tmp_path / "file") is None


def test_the_version_that_runs_is_on_the_disk() -> None:
    assert version_in(Path(edge.__file__)) == edge.__version__


def test_versions_have_an_order() -> None:
    ordered = ["0.2.0.dev1", "0.2.0a1", "0.2.0rc1", "0.2.0", "0.2.0.post1", "0.3", "0.10.0"]
    assert sorted(sorted(ordered), key=version_order) == ordered
