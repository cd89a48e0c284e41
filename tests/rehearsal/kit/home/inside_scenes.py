"""What Home Assistant makes of each scene: states, events, triggers and what is automated, and nothing beside that."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from homeassistant.core import HomeAssistant
from house import (
    AT_FIRST_OFF,
    Broker,
    Heard,
    Sensor,
    at_home,
    automate,
    blueprint,
    listening,
    ours,
    state,
    switch_on,
    unknown,
    until,
    until_is,
)


class Told(NamedTuple):
    """What should be said of a scene, from the empty room before it to the one after it."""

    states: dict[str, str]
    """By entity without ``hall_``, the values that it takes, in their order; ``~`` is unknown."""
    triggers: str
    """Those that fire before all have left, in their order."""
    events: tuple[dict[str, Any], ...] = ()
    """Events with such details, among others."""
    lamp: str = ""
    """What the automations from the blueprints do with the lamp."""
    tells: str = ""
    """What they tell somebody."""


COMES = "Somebody arrived"
GOES = "Everybody left"
THERE = {"binary_sensor.occupied": "off on off", "sensor.people": "0 1 0"}
SOFA = {
    "binary_sensor.zone_sofa_occupied": "off on off",
    "sensor.zone_sofa_people": "0 1 0",
}
LAMP = "turn_on, turn_off"

SCENES = {
    "fall-get-up": Told(
        {**THERE, "sensor.posture": "~ Standing Lying Sitting Standing ~", "binary_sensor.fall": "off on off"},
        f"{COMES}, Sofa: entered, Sofa: left, Fall suspected, Sofa: entered, Fall confirmed, Sofa: left, Sofa: entered, "
        "Up again after a fall, Sofa: left",
        ({"event_type": "fall_suspected"}, {"event_type": "posture_changed", "from": "standing", "to": "lying"},
         {"event_type": "fall_recovered", "seconds": 13}),
        f"{LAMP}, {LAMP}, {LAMP}",
        "fall_suspected, fall_confirmed, fall_recovered",
    ),
    "squats": Told(
        {**THERE, "sensor.exercise": "No exercise Squats No exercise", "sensor.repetitions": "0 3 4 5 6 7 8 0",
         "sensor.tempo": "0 22 0"}, COMES,
        ({"event_type": "repetition", "exercise": "squats", "count": 8}, {"event_type": "exercise_ended", "count": 8}),
    ),
    "lie-down": Told(
        {**THERE, **SOFA, "binary_sensor.inactive": "off on", "sensor.posture": "~ Standing Sitting Lying ~"},
        f"{COMES}, Sofa: entered, Nobody moves any more, Sofa: left", ({"event_type": "inactive"},),
        LAMP, "nobody moved",
    ),
    "both-hands": Told(
        {**THERE, "binary_sensor.hand_raised": "off on off", "binary_sensor.both_hands_raised": "off on off",
         "binary_sensor.rule_please": "off on off"},
        f"{COMES}, Both hands raised, Please: rule applies",
        ({"event_type": "rule", "rule": "please"},), "", "both_hands_raised",
    ),
    "wave": Told(
        {**THERE, "binary_sensor.waving": "off on off"}, f"{COMES}, Somebody waves",
        ({"event_type": "waving", "side": "right"},), "", "waving",
    ),
    "raise-hand": Told(
        {**THERE, "binary_sensor.hand_raised": "off on off"}, f"{COMES}, Hand raised",
        ({"event_type": "hand_raised", "side": "right"}, {"event_type": "hand_lowered"}),
        "", "hand_raised, hand_raised",
    ),
    "approach": Told(
        {**THERE, "sensor.approach": "~ Still Approaching Still ~"}, COMES, ({"event_type": "approaching"},)
    ),
    "walk-through": Told(
        {**THERE, **SOFA, "sensor.posture": "~ Standing ~", "sensor.line_door_in": "0 1"},
        f"{COMES}, Sofa: entered, Door: crossed inwards, Sofa: left",
        ({"event_type": "line_crossed", "line": "door", "direction": "in"}, {"event_type": "zone_left", "zone": "sofa"}),
        LAMP,
    ),
    "two-cross": Told(
        {"binary_sensor.occupied": "off on off", "binary_sensor.zone_sofa_occupied": "off on off",
         "sensor.line_door_in": "0 1", "sensor.line_door_out": "0 1"},
        f"{COMES}, Number of people changed, Sofa: entered, Door: crossed inwards, Door: crossed outwards, "
        "Sofa: entered, Sofa: left, Number of people changed, Sofa: left",
        ({"event_type": "line_crossed", "direction": "out"},), LAMP,
    ),
}  # fmt: skip
"""A flag that is not named never turns on; a trigger that is not named does not fire. The longest come first, as several
workers share them."""

ANYWHERE = {"binary_sensor.hall_occupied", "binary_sensor.hall_zone_sofa_occupied"}
"""Flags that any scene may turn on."""


def house_rules(hass: HomeAssistant) -> list[dict[str, Any]]:
    """An automation for all that the blueprints can do."""

    def tell(words: str) -> list[dict[str, Any]]:
        return [{"action": "notify.test", "data": {"message": words}}]

    sofa, event = {"zone": "binary_sensor.hall_zone_sofa_occupied"}, {"event": "event.hall_event"}
    room = {"zone": "binary_sensor.hall_occupied"}
    light = {**sofa, "light": {"entity_id": "light.lamp"}, "linger": 0}
    still = {"inactive": "binary_sensor.hall_inactive", "minutes": 0, "actions": tell("nobody moved")}
    asks = [{"gesture": gesture, "actions": tell(gesture)} for gesture in ("both_hands_raised", "waving")]
    asks += [{"actions": tell("hand_raised")}, {**room, "actions": tell("hand_raised")}]
    asks += [{**sofa, "actions": tell("hand_raised on the sofa")}]
    return [
        blueprint(hass, "light-by-zone", light),
        blueprint(hass, "nobody-moved", still),
        *(blueprint(hass, "help-by-raised-hand", event | each) for each in asks),
        blueprint(hass, "fall-alarm", event | {"actions": tell("{{ kind }}")}),
    ]


@pytest.mark.parametrize("scene", SCENES)
async def test_a_scene(hass: HomeAssistant, broker: Broker, tmp_path: Path, scene: str) -> None:
    told = SCENES[scene]
    async with at_home(hass):
        switch_on(hass, AT_FIRST_OFF)
        with Sensor(tmp_path) as sensor:
            await until_is(hass, "binary_sensor.hall_occupied", "off")
            await until_is(hass, "binary_sensor.hall_inactive", "off")
            calls = await automate(hass, await listening(hass), *house_rules(hass))
            before = {name: state(hass, name) for name in ours(hass)}
            heard = Heard(hass)
            sensor.say(f"play {scene}")
            await until(hass, lambda: any(each["event_type"] == "left" for each in heard.events()), "left")
            await until_is(hass, "binary_sensor.hall_occupied", "off")

            def states() -> dict[str, str]:
                names = {name: name.replace(".", ".hall_") for name in told.states}
                return {
                    name: shortened([before[its], *heard.states(its)], "~" in told.states[name])
                    for name, its in names.items()
                }

            # Whatever is said at last goes out within half a second, and a busy Home Assistant takes its time.
            await asyncio.sleep(1.0)
            with contextlib.suppress(AssertionError):
                await until(hass, lambda: states() == told.states, "what the scene leads to", 20.0)
            assert states() == told.states
            taken = {name: [before[name], *heard.states(name)] for name in ours(hass)}
            movement = [word for word in taken["sensor.hall_movement"] if word != "unknown"]
            assert max(map(float, movement)) > 0.0
            flags = {name for name, words in taken.items() if name.startswith("binary_sensor.") and "on" in words}
            named = {name.replace(".", ".hall_") for name, wanted in told.states.items() if "on" in wanted.split()}
            assert flags - ANYWHERE == named - ANYWHERE
            # Who vanishes in a zone leaves it in the same moment as the room.
            assert [each for each in heard.triggers() if each != GOES] == told.triggers.split(", ")
            assert heard.triggers().count(GOES) == 1
            for wanted in told.events:
                assert [each for each in heard.events() if wanted.items() <= each.items()], wanted
            assert ", ".join(call.service for call in calls if call.domain == "light") == told.lamp
            assert ", ".join(call.data["message"] for call in calls if call.domain == "notify") == told.tells


def shortened(words: list[str], unknown: bool) -> str:
    """Without repetitions; ``~`` is unknown, where that is of interest."""
    said = ["~" if word == "unknown" else word for word in words]
    said = [word for word in said if unknown or word != "~"]
    return " ".join(word for place, word in enumerate(said) if place == 0 or word != said[place - 1])


@pytest.mark.parametrize("silence", ["blind", "hang", "die", "pause"])
async def test_whoever_does_not_look_says_nothing(
    hass: HomeAssistant, broker: Broker, tmp_path: Path, silence: str
) -> None:
    """Nothing turns off, and nothing happens, because nobody looked."""
    switch = {"entity_id": "switch.hall_privacy"}
    flags = ("binary_sensor.hall_fall", "binary_sensor.hall_occupied")
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            sensor.say("play fall-backward")
            for flag in flags:
                await until_is(hass, flag, "on")
            await until_is(hass, "binary_sensor.hall_problem", "off")
            calls = await automate(hass, await listening(hass), *house_rules(hass))
            heard = Heard(hass)
            if silence == "pause":
                await hass.services.async_call("switch", "turn_on", switch, blocking=True)
            else:
                sensor.say(silence)
            await until(hass, lambda: unknown(hass), silence)
            await until_is(hass, "binary_sensor.hall_problem", "on")
            for flag in flags:
                assert heard.states(flag)[-1] == "unknown"
                assert "off" not in heard.states(flag)
            if silence == "pause":
                assert state(hass, "switch.hall_privacy") == "on"
                await hass.services.async_call("switch", "turn_off", switch, blocking=True)
                await until_is(hass, "switch.hall_privacy", "off")
                await until_is(hass, "binary_sensor.hall_problem", "off")
                await until_is(hass, "binary_sensor.hall_occupied", "on")
                # Who lies there already may have fallen before; nobody knows.
                assert state(hass, "binary_sensor.hall_fall") == "unknown"
            assert heard.triggers() == [COMES] * (silence == "pause")
            assert calls == []
