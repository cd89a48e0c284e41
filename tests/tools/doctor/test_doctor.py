"""Doctor as a whole: its words, its exit status, and the round on this machine."""

import json
import os
from pathlib import Path

from edge.data_files import PHOTOS
from edge.tools.checks.finding import Finding, Level
from edge.tools.checks.machine import Machine, Result, last_line, run_command
from edge.tools.checks.runner import run_checks
from edge.tools.doctor.checks import all_checks
from edge.tools.mosquitto import Mosquitto
from edge.tools.progress import Progress
from tests.support.commands import command
from tests.support.planted_machine import machine

EXIT = {"good": 0, "unknown": 0, "warning": 1, "bad": 2}


def test_programs_that_are_not_there_or_hang() -> None:
    assert run_command(["/nowhere/vcgencmd"]).missing
    assert run_command(["sleep", "30"], 0.05).code == 124
    assert run_command(["echo", "yes"]) == Result(0, "yes\n", "")
    assert last_line("Traceback\n  at\nposenet-edge sense: no\x1b[31m camera\n\n") == "no?[31m camera"
    assert last_line("") == "it printed nothing"


def found_on(device: Machine, *assignments: str) -> dict[str, Finding]:
    """The findings of a whole round, by check."""
    return {finding.check: finding for finding in run_checks(all_checks(device, None, [*assignments]), Progress())}


def test_without_settings_the_rest_is_still_looked_at(tmp_path: Path) -> None:
    names = [check.name for check in all_checks(machine(tmp_path), None, ["camera.rotat=90"])]
    assert {"configuration", "services", "camera", "clock", "power"} <= set(names)
    assert not {"broker", "model"} & set(names)


def test_sense_that_runs_is_asked_and_no_camera_is_opened(tmp_path: Path) -> None:
    """The round on a device where all four units run: nothing but questions to systemd."""
    shown = "\n\n".join(
        f"Id={name}\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n"
        "StatusText=14.8 frames/s, 2 people, sealed\nExecStart={ path=/v/python ; }"
        for name in ("posenet-edge.target", "posenet-report.socket", "posenet-report.service", "posenet-sense.service")
    )
    device = machine(tmp_path, {}, True, **{"systemctl show --property Id": Result(0, shown)})
    found = found_on(device, "mqtt.port=9", "publish.share=events")
    assert [found[name].level for name in ("camera", "frames", "seal")] == [Level.GOOD] * 3
    asked = device.run.asked  # type: ignore[attr-defined]
    assert any(line.startswith("/v/python -P -c") for line in asked), "the services' Python, not this one"
    assert not any("systemd-run" in line for line in asked)


def test_where_sense_is_down_only_root_looks(tmp_path: Path) -> None:
    shown = "Id=posenet-sense.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead"
    device = machine(tmp_path, **{"systemctl show --property Id": Result(0, shown)})
    found = found_on(device, "mqtt.port=9")
    assert (found["camera"].level, "as root" in found["camera"].remedy) == (Level.UNKNOWN, True)


def test_sense_that_waits_to_be_mended_gives_no_frames_and_is_tried(tmp_path: Path) -> None:
    shown = "Id=posenet-sense.service\nLoadState=loaded\nActiveState=active\nStatusText=waiting: no such model"
    answers = {
        "systemctl show --property Id": Result(0, shown),
        "systemctl cat": Result(0, "[Service]\nExecStart=/x\n"),
    }
    device = machine(tmp_path, {}, True, **answers)
    found_on(device, "mqtt.port=9")
    assert "systemctl cat posenet-sense.service" in device.run.asked  # type: ignore[attr-defined]


def test_the_round_on_this_machine(broker: Mosquitto) -> None:
    settings = [f"--set=mqtt.port={broker.port}", f"--set=camera.source=stills:{PHOTOS / 'astronaut.jpg'}"]
    result = command("doctor", "--json", *settings)
    assert "Traceback" not in result.stderr
    told = json.loads(result.stdout)
    assert result.returncode == EXIT[told["worst"]], result.stdout
    levels = {finding["check"]: finding["level"] for finding in told["findings"]}
    for check in ("configuration", "model", "Python", "runtime", "camera library", "broker login"):
        assert levels[check] == "good", told
    assert levels["camera"] in ("good", "unknown")
    assert not [finding for finding in told["findings"] if "a bug in this check" in finding["found"]]


def test_what_is_attached_to_a_report_of_a_bug_holds_no_password(broker: Mosquitto, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("hunter2\n")
    password.chmod(0o600)
    login = ["--set=mqtt.username=sensor", f"--set=mqtt.password_file={password}"]
    result = command("doctor", "--json", f"--set=mqtt.port={broker.port}", *login, "--set=camera.source=fake:frames=1")
    assert '"accepted, user sensor"' in result.stdout
    assert "hunter2" not in result.stdout + result.stderr


def test_the_round_of_a_broken_sensor(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[camera]\nrotat = 90\n")
    result = command("doctor", "--config", "config.toml", cwd=tmp_path, env={**os.environ, "COLUMNS": "140"})
    assert "Traceback" not in result.stderr
    assert result.returncode == 2
    lines = result.stdout.splitlines()
    assert lines[0] == "BAD      configuration           config.toml: camera.rotat: no such key (did you mean rotate?)"
    assert lines[1].strip().startswith("do: ")
    assert lines[-1].endswith("bad")
    assert any(line.startswith("good     Python") for line in lines)
