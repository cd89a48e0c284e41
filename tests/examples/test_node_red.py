"""The flow for Node-RED hangs together, reads what is published, and does in an unchanged Node-RED what it says."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import paho.mqtt.publish
import pytest

from edge.config.settings import Settings
from edge.report.messages.schema import SCHEMAS
from edge.tools.mosquitto import Mosquitto
from tests.support.commands import PROJECT
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

FLOW = PROJECT / "examples/node-red/flow.json"
NODES: list[dict[str, Any]] = json.loads(FLOW.read_text())
BY_ID = {node["id"]: node for node in NODES}
CORE = {"tab", "mqtt-broker", "mqtt in", "mqtt out", "json", "switch", "change", "rbe"}
"""What every Node-RED has."""


def of_type(kind: str) -> list[dict[str, Any]]:
    return [node for node in NODES if node["type"] == kind]


def test_it_is_made_of_what_every_node_red_has() -> None:
    assert len(BY_ID) == len(NODES)
    assert {node["type"] for node in NODES} <= CORE


@pytest.mark.parametrize("node", [node for node in NODES if "z" in node], ids=lambda node: node["id"])
def test_every_node_is_wired_to_one_that_is_there(node: dict[str, Any]) -> None:
    assert BY_ID[node["z"]]["type"] == "tab"
    assert {target for output in node["wires"] for target in output} <= set(BY_ID)
    assert "broker" not in node or BY_ID[node["broker"]]["type"] == "mqtt-broker"


def test_what_comes_in_reaches_what_goes_out() -> None:
    reached = [node["id"] for node in of_type("mqtt in")]
    for name in reached:
        reached += [target for output in BY_ID[name]["wires"] for target in output if target not in reached]
    assert set(reached) == {node["id"] for node in NODES if "z" in node}


def test_it_hears_the_state_and_asks_for_a_value_that_is_in_it() -> None:
    (heard,) = of_type("mqtt in")
    assert heard["topic"] == f"{Settings().mqtt.topic}/+/state"
    # Read as JSON only where there is something: what is taken back is empty.
    assert heard["datatype"] == "utf8"
    there, asked = of_type("switch")
    assert [rule["t"] for rule in there["rules"]] == ["nempty"]
    message, _, key = asked["property"].partition(".")
    assert message == "payload"
    values = [{"true": True, "false": False}[rule["t"]] for rule in asked["rules"]]
    assert len(asked["wires"]) == asked["outputs"] == len(values)
    shape = SCHEMAS["state"]["properties"][key]
    # Null, which is not known, goes neither way.
    for value in (*values, None):
        jsonschema.validate(value, shape)


NODE_RED = PROJECT / ".venv/node-red"
"""Where scripts/setup installs it, in the version that package-lock.json names."""
STARTS_WITHIN_S = 120.0

needs_node_red = pytest.mark.skipif(
    not ((NODE_RED / ".installed").exists() and shutil.which("node")), reason="no Node-RED here: scripts/setup node-red"
)


@contextmanager
def node_red(folder: Path, broker: Mosquitto) -> Iterator[None]:
    """An unchanged Node-RED with the flow of the example, of which only the broker's port is set."""
    flow = [node | ({"port": str(broker.port)} if node["type"] == "mqtt-broker" else {}) for node in NODES]
    (folder / "flow.json").write_text(json.dumps(flow))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = {
            "uiHost": "127.0.0.1",
            "uiPort": free.getsockname()[1],
            "flowFile": "flow.json",
            "telemetry": {"enabled": False, "updateNotification": False},
        }
    (folder / "settings.js").write_text(f"module.exports = {json.dumps(settings)}")
    log = folder / "log"
    with log.open("w") as file:
        words = [
            "node",
            NODE_RED / "node_modules/node-red/red.js",
            "--userDir",
            folder,
            "--settings",
            folder / "settings.js",
        ]
        running = subprocess.Popen(words, stdout=file, stderr=file, cwd=folder)

    def is_connected() -> bool:
        assert running.poll() is None, log.read_text()
        return "Connected to broker" in log.read_text()

    try:
        wait_until(is_connected, STARTS_WITHIN_S, lambda: f"Node-RED is connected:\n{log.read_text()}")
        yield
        assert "[error]" not in log.read_text(), log.read_text()
    finally:
        running.terminate()
        running.wait(STARTS_WITHIN_S)


@needs_node_red
def test_node_red_switches_the_lamp_on_what_is_known_and_only_on_a_change(tmp_path: Path, broker: Mosquitto) -> None:
    def say(sensor: str, occupied: bool | None) -> None:
        publish(sensor, json.dumps({"version": 2, "time": 0.0, "occupied": occupied}))

    def publish(sensor: str, payload: str) -> None:
        paho.mqtt.publish.single(f"posenet/{sensor}/state", payload, qos=1, retain=True, port=broker.port)

    with Subscriber(broker.port, "lamp/#") as lamp:

        def lamp_does(*wanted: bytes) -> None:
            wait_until(lambda: len(lamp.messages) >= len(wanted), what=lambda: f"lamp: {lamp.on('set')}")
            assert lamp.on("set") == list(wanted)

        say("hall", False)
        with node_red(tmp_path, broker):
            # What is retained counts as it is when Node-RED starts.
            lamp_does(b"OFF")
            for occupied in (None, False, True, True, None, True, None, False, None, False):
                say("hall", occupied)
            lamp_does(b"OFF", b"ON", b"OFF")
            # The sensor is taken back, and comes again.
            for _ in range(2):
                publish("hall", "")
                say("hall", False)
            # Another sensor has changes of its own.
            say("attic", True)
            lamp_does(b"OFF", b"ON", b"OFF", b"ON")
