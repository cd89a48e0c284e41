"""What is asked over MQTT: obeyed where it is a command, counted where it is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadSetting
from edge.mqtt.client import Message
from edge.report.commands.dispatcher import REASONS, Commands

TOPIC = "posenet/hall"


def commands() -> tuple[Commands, list[bytes]]:
    asked: list[bytes] = []

    def obey(payload: bytes) -> None:
        if payload not in (b"pause", b"resume"):
            raise BadSetting("expected pause or resume")
        asked.append(payload)

    return Commands(TOPIC, {"camera": obey}), asked


def test_pause_and_resume() -> None:
    heard, asked = commands()
    for word in (b"pause", b"resume"):
        heard.hear(Message(f"{TOPIC}/command/camera", word, retained=False))
    assert asked == [b"pause", b"resume"]
    assert not heard.refused


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Message(f"{TOPIC}/command/camera", b"pause", retained=True), "retained"),
        (Message(f"{TOPIC}/command/camera", b"PAUSE", retained=False), "unknown_word"),
        (Message(f"{TOPIC}/command/camera", b"", retained=False), "unknown_word"),
        (Message(f"{TOPIC}/command/reboot", b"pause", retained=False), "unknown_command"),
    ],
)
def test_the_rest_is_counted(message: Message, reason: str) -> None:
    heard, asked = commands()
    heard.hear(message)
    assert (asked, heard.refused) == ([], {reason: 1})
    assert reason in REASONS


def test_refusals_are_explained_but_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    heard, _ = commands()
    for number in range(50):
        heard.hear(Message(f"{TOPIC}/command/camera", b"%d" % number, retained=False))
    assert heard.refused["unknown_word"] == 50
    assert 1 <= caplog.text.count("expected pause or resume") <= 6


@given(st.text(), st.binary(), st.booleans())
def test_nonsense_is_counted_once(name: str, payload: bytes, retained: bool) -> None:
    heard, asked = commands()
    heard.hear(Message(f"{TOPIC}/command/{name}", payload, retained))
    assert len(asked) + heard.refused.total() == 1
    assert json.dumps(heard.refused)
