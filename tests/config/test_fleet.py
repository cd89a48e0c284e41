"""A configuration for many: what each device gets of it, and what is refused."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.fleet import as_toml, choose, read_devices
from edge.errors import BadSetting

FLEET = """
[mqtt]
host = "broker.lan"
port = 1884
[[zone]]
name = "sofa"
[[zone]]
name = "rug"
[[line]]
name = "door"
[device.hall]
name = "The hall"
mqtt.port = 1885
[device.hall.fall]
enabled = false
[[device.hall.zone]]
name = "stove"
[device."1"]
[log]
level = "debug"
"""


def read(tmp_path: Path, text: str) -> dict[str, dict[str, Any]]:
    file = tmp_path / "fleet.toml"
    file.write_text(text)
    return read_devices(file)


def test_a_device_has_what_all_share_and_its_own_on_top(tmp_path: Path) -> None:
    devices = read(tmp_path, FLEET)
    assert list(devices) == ["hall", "1"]
    assert devices["hall"] == {
        "device": {"id": "hall", "name": "The hall"},
        "mqtt": {"host": "broker.lan", "port": 1885},
        "log": {"level": "debug"},
        "fall": {"enabled": False},
        # A list is replaced as a whole: a zone of one room is none of another.
        "zone": [{"name": "stove"}],
        "line": [{"name": "door"}],
    }
    assert devices["1"] == {
        "device": {"id": "1"},
        "mqtt": {"host": "broker.lan", "port": 1884},
        "log": {"level": "debug"},
        "zone": [{"name": "sofa"}, {"name": "rug"}],
        "line": [{"name": "door"}],
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[mqtt]\n", "expected a table for each device, such as [device.hall], found none"),
        ("device = 3\n", "device: expected tables such as [device.hall], found 3"),
        ('[device]\nid = "x"\n[device.hall]\n', 'device.id: found "x"; expected none'),
        ('[device.hall]\nid = "x"\n', "device.hall.id: expected none"),
        ("[device.hall]\n[device.hall]\n", "not valid TOML"),
        ("[device.hall\n", "not valid TOML"),
    ],
)
def test_what_is_no_configuration_for_many(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read(tmp_path, text)
    assert says in str(refused.value)
    assert str(tmp_path / "fleet.toml") in str(refused.value)


def test_a_device_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    devices = read(tmp_path, FLEET)
    with pytest.raises(BadSetting, match='fleet: no device "kitchen"; expected one of hall, 1'):
        choose(devices, "kitchen", "fleet")


SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.dates()
    | st.datetimes()
    | st.times()
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]))
SECTIONS = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=4,
)


@given(st.dictionaries(NAMES, SECTIONS | st.lists(SECTIONS, min_size=1, max_size=3) | SCALARS, max_size=4))
def test_what_is_written_is_read_as_the_same(table: dict[str, Any]) -> None:
    assert tomllib.loads(as_toml(table)) == table
