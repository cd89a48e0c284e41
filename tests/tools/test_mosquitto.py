"""The broker of one's own."""

import contextlib
import tempfile
from pathlib import Path

import pytest

from edge.errors import Unavailable
from edge.tools.mosquitto import Mosquitto, listens


def processes_about(folder: Path) -> list[str]:
    """The command lines in which a folder is named."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has just ended
            found += [text] if str(folder) in (text := file.read_text(errors="replace")) else []
    return found


def test_it_listens_on_loopback_only_and_is_gone_afterwards(
    broker_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(broker_folder))
    with Mosquitto() as broker:
        assert listens(broker.port)
        assert len(list(broker_folder.iterdir())) == 1
        assert processes_about(broker_folder)
    assert not processes_about(broker_folder)
    assert not listens(broker.port)
    assert not list(broker_folder.iterdir())


def test_two_stand_side_by_side() -> None:
    with Mosquitto() as one, Mosquitto() as other:
        assert one.port != other.port


def test_one_that_does_not_start_says_why() -> None:
    with pytest.raises(Unavailable, match=r"mosquitto did not start .*nonsense"), Mosquitto("nonsense true"):
        pass
