"""The flow for Node-RED hangs together, and reads what is published; the other examples are tried where they run."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edge.config.settings import Settings
from edge.report.messages.schema import SCHEMAS

NODES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "examples/node-red/flow.json").read_text())
BY_ID = {node["id"]: node for node in NODES}
CORE = {"tab", "mqtt-broker", "mqtt in", "mqtt out", "switch", "change", "rbe"}
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
    assert heard["datatype"] == "json"
    (asked,) = of_type("switch")
    message, _, key = asked["property"].partition(".")
    assert message == "payload"
    values = [{"true": True, "false": False}[rule["t"]] for rule in asked["rules"]]
    assert len(asked["wires"]) == asked["outputs"] == len(values)
    shape = SCHEMAS["state"]["properties"][key]
    # Null, which is not known, goes neither way.
    for value in (*values, None):
        jsonschema.validate(value, shape)
