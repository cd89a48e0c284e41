"""What was asked for holds until it is taken back, whatever is started anew."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.report.commands.state_store import StateStore
from tests.support.disk import full_disk


def test_it_holds_over_restarts_until_it_is_taken_back(tmp_path: Path) -> None:
    here = {"STATE_DIRECTORY": str(tmp_path)}
    assert StateStore(here).get("paused") is None
    StateStore(here).set("paused", b"")
    assert StateStore(here).get("paused") == b""
    StateStore(here).set("paused", None)
    assert StateStore(here).get("paused") is None
    StateStore(here).set("paused", None)
    assert list(tmp_path.iterdir()) == []


@given(st.binary(max_size=100))
def test_it_is_kept_as_it_was(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    here = {"STATE_DIRECTORY": str(tmp_path_factory.mktemp("state"))}
    StateStore(here).set("places", content)
    assert StateStore(here).get("places") == content


def test_without_a_folder_of_its_own_it_holds_for_one_run() -> None:
    kept = StateStore({})
    kept.set("paused", b"")
    assert kept.get("paused") == b""
    assert StateStore({}).get("paused") is None


def test_where_it_cannot_be_kept_it_holds_all_the_same_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = StateStore({"STATE_DIRECTORY": str(tmp_path / "gone")})
    kept.set("paused", b"")
    assert kept.get("paused") == b""
    assert "No such file or directory; it is not kept for the next start" in caplog.text


def test_what_cannot_be_read_is_not_known_and_that_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "places").mkdir()
    assert StateStore({"STATE_DIRECTORY": str(tmp_path)}).get("places") is None
    assert "what was kept there is not known" in caplog.text


def test_what_cannot_be_synchronized_is_said_and_does_not_replace_what_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here = {"STATE_DIRECTORY": str(tmp_path)}
    kept = StateStore(here)
    kept.set("sensitivity", b"low")
    monkeypatch.setattr(os, "fsync", full_disk)
    kept.set("sensitivity", b"high")
    assert kept.get("sensitivity") == b"high"
    assert "No space left on device; it is not kept for the next start" in caplog.text
    assert StateStore(here).get("sensitivity") == b"low"


def test_an_empty_file_counts_as_paused(tmp_path: Path) -> None:
    (tmp_path / "paused").touch()
    assert StateStore({"STATE_DIRECTORY": str(tmp_path)}).get("paused") is not None
