"""A configuration for many: what each device gets of it, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from edge.config.fleet import choose, read_devices
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
