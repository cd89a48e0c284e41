"""The components that Home Assistant is told of: those that are switched on, each with a name that stays."""

import json
from dataclasses import replace

import pytest

from edge.config.settings import (
    CommandSettings,
    DeviceSettings,
    HomeAssistantSettings,
    LineSettings,
    MqttSettings,
    ProfileSettings,
    RuleSettings,
    Settings,
    ZoneSettings,
)
from edge.report.analytics.detectors.presence import PresenceSettings
from edge.report.analytics.engine import Engine
from edge.report.analytics.registry import SECTIONS
from edge.report.fields import ByPerson
from edge.report.homeassistant import template
from edge.report.homeassistant.components import Component, components
from edge.report.homeassistant.messages import discovery_messages
from edge.report.messages.state import COMMANDED, STATE
from tests.support.everything import EVERYTHING

CORNERS = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
PLACES = Settings(
    zone=(ZoneSettings("sofa", CORNERS, dwell=60.0), ZoneSettings("dog-bed", CORNERS)),
    line=(LineSettings("door", (0.1, 0.9), (0.9, 0.9)),),
)
PERSONS = {key for key, field in STATE.items() if isinstance(field, ByPerson)}
"""What is said of each person has no entity."""
HEALTH = {
    "frame_rate", "inference_ms", "temperature", "frames_dropped", "sealed", "lines_rejected", "events_lost", "update"
}  # fmt: skip


def of(settings: Settings, *keys: str) -> dict[str, Component]:
    return components(settings, keys, "posenet/hall")


def test_what_stands_in_the_state_is_a_component() -> None:
    watched = [key for key in Engine(Settings()).keys if key not in PERSONS]
    found = of(Settings(), *Engine(Settings()).keys)
    assert set(watched) <= set(found)
    triggers = {key for key in found if key.startswith("trigger_")}
    assert set(found) == {*watched, *HEALTH, "light", "problem", "event"} | triggers


def test_what_is_switched_off_is_none() -> None:
    off = Settings(detectors={"presence": PresenceSettings(enabled=False)})
    assert set(of(off, *Engine(off).keys)) & set(STATE) <= {"light", *Engine(off).keys}
    assert "occupied" not in of(off, *Engine(off).keys)
    assert set(of(off)) == {*HEALTH, "light"}


def test_every_value_of_the_state_has_an_entity() -> None:
    """But what is said of single persons, who come and go."""
    everything = of(EVERYTHING, *Engine(EVERYTHING).keys)
    read = " ".join(
        part["value_template"] for key, part in everything.items() if key != "problem" and "value_template" in part
    )
    assert {key for key in STATE if f"'{key}'" in read} == set(STATE) - PERSONS - set(COMMANDED)


def test_a_zone_has_its_own_and_dwelling_where_somebody_can_dwell() -> None:
    found = of(PLACES, "zones", "lines")
    zones = {key for key in found if key.startswith("zone_")}
    assert zones == {
        "zone_sofa_occupied", "zone_sofa_people", "zone_sofa_dwelling", "zone_dog-bed_occupied", "zone_dog-bed_people"
    }  # fmt: skip
    assert found["zone_dog-bed_occupied"]["name"] == "Dog bed occupancy"
    assert {key for key in found if key.startswith("line_")} == {"line_door_in", "line_door_out"}
    assert found["line_door_in"]["state_class"] == "total_increasing"


def test_a_trigger_exists_where_its_event_can_happen() -> None:
    found = of(PLACES, "hand_raised", "both_hands_raised", "zones")
    assert {key for key in found if key.startswith("trigger_")} == {
        "trigger_hand_raised", "trigger_both_hands_raised",
        "trigger_zone_entered_sofa", "trigger_zone_entered_dog-bed",
        "trigger_zone_left_sofa", "trigger_zone_left_dog-bed",
    }  # fmt: skip
    trigger = found["trigger_zone_entered_sofa"]
    assert (trigger["topic"], trigger["payload"]) == ("posenet/hall/event/zone_entered", "sofa")


