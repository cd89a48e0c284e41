"""The components that Home Assistant is told of: those that are switched on, each with a name that stays."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.loader import MOST
from edge.config.settings import (
    LANGUAGES,
    NAME_IN_TOPICS,
    CommandSettings,
    DeviceSettings,
    HomeAssistantSettings,
    LineSettings,
    MqttSettings,
    RuleSettings,
    Settings,
    ZoneSettings,
)
from edge.config.texts import check_name
from edge.report.analytics.detectors.presence import PresenceSettings
from edge.report.analytics.engine import Engine
from edge.report.fields import ByPerson
from edge.report.homeassistant import messages, template
from edge.report.homeassistant.components import Component, components, friendly_names
from edge.report.homeassistant.discovery import LARGEST
from edge.report.homeassistant.messages import discovery_messages
from edge.report.messages.message import as_json
from edge.report.messages.state import COMMANDED, STATE
from tests.support.everything import EVERYTHING

DOCS = " ".join((Path(__file__).parents[3] / "docs/homeassistant.md").read_text(encoding="utf-8").split())
CORNERS = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
PLACES = Settings(
    zone=(ZoneSettings("sofa", CORNERS, dwell=60.0), ZoneSettings("dog-bed", CORNERS)),
    line=(LineSettings("door", (0.1, 0.9), (0.9, 0.9)),),
)
PERSONS = {key for key, field in STATE.items() if isinstance(field, ByPerson)}
"""What is said of each person has no entity."""
HEALTH = {"frame_rate", "inference_ms", "temperature", "frames_dropped", "sealed", "lines_rejected", "events_lost"}


def of(settings: Settings, *keys: str) -> dict[str, Component]:
    return components(settings, keys, "posenet/hall")


def test_what_stands_in_the_state_is_a_component() -> None:
    watched = [key for key in Engine(Settings()).keys if key not in PERSONS]
    found = of(Settings(), *Engine(Settings()).keys)
    assert set(watched) <= set(found)
    assert set(found) == {*watched, *HEALTH, "problem", "event"} | {key for key in found if key.startswith("trigger_")}


def test_what_is_switched_off_is_none() -> None:
    off = Settings(detectors={"presence": PresenceSettings(enabled=False)})
    assert set(of(off, *Engine(off).keys)) & set(STATE) <= set(Engine(off).keys)
    assert "occupied" not in of(off, *Engine(off).keys)
    assert set(of(off)) == HEALTH


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
        "trigger_zone_left_sofa", "trigger_zone_left_dog-bed", "trigger_zone_dwelling_sofa",
    }  # fmt: skip
    trigger = found["trigger_zone_entered_sofa"]
    assert (trigger["topic"], trigger["payload"]) == ("posenet/hall/event/zone_entered", "sofa")
    assert (trigger["type"], trigger["subtype"]) == ("zone_entered", "Sofa: entered")
    assert "payload" not in found["trigger_hand_raised"]


def test_each_way_over_a_line_is_a_trigger() -> None:
    found = of(PLACES, "lines")
    way = found["trigger_line_crossed_door_out"]
    assert (way["topic"], way["payload"]) == ("posenet/hall/event/line_crossed", "door out")
    template = "{{ (value_json|default({})).get('line') }} {{ (value_json|default({})).get('direction') }}"
    assert way["value_template"] == template
    assert way["subtype"] == "Door: crossed outwards"
    assert {key for key in found if key.startswith("trigger_")} == {
        "trigger_line_crossed_door_in", "trigger_line_crossed_door_out"
    }  # fmt: skip


def test_what_calls_for_help_and_what_calls_it_off_are_triggers() -> None:
    found = of(Settings(), "fall", "inactive")
    assert {key for key in found if key.startswith("trigger_")} == {
        "trigger_fall_suspected", "trigger_fall_dismissed", "trigger_fall_confirmed", "trigger_fall_recovered",
        "trigger_inactive",
    }  # fmt: skip


def test_what_few_need_is_off_at_first() -> None:
    """docs/homeassistant.md has the numbers, for a zone in which somebody can dwell, a line, a rule and commands."""
    settings = replace(EVERYTHING, command=CommandSettings(enabled=True))
    found = of(settings, *Engine(settings).keys)
    entities = {key: part for key, part in found.items() if part["platform"] != "device_automation"}
    shown = {key for key, part in entities.items() if part.get("enabled_by_default", True)}
    assert shown == {
        "occupied", "people", "posture", "fall", "inactive", "zone_left_occupied", "zone_left_people",
        "zone_left_dwelling", "line_middle_in", "line_middle_out", "rule_reach", "event", "privacy", "sensitivity",
        "problem", "sealed",
    }  # fmt: skip
    told = (
        f"{len(shown)} of {len(entities)} entities are on at first, and there are {len(found) - len(entities)} device"
    )
    assert told in DOCS
    category = {key: part.get("entity_category") for key, part in found.items()}
    assert {key for key, name in category.items() if name == "diagnostic"} == HEALTH | {
        "problem", "assumed", "assumed_for"
    }  # fmt: skip
    assert {key for key, name in category.items() if name == "config"} == {"sensitivity"}


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
    assert select["options"] == ["Low", "Normal", "High"]
    assert select["command_template"] == '{{ {"Low": "low", "Normal": "normal", "High": "high"}.get(value) }}'


def test_health_that_is_said_seldom_is_waited_for() -> None:
    found = of(Settings(mqtt=MqttSettings(health_interval=600.0)), "people")
    assert found["temperature"]["expire_after"] == 1800
    assert found["people"]["expire_after"] == 90
    assert of(Settings())["temperature"]["expire_after"] == 90


def test_the_age_of_what_is_retained_is_compared_where_the_broker_keeps_it_for_ever() -> None:
    """Of a switch and a select too, which Home Assistant does not let expire; the templates run in the rehearsal."""
    settings = Settings(mqtt=MqttSettings(health_interval=600.0), command=CommandSettings(enabled=True))
    found = components(settings, ["people"], "posenet/hall", expire=False)
    within = {
        key: part["availability"][1]["value_template"].partition("now().timestamp() - ")[2]
        for key, part in found.items()
        if "availability" in part
    }
    assert {"people", "privacy", "sensitivity", "temperature", "problem"} <= set(within)
    for key, said in within.items():
        limit = 1800 if key in HEALTH else 90
        assert said == f"({template.value('time')} or 0) < {limit} else 'offline' }}}}", key


def test_a_value_that_is_not_known_makes_nothing_unavailable() -> None:
    """Only the sensor that is away does: its last will, its silence; so no availability asks for a value."""
    settings = replace(PLACES, command=CommandSettings(enabled=True))
    for expire in (True, False):
        found = components(settings, [*Engine(settings).keys], "posenet/hall", expire)
        for key, part in found.items():
            if part["platform"] in ("event", "device_automation"):
                continue
            sources = part.get("availability", [])
            asked = [source["value_template"] for source in sources if "value_template" in source]
            assert all("value_json|default({})).get('time')" in each for each in asked), key
            assert not any(f"'{name}'" in each for each in asked for name in STATE), key
            assert asked or part["expire_after"], key


def test_a_flag_of_health_that_is_null_is_neither_safe_nor_unsafe() -> None:
    sealed = of(Settings())["sealed"]["value_template"]
    assert "true: 'OFF'" in sealed
    assert "false: 'ON'" in sealed
    assert "else" not in sealed


def test_it_cannot_see_while_nothing_is_known_of_places_either() -> None:
    settings = replace(PLACES, rule=(RuleSettings("alone", "people == 1"),))
    keys = ["people", "zones", "lines", "rules"]
    shown = of(settings, *keys)["problem"]["value_template"]
    # The objects are there even then; what is in them is null.
    for part in (("people",), ("zones", "sofa", "occupied"), ("lines", "door", "in"), ("rules", "alone")):
        assert f"{template.value(*part)} is none" in shown
    assert shown.count(" is none and ") == len(keys) - 1


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


def test_two_sensors_of_one_name_have_nothing_in_common() -> None:
    named = replace(PLACES, device=DeviceSettings(name="Hall"))
    ids = []
    for identity in ("hall-1a2b", "hall-3c4d"):
        (message,) = discovery_messages(named, ["occupied", "zones"], identity).values()
        parts = [part for part in message["components"].values() if "unique_id" in part]
        ids.append({part[key] for part in parts for key in ("unique_id", "default_entity_id")})
        assert message["device"]["name"] == "Hall"
    assert ids[0]
    assert ids[0].isdisjoint(ids[1])


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


def test_a_device_says_where_it_is_and_what_opens_it() -> None:
    url = "http://hall.local:8470/"
    told = Settings(homeassistant=HomeAssistantSettings(area="Entrance", configuration_url=url))
    (message,) = discovery_messages(told, ["occupied"], "hall").values()
    assert (message["device"]["suggested_area"], message["device"]["configuration_url"]) == ("Entrance", url)
    (silent,) = discovery_messages(Settings(), ["occupied"], "hall").values()
    assert not {"suggested_area", "configuration_url"} & silent["device"].keys()


def test_a_device_says_which_machine_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def hardware() -> str | None:
        (message,) = discovery_messages(Settings(), ["occupied"], "hall").values()
        name: str | None = message["device"].get("hw_version")
        return name

    monkeypatch.setattr(messages, "BOARD", tmp_path / "model")
    assert hardware() is None
    # As the kernel has it, which ends it with a zero.
    (tmp_path / "model").write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    assert hardware() == "Raspberry Pi 5 Model B Rev 1.0"
    (tmp_path / "model").write_bytes(b"\xff" * 1000)
    assert hardware() == "\ufffd" * 64


NAMES = st.from_regex(NAME_IN_TOPICS["pattern"], fullmatch=True)
LABELS = st.text(max_size=64).filter(lambda text: not check_name(text))
AWKWARD = st.sampled_from(
    ["", "صالة", "🛋️", "👨‍👩‍👧", "Canapé d'angle", '"}} {{', "{}", "{0}", "{% raw %}", "\\", "Sofa", "Sofa (a)", "a"]
)
PLACES_OF_ANY_NAME = st.lists(st.tuples(NAMES, LABELS | AWKWARD), max_size=6, unique_by=lambda place: place[0])


@given(PLACES_OF_ANY_NAME, PLACES_OF_ANY_NAME, PLACES_OF_ANY_NAME, st.sampled_from(LANGUAGES))
def test_a_label_of_any_script_is_shown_and_is_in_nothing_else(
    zones: list[tuple[str, str]], lines: list[tuple[str, str]], rules: list[tuple[str, str]], language: str
) -> None:
    settings = Settings(
        zone=tuple(ZoneSettings(name, CORNERS, dwell=1.0, label=label) for name, label in zones),
        line=tuple(LineSettings(name, (0.1, 0.9), (0.9, 0.9), label=label) for name, label in lines),
        rule=tuple(RuleSettings(name, "occupied", label=label) for name, label in rules),
        homeassistant=HomeAssistantSettings(language=language),
    )
    bare = replace(
        settings,
        zone=tuple(replace(each, label="") for each in settings.zone),
        line=tuple(replace(each, label="") for each in settings.line),
        rule=tuple(replace(each, label="") for each in settings.rule),
    )
    labelled, plain = (
        discovery_messages(each, ["zones", "lines", "rules"], "hall")["homeassistant/device/hall/config"]["components"]
        for each in (settings, bare)
    )
    assert labelled.keys() == plain.keys()
    assert len([key for key in labelled if key.startswith("zone_")]) == 3 * len(zones)
    for key, part in labelled.items():
        assert {**part, "name": "", "subtype": ""} == {**plain[key], "name": "", "subtype": ""}
    ids = [part["unique_id"] for part in labelled.values() if "unique_id" in part]
    assert len(set(ids)) == len(ids)
    assert all(
        id.isascii() and part["default_entity_id"].isascii()
        for part in labelled.values()
        if (id := part.get("unique_id"))
    )
    triggers = [(part["type"], part["subtype"]) for part in labelled.values() if "subtype" in part]
    assert len(set(triggers)) == len(triggers) == 3 * len(zones) + 2 * len(lines) + len(rules)
    for name, label in zones:
        assert label in labelled[f"zone_{name}_occupied"]["name"]


def test_labels_that_are_alike_are_told_apart() -> None:
    places = [ZoneSettings("a", CORNERS, label="Sofa"), ZoneSettings("b", CORNERS, label="Sofa")]
    places += [ZoneSettings("c", CORNERS, label="Sofa (a)"), ZoneSettings("dog-bed", CORNERS)]
    assert friendly_names(places) == {"a": "Sofa (a) (a)", "b": "Sofa (b)", "c": "Sofa (a) (c)", "dog-bed": "Dog bed"}


def test_the_most_places_fit_into_what_is_read_back() -> None:
    """With MQTT 3.1.1, where every time is compared, and labels of two words in Arabic."""
    numbers, label, identity = range(MOST), "غرفة الجلوس", "raspberrypi-1a2b"
    settings = Settings(
        zone=tuple(ZoneSettings(f"place-{n}", CORNERS, dwell=1.0, label=label) for n in numbers),
        line=tuple(LineSettings(f"place-{n}", (0.1, 0.9), (0.9, 0.9), label=label) for n in numbers),
        rule=tuple(RuleSettings(f"place-{n}", "occupied", label=label) for n in numbers),
        homeassistant=HomeAssistantSettings(language="fr"),
        command=CommandSettings(enabled=True),
    )
    ((_, message),) = discovery_messages(settings, Engine(settings).keys, identity, expire=False).items()
    assert len(as_json(message)) <= LARGEST


@pytest.mark.parametrize("mode", ["device", "entities"])
def test_the_stream_of_poses_is_in_no_discovery(mode: str) -> None:
    settings = replace(PLACES, homeassistant=HomeAssistantSettings(mode))
    text = json.dumps(discovery_messages(settings, list(STATE), "hall"))
    assert "posenet/hall/state" in text
    for word in ("/poses", "attributes", "posenet/hall/#", "posenet/hall/+"):
        assert word not in text
