"""What is asked over MQTT: obeyed where it is a command, counted where it is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.report.commands import REASONS, Commands
from edge.report.inbox import Message

TOPIC = "posenet/hall"


class Broker:
    """Takes the subscription."""

    def subscribe(self, topic: str, on_message: object, largest: int) -> None:
        self.subscribed = (topic, on_message, largest)


def commands() -> tuple[Commands, list[bool]]:
    asked: list[bool] = []
    return Commands(Broker(), TOPIC, asked.append), asked  # type: ignore[arg-type]


def test_pause_and_resume() -> None:
    heard, asked = commands()
    for word in (b"pause", b"resume"):
        heard.hear(Message(f"{TOPIC}/command/camera", word, retained=False))
    assert asked == [True, False]
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


@given(st.text(), st.binary(), st.booleans())
def test_nonsense_is_counted_once(name: str, payload: bytes, retained: bool) -> None:
    heard, asked = commands()
    heard.hear(Message(f"{TOPIC}/command/{name}", payload, retained))
    assert len(asked) + heard.refused.total() == 1
    assert json.dumps(heard.refused)
