"""``fleet`` and ``check-config --all``: many sensors of one file."""

import tomllib
from pathlib import Path

import pytest

from tests.support.commands import command

FLEET = """
[mqtt]
host = "broker.lan"
password_file = "password"
username = "all"
[camera]
rotate = 90
[device.hall]
name = "Die Diele"
mqtt.username = "hall"
[device.kitchen]
command.enabled = true
[device.study]
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    file = tmp_path / "fleet.toml"
    file.write_text(FLEET)
    return file


def test_the_configuration_of_one_is_a_config_toml(fleet: Path, tmp_path: Path) -> None:
    printed = command("fleet", "config", str(fleet), "hall")
    assert printed.returncode == 0, printed.stderr
    assert tomllib.loads(printed.stdout) == {
        "device": {"id": "hall", "name": "Die Diele"},
        "camera": {"rotate": 90},
        "mqtt": {"host": "broker.lan", "password_file": "password", "username": "hall"},
    }
    file = tmp_path / "config.toml"
    file.write_text(printed.stdout)
    (tmp_path / "password").write_text("secret")
    (tmp_path / "password").chmod(0o600)
    checked = command("check-config", f"--config={file}")
    assert (checked.returncode, "topics posenet/hall/..." in checked.stdout) == (0, True), checked.stderr


def test_all_are_checked_without_the_files_of_the_devices(fleet: Path) -> None:
    checked = command("check-config", "--all", f"--config={fleet}")
    assert checked.returncode == 0, checked.stderr
    assert [line.split(":")[0] for line in checked.stdout.splitlines()[:-1]] == ["hall", "kitchen", "study"]
    assert "3 devices" in checked.stdout


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("camera.rotate = 45", "device study: camera.rotate: expected one of 0, 90, 180, 270, found 45"),
        ("rotate = 45", "device study: device.rotate: no such key"),
        ("sofa.enabled = true", "device study: sofa: no such section"),
        ('[device."the hall"]', "device the hall: device.id: expected a text in quotes: at most 64 letters, digits"),
        ("zone = 3", "device study: device.zone: no such key"),
        (
            'mqtt.topic = "posenet/hall/deep"',
            "device study: its topics posenet/hall/deep/study/... are among those of device hall, posenet/hall/...",
        ),
        ("mqtt.ca_file = 'a.pem'", "device study: mqtt.ca_file is set but mqtt.tls is false"),
        ('[[device.study.rule]]\nname = "x"\nwhen = "nobody"', "device study: rule 1.when"),
    ],
)
def test_what_is_wrong_names_device_and_key(fleet: Path, more: str, says: str) -> None:
    with fleet.open("a") as file:
        print(more, file=file)
    checked = command("check-config", "--all", f"--config={fleet}")
    assert checked.returncode == 78
    assert f"{fleet}: {says}" in checked.stderr
    assert checked.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("fleet", "config", "FILE"), 64, "expected a DEVICE, one of hall, kitchen, study"),
        (("fleet", "config", "FILE", "attic"), 78, 'no device "attic"; expected one of hall, kitchen, study'),
        (("fleet", "acl", "FILE", "hall"), 64, "an access list is for all devices"),
        (("fleet", "config", "/nowhere", "hall"), 78, "/nowhere: cannot be read"),
        (("check-config", "--all", "--config=FILE", "--show"), 64, "expected neither --set nor --show"),
        (("check-config", "--config=FILE"), 78, "posenet-edge fleet config FILE hall"),
    ],
)
def test_each_misuse_has_its_answer(fleet: Path, words: tuple[str, ...], code: int, says: str) -> None:
    done = command(*(word.replace("FILE", str(fleet)) for word in words))
    assert done.returncode == code
    assert says in done.stderr
    assert not done.stdout


def test_topics_that_only_begin_alike_are_apart(fleet: Path) -> None:
    with fleet.open("a") as file:
        print('[device.hall-1]\n[device.annexe]\nmqtt.topic = "posenet/hall-2"', file=file)
    assert command("check-config", "--all", f"--config={fleet}").returncode == 0


def test_no_device_logs_in_as_home_assistant(fleet: Path) -> None:
    with fleet.open("a") as file:
        print('mqtt.username = "homeassistant"', file=file)
    done = command("fleet", "acl", str(fleet))
    assert (done.returncode, done.stdout) == (78, "")
    assert f'{fleet}: device study: mqtt.username: found "homeassistant", who may read all sensors' in done.stderr


def test_the_access_list_has_each_user_once(fleet: Path) -> None:
    assert command("fleet", "acl", str(fleet)).stdout == (
        "user hall\n"
        "topic readwrite posenet/hall/#\ntopic readwrite homeassistant/+/hall/#\ntopic read homeassistant/status\n\n"
        "user all\n"
        "topic readwrite posenet/kitchen/#\n"
        "topic readwrite homeassistant/+/kitchen/#\ntopic read homeassistant/status\n"
        "topic readwrite posenet/study/#\ntopic readwrite homeassistant/+/study/#\n\n"
        "user homeassistant\n"
        "topic read posenet/#\ntopic readwrite homeassistant/#\ntopic write posenet/+/command/#\n"
    )
