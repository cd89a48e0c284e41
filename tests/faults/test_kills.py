"""Processes killed at random moments, also while they start: poses come back each time, and nothing false is said."""

import json
import os
import random
import signal
import time
from contextlib import suppress

import pytest
from jsonschema import Draft202012Validator

from edge.report.messages.schema import SCHEMAS
from edge.tools.mosquitto import Mosquitto
from tests.faults.conftest import Fault
from tests.faults.sensor import SERVICES, Sensor, await_news
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

_LONGEST_PAUSE_S = 1.5
"""Long enough to be seen whole at times, short enough to be killed in the midst of starting at others."""
_AT_ONCE = 5
"""Kills before poses are waited for."""


def test_killed_again_and_again(request: pytest.FixtureRequest, fault: Fault) -> None:
    kills, chance = request.config.getoption("--kills"), random.Random(0)
    with Mosquitto() as broker, Subscriber(broker.port) as listener, Sensor("127.0.0.1", broker.port) as running:
        await_news(listener, time.time())
        for done in range(0, kills, _AT_ONCE):
            with fault(f"sense, report or broker killed {min(_AT_ONCE, kills - done)} times within seconds", listener):
                for _ in range(min(_AT_ONCE, kills - done)):
                    _kill(chance.choice((*SERVICES, "broker")), running, broker)
                    time.sleep(chance.uniform(0, _LONGEST_PAUSE_S))
        wait_until(lambda: listener.on("availability")[-1] == b"online", what="online")
    for name in ("poses", "state", "health", "arrived"):
        for payload in listener.on(name):
            Draft202012Validator(SCHEMAS["event" if name == "arrived" else name]).validate(json.loads(payload))
    # The person in the picture never goes.
    assert not listener.on("left")
    assert False not in [json.loads(payload)["occupied"] for payload in listener.on("state")]


def _kill(victim: str, sensor: Sensor, broker: Mosquitto) -> None:
    if victim == "broker":
        broker.signal(signal.SIGKILL)
        broker.stop()
        broker.start()
    elif pid := sensor.pid(victim):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
