"""Doctor at the services: what systemd says of them, what sense says of itself, and one look where it is down."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge import wire
from edge.config.settings import MqttSettings
from edge.data_files import PHOTOS
from edge.image_quality import BLINDNESSES
from edge.runtime.installation import install_command
from edge.runtime.status_text import Relation, ReportStatus, SenseStatus
from edge.tools.checks.finding import Finding, Level
from edge.tools.checks.machine import Result
from edge.tools.doctor import one_frame, sense_status
from edge.tools.doctor.broker import check_report
from edge.tools.doctor.services import check_units, read_units
from edge.tools.unit_files import REPORT, SENSE, SOCKET, TARGET
from tests.support.planted_machine import Runner

UNIT = (Path(__file__).parent.parent.parent.parent / "systemd" / SENSE).read_text()
GOOD, UNKNOWN, WARNING, BAD = Level.GOOD, Level.UNKNOWN, Level.WARNING, Level.BAD
UP = {"LoadState": "loaded", "ActiveState": "active", "SubState": "running", "NRestarts": "0", "Result": "success"}


def units(planted: dict[str, dict[str, str]]) -> list[Finding]:
    """What doctor finds where all is well but for what is planted at a unit."""
    shown = []
    for name in (TARGET, SOCKET, REPORT, SENSE):
        values = {"Id": name, **UP, "UnitFileState": "enabled" if name == TARGET else "disabled"}
        shown.append("\n".join(f"{key}={value}" for key, value in {**values, **planted.get(name, {})}.items()))
    return check_units(*read_units(Runner({"systemctl show": Result(0, "\n\n".join(shown) + "\n")})))


def test_services_that_are_well() -> None:
    found = units({SENSE: {"StatusText": "14.8 frames/s, 2 people, sealed"}})
    assert [finding.level for finding in found] == [GOOD] * 4
    assert found[-1].found == "active (running): 14.8 frames/s, 2 people, sealed"


@pytest.mark.parametrize(
    ("unit", "change", "level", "words"),
    [
        (TARGET, {"UnitFileState": "disabled"}, BAD, "enable"),
        (SENSE, {"ActiveState": "failed", "SubState": "failed", "Result": "watchdog"}, BAD, "because of watchdog"),
        (SENSE, {"ActiveState": "inactive", "SubState": "dead"}, BAD, "systemctl start"),
        (REPORT, {"ActiveState": "activating", "SubState": "auto-restart", "NRestarts": "41"}, BAD, "41 times"),
        (REPORT, {"ActiveState": "activating", "ExecMainStatus": "226"}, BAD, "if the disk is full: sudo apt clean"),
        (REPORT, {"NRestarts": "7"}, WARNING, "7 times"),
        (REPORT, {"NeedDaemonReload": "yes"}, WARNING, "apply"),
        (SENSE, {"StatusText": "waiting: camera.rotat: no such key"}, BAD, "mended: camera.rotat: no such key"),
        (SOCKET, {"ActiveState": "failed"}, BAD, "failed"),
        (SENSE, {"LoadState": "masked"}, BAD, "masked"),
        (SENSE, {"LoadState": "not-found"}, BAD, "not installed: posenet-sense.service"),
    ],
)
def test_services_that_are_not(unit: str, change: dict[str, str], level: Level, words: str) -> None:
    wrong = [finding for finding in units({unit: change}) if finding.level is not GOOD]
    assert [finding.level for finding in wrong] == [level]
    assert words in wrong[0].found + wrong[0].remedy


def test_a_desk_without_services_is_no_fault() -> None:
    none = {name: {"LoadState": "not-found", "ActiveState": "inactive"} for name in (TARGET, SOCKET, REPORT, SENSE)}
    assert [(f.level, f.remedy.endswith(install_command())) for f in units(none)] == [(UNKNOWN, True)]
    for answer in (Result(127), Result(1, "", "System has not been booted with systemd")):
        assert [f.level for f in check_units(*read_units(Runner({"systemctl": answer})))] == [UNKNOWN]


RUNNING = SenseStatus("running", 14.8, 2)


@pytest.mark.parametrize(
    ("status", "camera", "frames", "seal"),
    [
        (RUNNING, GOOD, GOOD, GOOD),
        (replace(RUNNING, frame_rate=0.0), GOOD, WARNING, GOOD),
        *((replace(RUNNING, blindness=word), GOOD, WARNING, GOOD) for word in BLINDNESSES),
        (replace(RUNNING, breaches=("writable",)), GOOD, GOOD, BAD),
        (SenseStatus("no_frames"), GOOD, BAD, GOOD),
        (SenseStatus("too_slow", 0.3, 1, latency=3.2), GOOD, WARNING, GOOD),
        (SenseStatus("paused"), GOOD, GOOD, GOOD),
        (SenseStatus("no_camera"), BAD, UNKNOWN, GOOD),
        (SenseStatus("refused", breaches=("network", "exec")), BAD, UNKNOWN, BAD),
        (SenseStatus("ended"), GOOD, WARNING, GOOD),
        (SenseStatus("starting"), UNKNOWN, UNKNOWN, GOOD),
        (None, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_what_sense_says_of_itself(status: SenseStatus | None, camera: Level, frames: Level, seal: Level) -> None:
    assert sense_status.check_camera(status).level is camera
    assert sense_status.check_frames(status).level is frames
    found = sense_status.check_seal(status)
    assert found.level is seal
    for breach in status.breaches if status else ():
        assert breach in found.found


def test_every_state_of_sense_is_understood() -> None:
    for state in wire.STATES:
        for check in (sense_status.check_camera, sense_status.check_frames, sense_status.check_seal):
            check(SenseStatus(state))


def test_a_camera_that_device_rules_bar_from_sense_is_no_matter_of_the_cable() -> None:
    found = sense_status.check_camera(SenseStatus("no_camera", barred=("/dev/media0", "/dev/video0")))
    assert (found.level, "/dev/media0, /dev/video0 is there" in found.found) == (BAD, True)
    assert "restart posenet-sense" in found.remedy
    assert "cable" not in found.remedy
    assert "cable" in sense_status.check_camera(SenseStatus("no_camera")).remedy


@pytest.mark.parametrize(("relation", "level"), [("connected", GOOD), ("looking", WARNING), ("refused", BAD)])
def test_a_report_without_the_connection_that_doctor_has(relation: Relation, level: Level) -> None:
    assert check_report(ReportStatus(relation, "b:1", "poses", "running"), MqttSettings(host="b")).level is level
    assert check_report(None, MqttSettings()).level is UNKNOWN


def test_the_look_is_as_shut_in_as_the_service() -> None:
    """Every setting of the unit is passed on, but for those of starting, stopping and restarting."""
    dropin = "\n# a drop-in\n[Service]\nBindReadOnlyPaths=/clips/a.mp4\n# DeviceAllow=char-mem rw\n"
    command = one_frame.sandboxed(UNIT + dropin, "look.service")
    passed = {word.removeprefix("--property=") for word in command if word.startswith("--property=")}
    section = UNIT[UNIT.index("[Service]") : UNIT.index("[Install]")]
    there = {line for line in section.splitlines() if "=" in line and not line.startswith("#")}
    left_out = {line.partition("=")[0] for line in there - passed}
    assert left_out == {
        "Type", "ExecCondition", "ExecStart", "ExecReload", "Restart", "RestartSec", "TimeoutStartSec", "WatchdogSec",
        "WatchdogSignal",
    }  # fmt: skip
    assert passed - there == {"RuntimeMaxSec=45", "BindReadOnlyPaths=/clips/a.mp4"}
    program = ["/opt/posenet-edge/current/venv/bin/python", "-P", "-m", "edge", "sense"]
    assert command[-8:] == [*program, "--stdout", "--set=camera.wait=false", "--set=camera.require_seal=true"]


def test_no_look_without_a_program() -> None:
    for text in ("", "[Service]\nUser=x\n", "[Service]\nExecStart=+/bin/true\n"):
        with pytest.raises(ValueError, match="ExecStart"):
            one_frame.sandboxed(text, "look.service")


def test_a_look_sees_a_frame() -> None:
    command = one_frame.on_a_desk([f"--set=camera.source=stills:{PHOTOS / 'astronaut.jpg'}"])
    seen = one_frame.look(command)
    if not seen.refused:
        assert (seen.width, seen.height) == (512, 512)
        assert [finding.level for finding in one_frame.check_look(seen, "it", installed=False)] == [GOOD] * 3


def test_a_look_sees_that_it_is_dark(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "black.png"), np.zeros((480, 640, 3), np.uint8))
    seen = one_frame.look(one_frame.on_a_desk([f"--set=camera.source=stills:{tmp_path / 'black.png'}"]))
    if not seen.refused:
        assert one_frame.check_look(seen, "it", installed=False, tells_blindness=False)[1].level is GOOD
        camera, frames, _ = one_frame.check_look(seen, "it", installed=False)
        assert (camera.level, frames.level) == (GOOD, WARNING)
        assert "640x480 px arrived, by it, dark" in frames.found
        assert "light" in frames.remedy


def test_a_look_at_a_dark_picture_with_a_sure_body_in_it(
    status_line: wire.StatusLine, frame_line: wire.FrameLine
) -> None:
    dark = wire.encode(replace(status_line, brightness=0.01))
    for persons, level in ((frame_line.persons, GOOD), (frame_line.persons[1:], WARNING)):
        lines = wire.encode(replace(frame_line, persons=persons)) + dark
        seen = one_frame.look([sys.executable, "-c", f"import os, time; os.write(1, {lines!r}); time.sleep(60)"])
        assert one_frame.check_look(seen, "it", installed=True)[1].level is level


def test_a_look_finds_no_camera() -> None:
    seen = one_frame.look(one_frame.on_a_desk(["--set=camera.source=v4l2:/dev/video99"]))
    if not seen.refused:
        (found,) = one_frame.check_look(seen, "it", installed=False)
        assert (found.level, "/dev/video99" in found.found) == (BAD, True)
        assert "posenet-edge" not in found.found


def test_nobody_can_have_the_camera_opened_outside_of_a_cell() -> None:
    assert one_frame.on_a_desk(["--set=camera.require_seal=false"])[-1] == "--set=camera.require_seal=true"


@pytest.mark.parametrize(
    ("code", "level", "words"),
    [
        ("import time; time.sleep(60)", BAD, "no frame within"),
        ("import sys; sys.stdout.buffer.write(bytes(300000)); sys.exit('what a day')", UNKNOWN, "what a day"),
        ("import sys; sys.stderr.write('x' * 300000 + '\\nlast'); sys.exit(74)", BAD, "last"),
        ("import sys; print('{}', flush=True); sys.exit(66)", BAD, "it printed nothing"),
        ("import sys; sys.stderr.write('barred'); sys.exit(77)", BAD, "barred"),
        ("import os; os.kill(os.getpid(), 9)", UNKNOWN, "it printed nothing"),
    ],
)
def test_a_look_that_goes_wrong_ends_and_is_told(code: str, level: Level, words: str) -> None:
    within = 0.5 if "sleep" in code else 30.0
    (found,) = one_frame.check_look(one_frame.look([sys.executable, "-c", code], within), "it", installed=True)
    assert (found.level, words in found.found) == (level, True), found


def test_a_look_that_cannot_begin() -> None:
    seen = one_frame.look(["/nowhere/systemd-run"])
    assert [finding.level for finding in one_frame.check_look(seen, "it", installed=True)] == [UNKNOWN]


def test_a_look_that_is_refused_blames_the_installed_alone(status_line: wire.StatusLine) -> None:
    refused = wire.encode(wire.StatusLine(**{**_values(status_line), "state": "refused", "breaches": ("network",)}))
    code = f"import os, time; os.write(1, {refused!r}); time.sleep(60)"
    begun = time.monotonic()
    seen = one_frame.look([sys.executable, "-c", code])
    assert time.monotonic() - begun < 30, "it was not waited for"
    for installed, level in ((True, BAD), (False, UNKNOWN)):
        camera, seal = one_frame.check_look(seen, "it", installed)
        assert (camera.level, seal.level, "network" in seal.found) == (UNKNOWN, level, True)


def _values(line: wire.StatusLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in line.__slots__}


def test_the_unit_of_a_look_is_stopped() -> None:
    run = Runner({})
    one_frame.stop_unit(run, f"posenet-doctor-{os.getpid()}.service")
    assert run.asked == [f"systemctl stop posenet-doctor-{os.getpid()}.service"]
