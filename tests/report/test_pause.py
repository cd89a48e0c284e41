"""A pause that was asked for holds until it is taken back, whatever is started anew."""

from pathlib import Path

import pytest

from edge.report.pause import Pause


def test_it_outlives_the_process(tmp_path: Path) -> None:
    here = {"STATE_DIRECTORY": str(tmp_path)}
    assert not Pause(here).paused
    Pause(here).set(True)
    assert Pause(here).paused
    Pause(here).set(False)
    assert not Pause(here).paused
    Pause(here).set(False)


def test_without_a_folder_it_holds_for_as_long_as_the_process(tmp_path: Path) -> None:
    pause = Pause({})
    pause.set(True)
    assert pause.paused
    assert not Pause({}).paused


def test_what_cannot_be_kept_is_said_and_holds_for_now(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pause = Pause({"STATE_DIRECTORY": str(tmp_path / "gone")})
    pause.set(True)
    assert pause.paused
    assert "No such file or directory; the pause ends with this process" in caplog.text