def test_a_rule_has_an_entity_and_a_trigger() -> None:
    settings = Settings(rule=(RuleSettings("top-shelf", "occupied"), RuleSettings("alone", "people == 1")))
    found = of(settings, *Engine(settings).keys)
    assert (found["rule_top-shelf"]["platform"], found["rule_top-shelf"]["name"]) == ("binary_sensor", "Top shelf")
    assert "rule_alone" in found
    trigger = found["trigger_rule_top-shelf"]
    assert (trigger["topic"], trigger["payload"]) == ("posenet/hall/event/rule", "top-shelf")
    assert trigger["value_template"] == "{{ (value_json|default({})).get('rule') }}"


def test_the_switch_is_there_where_commands_are_taken() -> None:
    commanded = of(Settings(command=CommandSettings(enabled=True)), "occupied")
    assert "privacy" not in of(Settings(), "occupied")
    switch = commanded["privacy"]
    assert switch["command_topic"] == "posenet/hall/command/camera"
    assert (switch["payload_on"], switch["payload_off"]) == ("pause", "resume")
    assert "expire_after" not in switch
    select = commanded["sensitivity"]
    assert select["command_topic"] == "posenet/hall/command/sensitivity"
    assert select["options"] == ["low", "normal", "high"]


def test_each_detector_and_each_zone_has_a_switch_where_commands_are_taken() -> None:
    off = {name: kind(enabled=name != "waving") for name, kind in SECTIONS.items()}
    settings = replace(PLACES, detectors=off, command=CommandSettings(enabled=True))
    found = of(settings, "zones")
    switches = {key: part for key, part in found.items() if key.startswith("switch_")}
    assert set(switches) == {
        *(f"switch_detector_{name}" for name in SECTIONS if name != "waving"), "switch_zone_sofa", "switch_zone_dog-bed"
    }  # fmt: skip
    zone = switches["switch_zone_dog-bed"]
    assert (zone["platform"], zone["name"]) == ("switch", "Dog bed zone")
    assert (zone["entity_category"], zone["qos"]) == ("config", 1)
    assert zone["command_topic"] == "posenet/hall/command/switch/zone/dog-bed"
    assert zone["state_topic"] == "posenet/hall/state"
    assert zone["value_template"] == template.flag("switch", "zone", "dog-bed")
    shown = {key for key, part in switches.items() if part.get("enabled_by_default", True)}
    assert shown == {
        "switch_detector_fall", "switch_detector_inactivity", "switch_detector_hands",
        "switch_zone_sofa", "switch_zone_dog-bed",
    }  # fmt: skip
    assert not [key for key in of(replace(settings, command=CommandSettings()), "zones") if key.startswith("switch")]


def test_the_profiles_are_those_of_the_settings() -> None:
    enabled = Settings(command=CommandSettings(enabled=True))
    select = of(enabled, "occupied")["profile"]
    assert (select["platform"], select["options"]) == ("select", ["home", "away", "night"])
    assert select["command_topic"] == "posenet/hall/command/profile"
    own = replace(enabled, profile=(ProfileSettings("siesta"),))
    assert of(own, "occupied")["profile"]["options"] == ["home", "siesta"]
    assert "profile" not in of(Settings(), "occupied")


def test_a_restart_is_a_button_where_commands_are_taken() -> None:
    button = of(Settings(command=CommandSettings(enabled=True)))["restart"]
    assert (button["command_topic"], button["payload_press"]) == ("posenet/hall/command/restart", "restart")
    assert button["device_class"] == "restart"
    assert "restart" not in of(Settings())


def test_the_update_compares_what_runs_with_what_is_on_the_disk() -> None:
    update = of(Settings())["update"]
    assert (update["platform"], update["state_topic"]) == ("update", "posenet/hall/health")
    assert template.value("software") in update["value_template"]
    assert template.value("software_on_disk") in update["value_template"]
    assert "command_topic" not in update, "nothing is installed over MQTT"


