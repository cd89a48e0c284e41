"""What the configuration means for the units, and which of them a change restarts."""

import argparse
import hashlib
import json
import os
import subprocess
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from edge.config.settings import (
    CameraSettings,
    DecodeSettings,
    ModelSettings,
    MqttSettings,
    PicameraSettings,
    PublishSettings,
    Settings,
)
from edge.data_files import MODELS
from edge.report import configuration
from edge.runtime.installation import install_command
from edge.tools.apply import DIGESTS, apply, to_restart
from edge.tools.dropins import broker_addresses, report_dropin, sense_dropin, view_dropin
from edge.tools.named_files import digests
from tests.support.commands import command
from tests.support.disk import Disk

SENSE, REPORT = "posenet-sense.service", "posenet-report.service"


def test_a_broker_with_an_address_is_all_that_can_be_reached() -> None:
    assert broker_addresses("192.168.1.7") == ("192.168.1.7",)
    assert broker_addresses("fd00::7") == ("fd00::7",)
    assert broker_addresses("fe80::7%eth0") == ("fe80::7",), "systemd takes no interface there"
    assert broker_addresses("localhost") == ("localhost",)


def test_a_broker_with_a_name_opens_private_networks_and_the_resolver(tmp_path: Path) -> None:
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("# a comment\nnameserver 9.9.9.9\nnameserver fe80::1%eth0\nnameserver nonsense\nsearch lan\n")
    allowed = broker_addresses("broker.lan", resolver)
    assert {"localhost", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "9.9.9.9", "fe80::1"} <= set(allowed)
    assert "any" not in allowed
    assert "nonsense" not in allowed
    assert set(broker_addresses("broker.lan", tmp_path / "nowhere")) < set(allowed)


def test_every_broker_can_be_reached() -> None:
    settings = Settings(
        mqtt=MqttSettings(host="192.168.1.7", fallbacks="192.168.1.8:1884, localhost, 192.168.1.7:1885")
    )
    assert "IPAddressAllow=192.168.1.7 192.168.1.8 localhost\n" in report_dropin(settings, Path("/site"))


def test_the_dropin_resets_the_list_before_it_adds() -> None:
    text = report_dropin(Settings(mqtt=MqttSettings(host="192.168.1.7")), Path("/site"))
    lines = text.splitlines()
    assert lines.index("IPAddressAllow=") + 1 == lines.index("IPAddressAllow=192.168.1.7")
    assert "LoadCredential" not in text
    for package in ("cv2", "numpy", "edge/models", "ai_edge_litert"):
        assert f"-/site/{package}" in text


def test_secrets_are_handed_over_by_systemd() -> None:
    mqtt = MqttSettings(
        username="u", password_file=Path("/s/p"), tls=True, certificate_file=Path("/c"), key_file=Path("/s/k")
    )
    text = report_dropin(Settings(mqtt=mqtt), Path("/site"))
    assert "LoadCredential=mqtt_password:/s/p\nSetCredential=mqtt_password:\\n\n" in text
    assert "LoadCredential=mqtt_key:/s/k\n" in text


def test_only_the_clip_that_was_asked_for_is_shown_to_sense() -> None:
    assert "BindReadOnlyPaths=/clips/a.mp4" in sense_dropin(
        Settings(camera=CameraSettings(source="video:/clips/a.mp4"))
    )
    assert "BindReadOnlyPaths" not in sense_dropin(Settings(camera=CameraSettings(source="picamera2")))


def test_a_reboot_follows_a_hang_only_where_that_is_wanted() -> None:
    assert "ExecStopPost" not in sense_dropin(Settings())
    wanted = sense_dropin(Settings(camera=CameraSettings(on_hang="reboot")))
    assert "ExecStopPost=+/opt/posenet-edge/current/venv/bin/python -P -m edge.tools.reboot_on_hang\n" in wanted


def test_the_view_reaches_the_broker_beside_its_units_addresses_with_the_same_secrets() -> None:
    mqtt = MqttSettings(host="203.0.113.7", fallbacks="192.0.2.1:1884", password_file=Path("/s/p"))
    text = view_dropin(Settings(mqtt=mqtt))
    # Without an empty assignment, systemd adds to what the unit allows.
    assert "IPAddressAllow=203.0.113.7 192.0.2.1\nLoadCredential=mqtt_password:/s/p\n" in text
    assert "IPAddressAllow=\n" not in text


@pytest.mark.parametrize(
    ("change", "restarted"),
    [
        ({}, set()),
        ({"publish": PublishSettings(share="body")}, set()),
        ({"decode": DecodeSettings(score_threshold=0.5)}, set()),
        ({"mqtt": MqttSettings(health_interval=5.0)}, set()),
        ({"camera": CameraSettings(rotate=90)}, {SENSE}),
        ({"model": ModelSettings(file="fast")}, {SENSE}),
        ({"mqtt": MqttSettings(host="b.lan")}, {REPORT}),
        ({"mqtt": MqttSettings(ca_file=Path("/ca.pem"), tls=True)}, {REPORT}),
        ({"mqtt": MqttSettings(host="b.lan"), "camera": CameraSettings(mirror=True)}, {SENSE, REPORT}),
    ],
)
def test_nothing_is_restarted_that_need_not_be(change: dict[str, object], restarted: set[str]) -> None:
    before = json.loads(json.dumps(asdict(Settings()), default=str))
    assert to_restart(before, asdict(replace(Settings(), **change))) == restarted  # type: ignore[arg-type]


