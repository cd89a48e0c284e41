"""Whether the clock is set, by the kernel's word or that of systemd-timesyncd."""

from pathlib import Path

import pytest

from edge.runtime.clock_sync import SYNCHRONIZATIONS, clock_state


@pytest.mark.parametrize(("state", "told"), [(0, "synced"), (1, "synced"), (5, "unsynced")])
def test_the_kernel_knows(state: int, told: str, tmp_path: Path) -> None:
    assert clock_state(lambda: state, tmp_path) == told


def test_timesyncd_is_asked_where_the_kernel_may_not_be(tmp_path: Path) -> None:
    assert clock_state(lambda: -1, tmp_path / "none") is None
    assert clock_state(lambda: -1, tmp_path) == "unsynced"
    (tmp_path / "synchronized").touch()
    assert clock_state(lambda: -1, tmp_path) == "synced"


def test_on_this_machine_the_question_is_understood_and_sets_nothing() -> None:
    assert clock_state() in (*SYNCHRONIZATIONS, None)
