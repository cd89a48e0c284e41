"""Overrides are laid over the settings of the file, or refused; they never break them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import (
    CommandSettings,
    FloorSettings,
    IgnoreSettings,
    ProfileSettings,
    RuleSettings,
    Settings,
    ZoneSettings,
)
from edge.errors import BadSetting
from edge.report import configuration
from edge.report.analytics.base import NOTHING_OFF
from edge.report.commands.overrides import OVERRIDES, SettingsInForce
from edge.report.commands.state_store import StateStore

SQUARE = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4), (0.1, 0.4))
SETTINGS = Settings(
    detectors=configuration.load(None).detectors,
    command=CommandSettings(enabled=True),
    zone=(ZoneSettings(name="sofa", polygon=SQUARE),),
    ignore=(IgnoreSettings(name="tv", polygon=SQUARE),),
)
BED = json.dumps({"zone": [{"name": "bed", "polygon": SQUARE, "dwell": 60}]}).encode()


def in_force(settings: Settings = SETTINGS) -> SettingsInForce:
    """With a store that lasts as long as the process."""
    return SettingsInForce(settings, StateStore({}))


def test_places_are_replaced_list_by_list_and_taken_back() -> None:
    ours = in_force()
    ours.override("places", BED)
    assert ours.current == replace(SETTINGS, zone=(ZoneSettings(name="bed", polygon=SQUARE, dwell=60.0),))
    assert ours.overridden == {"places"}
    ours.override("places", b'{"zone": [], "ignore": []}')
    assert ours.current == replace(SETTINGS, zone=(), ignore=())
    ours.override("places", b"")
    assert ours.current == SETTINGS
    assert not ours.overridden


def test_a_label_of_any_script_is_taken_and_half_a_letter_is_not() -> None:
    ours = in_force()
    bed = {"name": "bed", "polygon": SQUARE, "label": "سرير 🛏️"}
    ours.override("places", json.dumps({"zone": [bed]}, ensure_ascii=False).encode())
    assert ours.current.zone == (ZoneSettings(name="bed", polygon=SQUARE, label="سرير 🛏️"),)
    with pytest.raises(BadSetting, match=r"zone 1.label: expected one line"):
        ours.override("places", json.dumps({"zone": [bed | {"label": "\ud83d"}]}).encode())


def test_a_sensitivity() -> None:
    ours = in_force()
    ours.override("sensitivity", b"low")
    assert ours.current.people.sensitivity == "low"


def test_a_zone_that_a_rule_asks_for_stays() -> None:
    ruled = replace(SETTINGS, rule=(RuleSettings(name="rests", when="occupied and zone == 'sofa'"),))
    ours = in_force(ruled)
    with pytest.raises(BadSetting, match=r"command/places: rule 1.when: column 22: found \"'sofa'\", expected a zone"):
        ours.override("places", BED)
    assert ours.current == ruled


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [
        ("sensitivity", b"lower", 'command/sensitivity: people.sensitivity: expected one of "low", "normal", "high"'),
        ("sensitivity", b"\xff", "command/sensitivity: people.sensitivity: expected one of"),
        ("places", b"{", "command/places: not_json; expected a JSON object with the lists zone, line, ignore"),
        ("places", b"[]", "found []"),
        ("places", b'{"mqtt": {"host": "elsewhere"}}', "expected a JSON object with the lists"),
        ("places", b'{"zone": [{"name": "bed"}]}', "command/places: zone 1.polygon is missing"),
        ("places", b'{"zone": [{"name": "bed", "polygon": [[0, 0], [1, 1]]}]}', "zone 1.polygon: expected 3 to 64"),
        ("places", BED.replace(b'"dwell"', b'"unit": "metres", "dwell"'), "without a floor"),
        ("places", json.dumps({"zone": [json.loads(BED)["zone"][0]] * 2}).encode(), "bed"),
        (
            "places",
            json.dumps({"line": [{"name": f"l{n}", "start": [0, n / 99], "end": [1, 1]} for n in range(33)]}).encode(),
            "expected at most 32 sections [[line]], found 33",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(name: str, payload: bytes, said: str) -> None:
    ours = in_force()
    ours.override("places", BED)
    before = ours.current
    with pytest.raises(BadSetting) as refused:
        ours.override(name, payload)
    assert said in str(refused.value)
    assert ours.current == before
    ours.reload(SETTINGS)
    assert ours.current == before


def test_an_override_holds_over_restarts_where_commands_are_taken(tmp_path: Path) -> None:
    here = {"STATE_DIRECTORY": str(tmp_path)}
    SettingsInForce(SETTINGS, StateStore(here)).override("places", BED)
    assert SettingsInForce(SETTINGS, StateStore(here)).current.zone[0].name == "bed"
    without = replace(SETTINGS, command=CommandSettings(enabled=False))
    assert SettingsInForce(without, StateStore(here)).current == without


def test_an_override_holds_over_a_reload() -> None:
    ours = in_force()
    ours.override("sensitivity", b"low")
    ours.reload(replace(SETTINGS, zone=()))
    assert (ours.current.people.sensitivity, ours.current.zone) == ("low", ())


def test_what_does_not_go_with_other_settings_is_given_up_and_said(caplog: pytest.LogCaptureFixture) -> None:
    """Metres, when the floor is gone."""
    floor = replace(SETTINGS, floor=FloorSettings(2.2, 20.0, 62.0))
    ours = in_force(floor)
    ours.override("places", BED.replace(b'"dwell"', b'"unit": "metres", "dwell"'))
    assert ours.current.zone[0].unit == "metres"
    ours.reload(SETTINGS)
    assert ours.current == SETTINGS
    assert not ours.overridden
    assert "without a floor" in caplog.text
    ours.reload(floor)
    assert ours.current == floor


@pytest.mark.parametrize(("name", "command"), [*((name, name) for name in OVERRIDES), ("switches", "switch")])
@pytest.mark.parametrize("left", [b"", bytes(100), BED[:40], b"hi"])
def test_what_a_power_cut_left_of_a_file_is_nothing_asked_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, command: str, left: bytes
) -> None:
    (tmp_path / name).write_bytes(left)
    ours = SettingsInForce(SETTINGS, StateStore({"STATE_DIRECTORY": str(tmp_path)}))
    for _ in range(2):
        assert ours.current == SETTINGS
        assert not ours.overridden
        ours.reload(SETTINGS)
    assert caplog.text.count(f"command/{command}: ") == 1
    assert "that is given up, the settings hold" in caplog.text
    assert list(tmp_path.iterdir()) == []


@given(
    st.sampled_from(OVERRIDES),
    st.binary() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode),
)
def test_nonsense_is_refused_or_leaves_settings_that_work(name: str, payload: bytes) -> None:
    ours = in_force()
    try:
        ours.override(name, payload)
    except BadSetting as error:
        assert name in str(error)
    assert ours.current.command.enabled


HOUSE = replace(
    SETTINGS,
    zone=(ZoneSettings(name="sofa", polygon=SQUARE), ZoneSettings(name="bed", polygon=SQUARE)),
    profile=(
        ProfileSettings("night", detectors_off=("waving",), zones_off=("bed",), sensitivity="high"),
        ProfileSettings("away", paused=True),
    ),
)
ONLY_BED = json.dumps({"zone": [{"name": "bed", "polygon": SQUARE}]}).encode()
HALL = json.dumps({"zone": [{"name": name, "polygon": SQUARE} for name in ("bed", "hall")]}).encode()


def test_a_profile_and_switches_hold_over_restarts_where_commands_are_taken(tmp_path: Path) -> None:
    here = {"STATE_DIRECTORY": str(tmp_path)}
    ours = SettingsInForce(HOUSE, StateStore(here))
    ours.choose(ours.find_profile(b"night"))
    ours.switch("zone/sofa", b"OFF")
    again = SettingsInForce(HOUSE, StateStore(here))
    assert (again.profile.name, again.current.people.sensitivity) == ("night", "high")
    assert (again.off.detectors, again.off.zones) == ({"waving"}, {"bed", "sofa"})
    assert again.current.zone == HOUSE.zone, "they are still there, for rules and to be switched on"
    without = replace(HOUSE, command=CommandSettings(enabled=False))
    disabled = SettingsInForce(without, StateStore(here))
    assert (disabled.current, disabled.off, disabled.profile.name) == (without, NOTHING_OFF, "home")
    assert SettingsInForce(HOUSE, StateStore(here)).off == again.off, "and come back with the commands"


def test_nothing_but_a_command_opens_a_camera_that_a_profile_has_shut() -> None:
    store = StateStore({})
    ours = SettingsInForce(HOUSE, store)
    ours.choose(ours.find_profile(b"away"))
    for settings in (HOUSE, replace(HOUSE, command=CommandSettings(enabled=False))):
        assert SettingsInForce(settings, store).pausing == "away"
    ours.choose(ours.find_profile(b""))
    assert SettingsInForce(HOUSE, store).pausing == ""


def test_a_profile_that_is_no_longer_set_is_given_up_and_said(caplog: pytest.LogCaptureFixture) -> None:
    ours = in_force(HOUSE)
    ours.choose(ours.find_profile(b"night"))
    ours.switch("zone/sofa", b"OFF")
    ours.reload(replace(HOUSE, profile=HOUSE.profile[1:]))
    assert (ours.profile.name, ours.off) == ("home", NOTHING_OFF)
    assert 'command/profile: found "night", which is no profile any more' in caplog.text
    ours.reload(HOUSE)
    assert ours.profile.name == "home"


def test_the_zone_of_a_profile_stays() -> None:
    ours = in_force(HOUSE)
    with pytest.raises(BadSetting, match=r'command/places: profile 1\.zones_off: found "bed", there is no'):
        ours.override("places", b'{"zone": []}')
    assert ours.current == HOUSE


def test_the_switch_of_a_zone_ends_with_the_zone() -> None:
    ours = in_force(HOUSE)
    ours.switch("zone/sofa", b"OFF")
    ours.switch("detector/fall", b"OFF")
    ours.override("places", ONLY_BED)
    assert (ours.off.detectors, ours.off.zones) == ({"fall"}, set())
    ours.override("places", b"")
    assert (ours.off.detectors, ours.off.zones) == ({"fall"}, set()), "another sofa"


def test_a_refused_switch_changes_nothing() -> None:
    ours = in_force(HOUSE)
    ours.switch("zone/sofa", b"OFF")
    for name, payload in (("zone/hall", b"OFF"), ("zone/sofa", b"perhaps")):
        with pytest.raises(BadSetting):
            ours.switch(name, payload)
    assert ours.off.zones == {"sofa"}


_ASKED = st.one_of(
    st.tuples(st.just("profile"), st.sampled_from([b"", b"home", b"night", b"away", b"siesta"])),
    st.tuples(
        st.sampled_from(["zone/sofa", "zone/bed", "zone/hall", "detector/waving", "detector/fall"]),
        st.sampled_from([b"ON", b"OFF", b"", b"on"]),
    ),
    st.tuples(st.just("sensitivity"), st.sampled_from([b"low", b"high", b"", b"none"])),
    st.tuples(st.just("places"), st.sampled_from([ONLY_BED, HALL, b"", b"[]"])),
    st.tuples(st.just("restart"), st.just(b"")),
)


def as_documented(asked: list[tuple[str, bytes]]) -> tuple[str, str, set[str], set[str]]:
    """Profile, sensitivity, detectors and zones that are off, by what docs/messages.md says holds.

    The file; places; the profile; and over that what was asked since it was chosen, of each the last. A zone's switch
    ends with the zone.
    """
    zones_of = {ONLY_BED: ["bed"], HALL: ["bed", "hall"], b"": ["sofa", "bed"]}
    places = [b""]
    for name, payload in asked:
        places.append(payload if name == "places" and payload in zones_of else places[-1])
    chosen = [
        (number, payload.decode() or "home")
        for number, (name, payload) in enumerate(asked)
        if name == "profile" and payload != b"siesta"
    ]
    since, profile = chosen[-1] if chosen else (-1, "home")

    def last(name: str, allowed: tuple[bytes, ...], begins: int) -> bytes:
        said = [payload for each, payload in asked[begins + 1 :] if each == name and payload in allowed]
        return said[-1] if said else b""

    def is_on(name: str, by_profile: bool, begins: int) -> bool:
        word = last(name, (b"ON", b"OFF", b""), begins)
        return word == b"ON" or (by_profile and not word)

    sensitivity = last("sensitivity", (b"low", b"high", b""), since).decode()
    zones = set()
    for zone in zones_of[places[-1]]:
        gone = max((number for number, each in enumerate(places) if zone not in zones_of[each]), default=0)
        if not is_on(f"zone/{zone}", not (profile == "night" and zone == "bed"), max(since, gone - 1)):
            zones.add(zone)
    waving = is_on("detector/waving", profile != "night", since)
    fall = is_on("detector/fall", True, since)
    detectors = {name for name, on in (("waving", waving), ("fall", fall)) if not on}
    return profile, sensitivity or ("high" if profile == "night" else "normal"), detectors, zones


@given(st.lists(_ASKED, max_size=12))
def test_in_whatever_order_commands_come_what_holds_is_what_the_docs_say(asked: list[tuple[str, bytes]]) -> None:
    store = StateStore({})
    ours = SettingsInForce(HOUSE, store)
    for name, payload in asked:
        try:
            if name == "profile":
                ours.choose(ours.find_profile(payload))
            elif name in OVERRIDES:
                ours.override(name, payload)
            elif name == "restart":
                ours = SettingsInForce(HOUSE, store)
            else:
                ours.switch(name, payload)
        except BadSetting:
            pass
    found = (ours.profile.name, ours.current.people.sensitivity, set(ours.off.detectors), set(ours.off.zones))
    assert found == as_documented(asked)
