"""Overrides are laid over the settings of the file, or refused; they never break them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import CommandSettings, FloorSettings, IgnoreSettings, RuleSettings, Settings, ZoneSettings
from edge.errors import BadSetting
from edge.report import configuration
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


@pytest.mark.parametrize("name", OVERRIDES)
@pytest.mark.parametrize("left", [b"", bytes(100), BED[:40], b"hi"])
def test_what_a_power_cut_left_of_a_file_is_nothing_asked_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, left: bytes
) -> None:
    (tmp_path / name).write_bytes(left)
    ours = SettingsInForce(SETTINGS, StateStore({"STATE_DIRECTORY": str(tmp_path)}))
    for _ in range(2):
        assert ours.current == SETTINGS
        assert not ours.overridden
        ours.reload(SETTINGS)
    assert caplog.text.count(f"command/{name}: ") == 1
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
