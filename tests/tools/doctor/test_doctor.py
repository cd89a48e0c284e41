"""Doctor as a whole: its words, its exit status, and the round on this machine."""

import json
import time
from pathlib import Path

import pytest

from edge.data_files import PHOTOS
from edge.tools.doctor.checks import _careful, _steps, walk
from edge.tools.doctor.doctor import Progress, as_json, in_words, summary
from edge.tools.doctor.finding import Level, bad, exit_status, good, unknown, warning, worst
from edge.tools.doctor.machine import Answer, last_line, run_command
from edge.tools.mosquitto import Mosquitto
from tests.support.commands import command
from tests.support.planted_machine import machine

EXIT = {"good": 0, "unknown": 0, "warning": 1, "bad": 2}
ONE, TWO, THREE, FOUR = good("a", "b"), unknown("c", "d"), warning("e", "f", "g"), bad("h", "i", "j")


@pytest.mark.parametrize(
    ("findings", "level", "code"),
    [
        ([], Level.GOOD, 0),
        ([ONE, TWO], Level.UNKNOWN, 0),
        ([THREE, ONE], Level.WARNING, 1),
        ([ONE, FOUR, THREE], Level.BAD, 2),
    ],
)
def test_the_worst_finding_is_the_exit_status(findings: list, level: Level, code: int) -> None:
    assert (worst(findings), exit_status(findings)) == (level, code)


def test_words() -> None:
    assert in_words(ONE) == "good     a: b"
    assert in_words(THREE) == "WARNING  e: f\n         do: g"
    assert in_words(good("a", "b", "c")) == "good     a: b\n         hint: c"
    assert summary([ONE, TWO, THREE, THREE, FOUR]) == "5 checks: 1 good, 1 unknown, 2 warnings, 1 bad"
    assert summary([ONE]) == "1 checks: 1 good"
    assert json.loads(as_json([ONE, THREE]))["findings"][1] == {
        "check": "e", "level": "warning", "found": "f", "remedy": "g",
    }  # fmt: skip


def test_a_check_that_fails_hides_no_other() -> None:
    (found,) = _careful("clock", lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    assert (found.check, found.level, "ZeroDivisionError" in found.found) == ("clock", Level.UNKNOWN, True)


def test_what_takes_long_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(0.01) as progress:
        progress.says("camera")
        time.sleep(0.2)
        progress.says("clock")
    time.sleep(0.05)
    assert capsys.readouterr().err == "posenet-edge doctor: looking at camera ...\n"


def test_programs_that_are_not_there_or_hang() -> None:
    assert run_command(["/nowhere/vcgencmd"]).missing
    assert run_command(["sleep", "30"], 0.05).code == 124
    assert run_command(["echo", "yes"]) == Answer(0, "yes\n", "")
    assert last_line("Traceback\n  at\nposenet-edge sense: no\x1b[31m camera\n\n") == "no?[31m camera"
    assert last_line("") == "it said nothing"


def test_without_settings_the_rest_is_still_looked_at(tmp_path: Path) -> None:
    names = [name for name, _ in _steps(machine(tmp_path), None, [])]
    assert {"services", "camera", "clock", "power"} <= set(names)
    assert not {"broker", "model"} & set(names)


def test_sense_that_runs_is_asked_and_no_camera_is_opened(tmp_path: Path) -> None:
    """The round on a device where all four units run: nothing but questions to systemd."""
    shown = "\n\n".join(
        f"Id={name}\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n"
        "StatusText=14.8 frames/s, 2 people, sealed\nExecStart={ path=/v/python ; }"
        for name in ("posenet-edge.target", "posenet-report.socket", "posenet-report.service", "posenet-sense.service")
    )
    device = machine(tmp_path, {}, True, **{"systemctl show --property Id": Answer(0, shown)})
    found = {f.check: f for f in walk(device, None, ["mqtt.port=9", "publish.share=events"], lambda _: None)}
    assert [found[name].level for name in ("camera", "frames", "seal")] == [Level.GOOD] * 3
    asked = device.run.asked  # type: ignore[attr-defined]
    assert any(line.startswith("/v/python -P -c") for line in asked), "the services' Python, not this one"
    assert not any("systemd-run" in line for line in asked)


def test_where_sense_is_down_only_root_looks(tmp_path: Path) -> None:
    shown = "Id=posenet-sense.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead"
    device = machine(tmp_path, **{"systemctl show --property Id": Answer(0, shown)})
    found = {f.check: f for f in walk(device, None, ["mqtt.port=9"], lambda _: None)}
    assert (found["camera"].level, "as root" in found["camera"].remedy) == (Level.UNKNOWN, True)


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


def test_the_round_of_a_broken_sensor(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[camera]\nrotat = 90\n")
    result = command("doctor", "--config", "config.toml", cwd=tmp_path)
    assert "Traceback" not in result.stderr
    assert result.returncode == 2
    lines = result.stdout.splitlines()
    assert lines[0] == "BAD      configuration: config.toml: camera.rotat: no such key (did you mean rotate?)"
    assert lines[1].strip().startswith("do: ")
    assert lines[-1].endswith("bad")
    assert any(line.startswith("good     Python") for line in lines)
