"""``scripts/demo``'s program: what a newcomer sees, and that nothing is left behind whatever way it ends."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.data_files import PHOTOS
from scripts.demo import Printer
from tests.support.commands import alive
from tests.support.waiting import wait_until

DEMO = [sys.executable, "-P", "-m", "scripts.demo", "--source", f"stills:{PHOTOS / 'astronaut.jpg'}"]
LAST = r"received (\d+) pose messages, (\d+) persons, (\d+\.\d) frames/s"


def descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [below for child in children for below in descendants(child)]


def test_it_shows_persons_and_counts_them() -> None:
    result = subprocess.run([*DEMO, "--seconds", "8"], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("broker: mosquitto on 127.0.0.1:")
    shown = [line for line in lines if re.match(r"#\d+ +\d+\.\d frames/s  person \d+, \d+ joints seen", line)]
    assert not [line for line in lines if "{" in line], "everything is in words"
    assert any(re.match(r"state .*people 1", line) for line in lines)
    assert any(re.fullmatch(r"event arrived, confidence \d\.\d\d", line) for line in lines)
    last = re.fullmatch(LAST, lines[-1])
    assert last
    assert int(last[1]) == len(shown) > 5
    assert int(last[2]) == sum(line.count("person ") for line in shown)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_it_leaves_nothing_behind(number: int) -> None:
    with subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("#"):
                break
        started = descendants(process.pid)
        assert len(started) == 4, "mosquitto, run, sense, report"
        process.send_signal(number)
        rest = process.stdout.read()
    wait_until(lambda: not any(alive(pid) for pid in started), what="all gone")
    if number != signal.SIGKILL:
        assert process.returncode == 0
        assert re.fullmatch(LAST, rest.splitlines()[-1])


def test_a_source_that_is_not_there_ends_it_with_the_sensors_own_words() -> None:
    result = subprocess.run([*DEMO[:-1], "stills:/nowhere"], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == os.EX_NOINPUT
    assert result.stderr.count("/nowhere") == 1
    assert "Traceback" not in result.stderr
    assert result.stdout.splitlines()[-1] == "received 0 pose messages, 0 persons, 0.0 frames/s"


def test_without_mosquitto_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import shutil, runpy, sys; shutil.which = lambda *a, **k: None; sys.argv = ['demo', '--seconds', '1'];"
        "runpy.run_module('scripts.demo', run_name='__main__')"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == os.EX_UNAVAILABLE
    assert result.stderr.splitlines()[-1] == (
        "demo: no mosquitto on this machine; expected an MQTT broker: sudo apt install mosquitto"
    )


def test_the_rate_is_that_of_the_last_two_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer()
    times = [0.1 * n for n in range(50)] + [4.9 + 0.5 * n for n in range(1, 9)]
    for number, at in enumerate(times):
        printer.show("poses", {"sequence": number, "poses": []}, 1000 + at)
    lines = capsys.readouterr().out.splitlines()
    assert " 10.0 frames/s  nobody" in lines[49]
    assert "  2.0 frames/s  nobody" in lines[-1]
    assert all(float(line.split()[1]) <= 11 for line in lines), (
        "nor is the rate of two frames told for that of a second"
    )
    assert printer.sum() == f"received 58 pose messages, 0 persons, {57 / 8.9:.1f} frames/s"


@pytest.mark.parametrize("seconds", ["-5", "0", "nan", "inf", "soon"])
def test_a_time_that_makes_no_sense(seconds: str) -> None:
    result = subprocess.run([*DEMO, f"--seconds={seconds}"], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == os.EX_USAGE
    assert "--seconds" in result.stderr.splitlines()[-1]
