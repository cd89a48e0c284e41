"""What was asked for is laid over the settings, or refused; it never breaks them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import CommandSettings, FloorSettings, IgnoreSettings, RuleSettings, Settings, ZoneSettings
from edge.errors import BadSetting
from edge.report import configuration
from edge.report.commands.overrides import OVERRIDES, Overrides
from edge.report.commands.state_store import StateStore

SQUARE = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4), (0.1, 0.4))
SETTINGS = Settings(
    detectors=configuration.load(None).detectors,
    command=CommandSettings(enabled=True),
    zone=(ZoneSettings(name="sofa", polygon=SQUARE),),
    ignore=(IgnoreSettings(name="tv", polygon=SQUARE),),
)
BED = json.dumps({"zone": [{"name": "bed", "polygon": SQUARE, "dwell": 60}]}).encode()


def test_places_are_replaced_list_by_list_and_taken_back() -> None:
    wishes = Overrides(StateStore({}))
    wishes.ask("places", BED, SETTINGS)
    over = wishes.over(SETTINGS)
    assert over == replace(SETTINGS, zone=(ZoneSettings(name="bed", polygon=SQUARE, dwell=60.0),))
    assert wishes.granted == {"places"}
    wishes.ask("places", b'{"zone": [], "ignore": []}', SETTINGS)
    assert wishes.over(SETTINGS) == replace(SETTINGS, zone=(), ignore=())
    wishes.ask("places", b"", SETTINGS)
    assert wishes.over(SETTINGS) == SETTINGS
    assert not wishes.granted


def test_a_sensitivity() -> None:
    wishes = Overrides(StateStore({}))
    wishes.ask("sensitivity", b"low", SETTINGS)
    assert wishes.over(SETTINGS).people.sensitivity == "low"


def test_a_zone_that_a_rule_asks_for_stays() -> None:
    ruled = replace(SETTINGS, rule=(RuleSettings(name="rests", when="occupied and zone == 'sofa'"),))
    wishes = Overrides(StateStore({}))
    with pytest.raises(BadSetting, match=r"command/places: rule 1.when: column 22: found \"'sofa'\", expected a zone"):
        wishes.ask("places", BED, ruled)
    assert wishes.over(ruled) == ruled


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
    wishes = Overrides(StateStore({}))
    wishes.ask("places", BED, SETTINGS)
    before = wishes.over(SETTINGS)
    with pytest.raises(BadSetting) as refused:
        wishes.ask(name, payload, SETTINGS)
    assert said in str(refused.value)
    assert wishes.over(SETTINGS) == before


def test_it_holds_over_restarts_where_commands_are_taken(tmp_path: Path) -> None:
    here = {"STATE_DIRECTORY": str(tmp_path)}
    Overrides(StateStore(here)).ask("places", BED, SETTINGS)
    assert Overrides(StateStore(here)).over(SETTINGS).zone[0].name == "bed"
    without = replace(SETTINGS, command=CommandSettings(enabled=False))
    assert Overrides(StateStore(here)).over(without) == without


def test_what_does_not_go_with_other_settings_is_given_up_and_said(caplog: pytest.LogCaptureFixture) -> None:
    """Metres, when the floor is gone."""
    wishes = Overrides(StateStore({}))
    floor = replace(SETTINGS, floor=FloorSettings(2.2, 20.0, 62.0))
    wishes.ask("places", BED.replace(b'"dwell"', b'"unit": "metres", "dwell"'), floor)
    assert wishes.over(floor).zone[0].unit == "metres"
    assert wishes.over(SETTINGS) == SETTINGS
    assert not wishes.granted
    assert "without a floor" in caplog.text
    assert wishes.over(floor) == floor


@pytest.mark.parametrize("name", OVERRIDES)
@pytest.mark.parametrize("left", [b"", bytes(100), BED[:40], b"hi"])
def test_what_a_power_cut_left_of_a_file_is_nothing_asked_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, left: bytes
) -> None:
    (tmp_path / name).write_bytes(left)
    wishes = Overrides(StateStore({"STATE_DIRECTORY": str(tmp_path)}))
    for _ in range(2):
        assert wishes.over(SETTINGS) == SETTINGS
        assert not wishes.granted
    assert caplog.text.count(f"command/{name}: ") == 1
    assert "that is given up, the settings hold" in caplog.text
    assert list(tmp_path.iterdir()) == []


@given(
    st.sampled_from(OVERRIDES),
    st.binary() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode),
)
def test_nonsense_is_refused_or_leaves_settings_that_work(name: str, payload: bytes) -> None:
    wishes = Overrides(StateStore({}))
    try:
        wishes.ask(name, payload, SETTINGS)
    except BadSetting as error:
        assert name in str(error)
    assert wishes.over(SETTINGS).command.enabled
