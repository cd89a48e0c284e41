"""What is asked over MQTT: obeyed where it is a command, counted where it is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadSetting
from edge.mqtt.client import Message
from edge.report.commands.dispatcher import REASONS, Commands, TooSoon

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


def test_a_family_is_given_what_stands_behind_its_name() -> None:
    asked: list[tuple[str, bytes]] = []
    heard = Commands(TOPIC, {}, {"switch": lambda name, payload: asked.append((name, payload))})
    for name in ("switch/zone/sofa", "switch", "switched/zone/sofa"):
        heard.hear(Message(f"{TOPIC}/command/{name}", b"OFF", retained=False))
    assert asked == [("zone/sofa", b"OFF")]
    assert heard.refused == {"unknown_command": 2}


def test_a_command_that_comes_too_soon_is_counted_as_that() -> None:
    def obey(payload: bytes) -> None:
        raise TooSoon("command/restart: found a start 3 s ago")

    heard = Commands(TOPIC, {"restart": obey})
    heard.hear(Message(f"{TOPIC}/command/restart", b"restart", retained=False))
    assert heard.refused == {"too_soon": 1}
    assert "too_soon" in REASONS
