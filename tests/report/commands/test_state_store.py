"""What was asked for holds until it is taken back, whatever is started anew."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.report.commands.state_store import StateStore


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
    assert "No such file or directory; what was asked ends with this process" in caplog.text


def test_what_cannot_be_read_is_not_known_and_that_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "places").mkdir()
    assert StateStore({"STATE_DIRECTORY": str(tmp_path)}).get("places") is None
    assert "what was asked before is not known" in caplog.text
