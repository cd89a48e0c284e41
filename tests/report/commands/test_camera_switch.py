"""Pause and resume: told to ``sense``, stored, and told again after a restart."""

from pathlib import Path

import pytest

from edge.errors import BadSetting
from edge.report.commands.camera_switch import CameraSwitch
from edge.report.commands.state_store import StateStore


def test_a_pause_outlives_restarts_until_it_is_resumed(tmp_path: Path) -> None:
    environment = {"STATE_DIRECTORY": str(tmp_path)}
    told = list[str]()
    for word in (b"pause", b"resume"):
        CameraSwitch(StateStore(environment), told.append).command(word)
        CameraSwitch(StateStore(environment), told.append)
    assert told == ["resume", "pause", "pause", "pause", "resume", "resume"]


@pytest.mark.parametrize("payload", [b"", b"PAUSE", b"pause\n", b"\xff"])
def test_other_words_are_refused_and_change_nothing(payload: bytes) -> None:
    told = list[str]()
    store = StateStore({})
    switch = CameraSwitch(store, told.append)
    with pytest.raises(BadSetting, match="command/camera: expected pause or resume, found"):
        switch.command(payload)
    CameraSwitch(store, told.append)
    assert told == ["resume", "resume"]


def test_neither_a_command_nor_a_profile_lifts_a_pause_of_the_other() -> None:
    told = list[str]()
    switch = CameraSwitch(StateStore({}), told.append)
    switch.follow("away")
    with pytest.raises(BadSetting, match="command/camera: found resume while the profile away pauses the camera"):
        switch.command(b"resume")
    switch.command(b"pause")
    switch.follow("")
    assert told == ["resume", "pause", "pause"], "the command's pause still holds"
    switch.command(b"resume")
    assert told[-1] == "resume"


def test_a_profile_that_pauses_is_told_at_the_start() -> None:
    told = list[str]()
    CameraSwitch(StateStore({}), told.append, "away").follow("away")
    assert told == ["pause"]