def test_health_that_is_said_seldom_is_waited_for() -> None:
    found = of(Settings(mqtt=MqttSettings(health_interval=600.0)), "people")
    assert found["temperature"]["expire_after"] == 1800
    assert found["people"]["expire_after"] == 90
    assert of(Settings())["temperature"]["expire_after"] == 90


def test_the_age_of_what_is_retained_is_compared_where_the_broker_keeps_it_for_ever() -> None:
    """Of a switch and a select too, which Home Assistant does not let expire; the templates run in the rehearsal."""
    settings = Settings(mqtt=MqttSettings(health_interval=600.0), command=CommandSettings(enabled=True))
    for expire in (True, False):
        found = components(settings, ["people"], "posenet/hall", expire)
        within = {
            key: part["availability"][1]["value_template"].partition("now().timestamp() - ")[2]
            for key, part in found.items()
            if "availability" in part
        }
        assert {"people", "privacy", "sensitivity", "temperature", "problem"} <= set(within)
        for key, said in within.items():
            limit = 1800 if key in HEALTH else 90
            assert said == ("" if expire else f"({template.value('time')} or 0) < {limit} else 'offline' }}}}"), key


def test_it_cannot_see_while_nothing_is_known_of_places_either() -> None:
    settings = replace(PLACES, rule=(RuleSettings("alone", "people == 1"),))
    keys = ["people", "zones", "lines", "rules"]
    shown = of(settings, *keys)["problem"]["value_template"]
    # The objects are there even then; what is in them is null.
    for part in (("people",), ("zones", "sofa", "occupied"), ("lines", "door", "in"), ("rules", "alone")):
        assert f"{template.value(*part)} is none" in shown
    assert shown.count(" is none") == len(keys)


def test_names_and_identities() -> None:
    named = replace(PLACES, device=DeviceSettings(id="Hall-1", name="Entrance hall"))
    ((topic, message),) = discovery_messages(named, ["occupied", "zones"], "Hall-1").items()
    assert topic == "homeassistant/device/Hall-1/config"
    assert message["device"]["name"] == "Entrance hall"
    bed = message["components"]["zone_dog-bed_occupied"]
    assert bed["unique_id"] == "posenet_edge_Hall-1_zone_dog-bed_occupied"
    assert bed["default_entity_id"] == "binary_sensor.hall_1_zone_dog_bed_occupied"
    identities = [part["unique_id"] for part in message["components"].values() if "unique_id" in part]
    assert len(identities) == len(set(identities)) > 10
    assert not [part for part in message["components"].values() if "Entrance" in part.get("name", "")]
    renamed = replace(named, device=DeviceSettings(id="Hall-1", name="Other"))
    other = discovery_messages(renamed, ["occupied", "zones"], "Hall-1")[topic]
    assert other["components"] == message["components"]


def test_one_message_for_each_entity_or_none_at_all() -> None:
    single = Settings(homeassistant=HomeAssistantSettings("entities", prefix="ha/discovery"))
    found = discovery_messages(single, ["occupied"], "hall")
    occupied = found["ha/discovery/binary_sensor/hall/occupied/config"]
    assert occupied["unique_id"] == "posenet_edge_hall_occupied"
    assert occupied["device"]["identifiers"] == ["posenet_edge_hall"]
    assert "platform" not in occupied
    device = discovery_messages(Settings(), ["occupied"], "hall")["homeassistant/device/hall/config"]
    assert len(found) == len(device["components"])
    assert discovery_messages(Settings(homeassistant=HomeAssistantSettings("off")), ["occupied"], "hall") == {}


@pytest.mark.parametrize("mode", ["device", "entities"])
def test_the_stream_of_poses_is_in_no_discovery(mode: str) -> None:
    settings = replace(PLACES, homeassistant=HomeAssistantSettings(mode))
    text = json.dumps(discovery_messages(settings, list(STATE), "hall"))
    assert "posenet/hall/state" in text
    for word in ("/poses", "attributes", "posenet/hall/#", "posenet/hall/+"):
        assert word not in text
