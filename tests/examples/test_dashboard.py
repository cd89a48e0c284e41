"""The card for Home Assistant is made of built-in cards, and shows entities that the sensor announces."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import yaml

from edge.config.settings import CommandSettings
from edge.report.analytics.engine import Engine
from edge.report.homeassistant.messages import discovery_messages
from tests.support.commands import PROJECT
from tests.support.everything import EVERYTHING

CARD: dict[str, Any] = yaml.safe_load((PROJECT / "examples/homeassistant/dashboard.yaml").read_text())
BUILT_IN = {"vertical-stack", "conditional", "markdown", "glance", "history-graph", "entities"}
ROWS = {"divider"}
"""Of an entities card, beside entities."""


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the card, the card itself too."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for each in value if isinstance(value, list) else []:
        yield from parts(each)


def test_it_is_made_of_built_in_cards() -> None:
    assert {part["type"] for part in parts(CARD) if "type" in part} <= BUILT_IN | ROWS


def test_it_shows_entities_that_are_announced_and_on_at_first() -> None:
    settings = replace(EVERYTHING, command=CommandSettings(enabled=True))
    (message,) = discovery_messages(settings, Engine(settings).keys, "hall").values()
    announced = {
        part["default_entity_id"]
        for part in message["components"].values()
        if "default_entity_id" in part and part.get("enabled_by_default", True)
    }
    shown = {part["entity"] for part in parts(CARD) if "entity" in part}
    assert shown
    assert shown <= announced
