"""Profiles and single switches: read, refused with the names that there are, stored, and laid over each other."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import ProfileSettings, ZoneSettings
from edge.errors import BadSetting
from edge.report import configuration
from edge.report.analytics.base import NOTHING_OFF, SwitchedOff
from edge.report.analytics.detectors.waving import WavingSettings
from edge.report.commands.profiles import BUILT_IN, profiles
from edge.report.commands.switches import KINDS, Switches, find_profile, read_stored, read_switch, switchable

SQUARE = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4), (0.1, 0.4))
BARE = configuration.load()
SETTINGS = replace(
    BARE,
    detectors={**BARE.detectors, "waving": WavingSettings(enabled=False)},
    zone=(ZoneSettings("sofa", SQUARE), ZoneSettings("fall", SQUARE)),
    profile=(ProfileSettings("siesta", ("posture", "waving"), ("sofa",)),),
)


def test_three_profiles_are_built_in_and_home_is_as_set() -> None:
    assert list(profiles(BARE)) == ["home", "away", "night"]
    assert Switches().off(BARE) == NOTHING_OFF
    for profile in BUILT_IN:
        assert set(profile.detectors_off) <= set(switchable(BARE)["detector"])
        assert "fall" not in profile.detectors_off
        assert (profile.sensitivity, profile.paused) == ("", False)


def test_profiles_of_ones_own_replace_them_but_for_home() -> None:
    assert list(profiles(SETTINGS)) == ["home", "siesta"]
    own = ProfileSettings("home", paused=True)
    assert profiles(replace(BARE, profile=(own,))) == {"home": own}


def test_a_zone_and_a_detector_of_one_name_are_two() -> None:
    off = Switches().set("zone", "fall", on=False).off(SETTINGS)
    assert off == SwitchedOff(zones=frozenset({"fall"}))
    assert Switches().set("detector", "fall", on=False).off(SETTINGS) == SwitchedOff(frozenset({"fall"}))


def test_a_single_switch_is_laid_over_the_profile_and_taken_back() -> None:
    siesta = Switches("siesta")
    assert siesta.off(SETTINGS) == SwitchedOff(frozenset({"posture"}), frozenset({"sofa"}))
    single = siesta.set("zone", "sofa", on=True).set("detector", "fall", on=False)
    assert single.off(SETTINGS) == SwitchedOff(frozenset({"posture", "fall"}))
    back = single.set("zone", "sofa", on=None).set("detector", "fall", on=None)
    assert back.off(SETTINGS) == siesta.off(SETTINGS)


def test_what_the_settings_have_switched_off_has_no_switch() -> None:
    assert "waving" not in switchable(SETTINGS)["detector"]
    with pytest.raises(BadSetting, match='command/switch/detector: found "waving", expected one of presence,'):
        read_switch(SETTINGS, "detector/waving", b"ON")


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [
        ("zone/bed", b"OFF", 'command/switch/zone: found "bed", expected one of sofa, fall'),
        ("zone/", b"OFF", 'command/switch/zone: found ""'),
        ("zone", b"OFF", 'command/switch/zone: found ""'),
        ("zone/sofa/x", b"OFF", 'found "sofa/x"'),
        ("line/door", b"OFF", 'command/switch: expected detector/NAME or zone/NAME after it, found "line/door"'),
        ("", b"OFF", "expected detector/NAME or zone/NAME"),
        ("zone/sofa", b"off", 'command/switch/zone/sofa: expected ON, OFF or nothing, found "off"'),
        ("zone/sofa", b"\xff", "expected ON, OFF or nothing"),
    ],
)
def test_other_names_and_positions_are_refused_with_those_that_there_are(name: str, payload: bytes, said: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_switch(SETTINGS, name, payload)
    assert said in str(refused.value)


def test_without_a_zone_that_is_said() -> None:
    with pytest.raises(BadSetting, match=r"command/switch/zone: .*nothing, as no zone is on in the settings"):
        read_switch(BARE, "zone/sofa", b"ON")


def test_an_unknown_profile_is_refused_with_those_that_there_are() -> None:
    assert find_profile(SETTINGS, b"").name == "home"
    with pytest.raises(BadSetting, match='command/profile: expected one of home, siesta, found "away"'):
        find_profile(SETTINGS, b"away")


_POSITIONS = st.dictionaries(st.text(max_size=5), st.booleans(), max_size=4)
_SWITCHES = st.builds(
    Switches, st.text(max_size=8), st.dictionaries(st.sampled_from(KINDS), _POSITIONS, max_size=len(KINDS))
)


@given(_SWITCHES)
def test_they_are_stored_as_they_are(switches: Switches) -> None:
    assert read_stored(switches.as_stored()) == switches


def test_where_nothing_was_asked_nothing_is_stored() -> None:
    assert Switches("home").set("zone", "sofa", on=None).known_to(SETTINGS).as_stored() is None
    assert read_stored(None) == Switches()


@given(st.binary() | st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(json.dumps).map(str.encode))
def test_what_is_damaged_is_refused_or_switches_of_this_shape(stored: bytes) -> None:
    try:
        found = read_stored(stored)
    except BadSetting as error:
        assert "damaged" in str(error)
    else:
        assert set(found.single) <= set(KINDS)


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"{}",
        b'{"profile": 1}',
        b'{"profile": "home", "line": {}}',
        b'{"profile": "home", "zone": {"sofa": "OFF"}}',
        b'{"profile": "home", "zone": ["sofa"]}',
    ],
)
def test_what_was_not_stored_so_is_refused(stored: bytes) -> None:
    with pytest.raises(BadSetting, match="command/switch: what was stored of it is damaged"):
        read_stored(stored)


@given(_SWITCHES, st.text(max_size=12), st.sampled_from([b"ON", b"OFF", b""]))
def test_only_what_is_there_is_ever_off(switches: Switches, name: str, payload: bytes) -> None:
    known = replace(switches, profile="siesta").known_to(SETTINGS)
    off, there = known.off(SETTINGS), switchable(SETTINGS)
    assert off.detectors <= set(there["detector"])
    assert off.zones <= set(there["zone"])
    with pytest.raises(BadSetting):
        read_switch(SETTINGS, name, payload)