def test_a_file_with_another_content_restarts_who_uses_it(tmp_path: Path) -> None:
    password, ca, tuning = tmp_path / "password", tmp_path / "ca.pem", tmp_path / "imx219_noir.json"
    for file in (password, ca, tuning):
        file.write_text("the former one")
    settings = Settings(
        mqtt=MqttSettings(username="u", password_file=password, tls=True, ca_file=ca),
        picamera=PicameraSettings(tuning_file=tuning),
    )

    def applied() -> dict[str, Any]:
        return json.loads(json.dumps(settings.as_dict() | {DIGESTS: digests(settings)}, default=str))  # type: ignore[no-any-return]

    before = applied()
    assert to_restart(before, applied()) == set()
    for file, user in ((password, REPORT), (ca, REPORT), (tuning, SENSE)):
        file.write_text("the next one")
        assert to_restart(before, applied()) == {user}
        file.write_text("the former one")
    assert to_restart(before | {DIGESTS: before[DIGESTS] | {"model.file": "another"}}, applied()) == {SENSE}


def test_the_digests_are_of_the_files_beside_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for folder in (tmp_path, elsewhere):
        (folder / "own.tflite").write_text(f"the model in {folder.name}")
        (folder / "password").write_text(f"the password in {folder.name}")
    text = "[model]\nfile = 'own.tflite'\n[mqtt]\nusername = 'u'\npassword_file = 'password'\n"
    (tmp_path / "config.toml").write_text(text)
    found = []
    for folder, path in ((tmp_path, Path("config.toml")), (elsewhere, Path("../config.toml"))):
        monkeypatch.chdir(folder)
        settings = configuration.load(path)
        found.append(digests(settings))
        assert "LoadCredential=mqtt_password:/" in report_dropin(settings, Path("/site"))
    assert found[0] == found[1]
    assert found[0]["model.file"] == hashlib.sha256((tmp_path / "own.tflite").read_bytes()).hexdigest()


def test_another_content_of_any_model_to_choose_from_restarts_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in MODELS.glob("*.t*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr("edge.tools.named_files.MODELS", tmp_path)
    settings = Settings(model=ModelSettings(file="auto"))
    before = digests(settings)
    assert digests(settings) == before
    file = tmp_path / "posenet-075-s16-353x481-int8.tflite"
    file.unlink()
    without = digests(settings)
    assert without["model.file"] not in ("", before["model.file"])
    file.write_bytes(b"damaged")
    assert digests(settings)["model.file"] == ""


def test_the_first_time_both_are_restarted() -> None:
    assert to_restart({}, asdict(Settings())) == {SENSE, REPORT}


def test_drop_ins_are_on_the_disk_before_anything_is_restarted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    units = tmp_path / "units"
    units.mkdir()
    (units / SENSE).touch()
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr("edge.tools.apply.UNITS", units)
    monkeypatch.setattr("edge.tools.apply.APPLIED", tmp_path / "state" / "applied.json")
    monkeypatch.setattr("edge.tools.apply.KEPT", tmp_path / "state" / "device_id")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    disk = Disk(monkeypatch)
    run = subprocess.run

    def recorded(words: list[str], **options: Any) -> Any:
        disk.calls.append(" ".join(words))
        return run(words, **options)

    monkeypatch.setattr(subprocess, "run", recorded)
    # An earlier version did not synchronize: what a power cut left is replaced.
    torn = units / f"{SENSE}.d" / "50-apply.conf"
    torn.parent.mkdir()
    torn.touch()
    apply(argparse.Namespace(config=None, set=[]))
    calls = [each.partition(": ")[0] for each in disk.calls]

    def stored(folder: str, name: str) -> list[str]:
        return [f"fsync .{name}", f"rename .{name} to {name}", f"fsync {folder}/"]

    assert calls == [
        "fsync units/",
        *stored(f"{REPORT}.d", "50-apply.conf"),
        *stored(f"{SENSE}.d", "50-apply.conf"),
        "systemctl daemon-reload",
        # Before a service starts with it.
        f"fsync {tmp_path.name}/",
        *stored("state", "device_id"),
        f"systemctl restart --no-block {REPORT}",
        f"systemctl restart --no-block {SENSE}",
        *stored("state", "applied.json"),
    ]
    assert torn.read_text().startswith("# Written by")
    disk.calls.clear()
    apply(argparse.Namespace(config=None, set=[]))
    calls = [call for call in disk.calls if call.startswith("systemctl")]
    assert calls[0] == f"systemctl reload-or-restart --no-block {REPORT}"
    # Who looks at the same broker: where that unit is installed, it has a drop-in too, and only goes on if it ran.
    (units / "posenet-view.service").touch()
    for asked, restarted in (([], True), ([], False), (["mqtt.host=192.0.2.7"], True)):
        disk.calls.clear()
        apply(argparse.Namespace(config=None, set=asked))
        assert ("systemctl try-restart --no-block posenet-view.service" in disk.calls) is restarted
    assert "IPAddressAllow=192.0.2.7\n" in (units / "posenet-view.service.d/50-apply.conf").read_text()


def test_apply_without_the_services_says_what_to_do() -> None:
    result = command("apply")
    assert result.returncode in (os.EX_UNAVAILABLE, os.EX_USAGE)
    assert install_command() in result.stderr or "as root" in result.stderr
