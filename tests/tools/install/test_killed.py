"""An installation is killed before each change of a file and each command: a boot or the next run makes it good."""

import itertools
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.tools.install.versions import Versions
from tests.tools.install.stand_in import Machine, checkout, install, killed, recover

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.tools.install.stand_in"])


def kill(step: int, root: Path, project: Path | None) -> bool:
    """Run until killed at that step; False: it was done before."""
    process = _processes.Process(target=killed, args=(step, root, project))
    process.start()
    process.join()
    assert process.exitcode in (0, -9)
    return process.exitcode != 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory: what is tested is being killed, and a card takes its time for each fsync."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def nothing(root: Path, _old: Path) -> str:
    root.mkdir()
    return ""


def old_version(root: Path, old: Path) -> str:
    install(root, old)
    return "1.0"


def before_versions(root: Path, old: Path) -> str:
    """As the installer of 0.1.0 left it."""
    install(root, old)
    home = root / "opt/posenet-edge"
    for part in ("venv", "share"):
        (home / "versions/1.0" / part).rename(home / part)
    (home / "current").unlink()
    shutil.rmtree(home / "versions")
    (root / "etc/systemd/system/posenet-recover.service").unlink()
    return "1.0"


@pytest.mark.parametrize("begin", [nothing, old_version, before_versions])
def test_killed_at_every_step(folder: Path, begin: Callable[[Path, Path], str]) -> None:
    old, new = checkout(folder / "old", "1.0"), checkout(folder / "new", "2.0")
    root, kept = folder / "root", folder / "kept"
    start = begin(root, old)
    root.rename(kept)
    seen = []
    for step in itertools.count(1):
        shutil.copytree(kept, root, symlinks=True)
        if not kill(step, root, new):
            break
        machine = Machine(root)
        recover(root)
        seen.append(machine.installed())
        if seen[-1]:
            assert machine.running() == seen[-1], step
        assert install(root, new) == []
        assert machine.installed() == machine.running() == "2.0"
        shutil.rmtree(root)
    # It goes from one to the other once, when the journal is removed.
    assert [version for version, _ in itertools.groupby(seen)] in ([start], [start, "2.0"])
    assert len(seen) > 30


@pytest.mark.parametrize("begin", [nothing, old_version, before_versions])
def test_killed_at_every_step_of_going_back(
    folder: Path, begin: Callable[[Path, Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = checkout(folder / "old", "1.0"), checkout(folder / "new", "2.0")
    root, kept = folder / "root", folder / "kept"
    start = begin(root, old)
    with monkeypatch.context() as patch:
        patch.setattr(Versions, "finish", lambda _self: None)
        install(root, new)
    root.rename(kept)
    for step in itertools.count(1):
        shutil.copytree(kept, root, symlinks=True)
        if not kill(step, root, None):
            break
        recover(root)
        assert Machine(root).installed() == start, step
        if start:
            assert Machine(root).running() == start
        shutil.rmtree(root)
    assert step > 10
