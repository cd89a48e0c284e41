"""What the blueprints of examples/homeassistant do where the sensor does not see; in the scenes, ``inside_scenes`` says."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from house import BLUEPRINTS, automate, blueprint, until

NOTIFY = [{"action": "notify.test"}]
MADE_UP: dict[str, dict[str, Any]] = {
    "light-by-zone": {"zone": "binary_sensor.test", "light": {"entity_id": "light.test"}, "linger": 0},
    "help-by-raised-hand": {"event": "event.test", "actions": NOTIFY},
    "nobody-moved": {"inactive": "binary_sensor.test", "minutes": 0, "actions": NOTIFY},
}  # fmt: skip
"""Inputs, with entities that the test sets."""


@pytest.mark.parametrize("name", sorted(path.stem for path in BLUEPRINTS.glob("*.yaml")))
async def test_a_blueprint_does_what_it_says(hass: HomeAssistant, name: str) -> None:
    def show(flag: str, event: str, second: int) -> None:
        hass.states.async_set("binary_sensor.test", flag)
        hass.states.async_set("event.test", f"2026-01-01T00:00:0{second}.000+00:00", {"event_type": event})

    show("off", "left", 0)
    calls = await automate(hass, blueprint(hass, name, MADE_UP[name]))
    # Coming back after not looking is no reason to do anything.
    for flag in ("unavailable", "on", "unknown", "on", "unavailable", "off"):
        show(flag, "left", 0)
        await hass.async_block_till_done()
    assert calls == []
    show("on", "hand_raised", 1)
    await until(hass, lambda: calls, name)
    show("unavailable", "hand_raised", 1)
    await hass.async_block_till_done()
    assert len(calls) == 1
    if name == "light-by-zone":
        show("on", "hand_raised", 1)
        show("off", "hand_raised", 1)
        await until(hass, lambda: calls[-1].service == "turn_off", "the light goes out")
