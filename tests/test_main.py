"""The command as a user meets it: help, exit codes, one line for each mistake and never a traceback."""

import errno
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from edge import __version__, wire
from edge.__main__ import COMMANDS, main, make_parser
from edge.data_files import MODELS, PHOTOS
from edge.report.messages.schema import SCHEMAS
from tests.support.commands import COMMAND, command

ASTRONAUT = f"stills:{PHOTOS / 'astronaut.jpg'}"
ONE_FRAME = ["--set=stills.loop=false", "--set=stills.seconds=0"]


def only_line(result: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error, without those that say how far it got, or that a container cannot be sealed."""
    assert "Traceback" not in result.stderr
    lines = [line for line in result.stderr.splitlines() if not re.search("frames of|sense: (seal|not sealed): ", line)]
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_version() -> None:
    assert command("--version").stdout == f"posenet-edge {__version__}\n"


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_has_help_with_an_example_that_parses(verb: str) -> None:
    result = command(verb, "--help")
    assert result.returncode == 0
    example = re.search(r"Example:\n  posenet-edge (.*)", result.stdout)
    assert example
    words = example[1].split()
    assert words[0] == verb
    assert make_parser(verb).parse_args(words).verb == verb


def loaded_by(*arguments: str) -> set[str]:
    """Modules that are imported once the command has printed its help."""
    code = f"import sys, edge.__main__ as m\ntry: m.main({arguments!r})\nexcept SystemExit: pass\nprint(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.splitlines()[-1].split())


def test_help_imports_no_command() -> None:
    loaded = loaded_by("--help")
    assert not loaded & {"numpy", "cv2", "paho", "PIL", "ai_edge_litert", "asyncio", "ssl", "tomllib", "dataclasses"}
    assert not {module for module, _ in COMMANDS.values()} & loaded


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_command_is_imported_without_the_others_and_without_numpy(verb: str) -> None:
    loaded = loaded_by(verb, "--help")
    assert not loaded & {"numpy", "cv2", "PIL", "ai_edge_litert", "aiohttp"}
    used = {"replay": {"forget"}, "top": {"view"}}.get(verb, set()) | {verb}
    assert not {COMMANDS[other][0] for other in COMMANDS.keys() - used} & loaded


def test_the_command_alone_says_what_it_is_for_and_lists_its_verbs() -> None:
    result = command()
    assert (result.returncode, result.stdout) == (os.EX_USAGE, "")
    assert "A pose sensor" in result.stderr
    for verb, (_, summary) in COMMANDS.items():
        assert re.search(rf"^    {verb}\s+{summary[:40]}", result.stderr, flags=re.MULTILINE)


def test_a_source_is_a_setting_of_which_the_last_holds() -> None:
    parse = make_parser("run").parse_args
    assert parse(["run", "--source", 'stills:a "b"']).set == ['camera.source="stills:a \\U00000022b\\U00000022"']
    assert parse(["run", "--source=1", "--set=camera.source='auto'"]).set == [
        'camera.source="1"', "camera.source='auto'",
    ]  # fmt: skip
    assert parse(["run"]).set == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["dance"], os.EX_USAGE, "invalid choice"),
        (["run", "--jump"], os.EX_USAGE, "--jump"),
        (["bench", "--runs", "many"], os.EX_USAGE, "invalid int"),
    ],
)
def test_a_command_line_that_makes_no_sense(arguments: list[str], code: int, words: str) -> None:
    result = command(*arguments)
    assert result.returncode == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def rejected(tmp_path: Path, verb: str, *arguments: str) -> tuple[int, str]:
    result = command(verb, *arguments, cwd=tmp_path)
    return result.returncode, only_line(result)


def test_report_alone_says_how_it_is_started(tmp_path: Path) -> None:
    code, line = rejected(tmp_path, "report", f"--socket={tmp_path}/none/wall.sock")
    assert code == os.EX_IOERR
    assert "--socket PATH" in line
    assert "posenet-edge run starts report and sense together" in line


def test_a_typo_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[camera]\nrotat = 90\n")
    for verb in ("run", "sense", "report", "check-config", "bench"):
        code, line = rejected(tmp_path, verb, "--config", "config.toml")
        assert code == os.EX_CONFIG
        assert line == (f"posenet-edge {verb}: config.toml: camera.rotat: no such key (did you mean rotate?)")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("stills:nowhere.jpg", "nowhere.jpg"),
        ("stills:empty", "empty"),
        ("video:nowhere.mp4", "nowhere.mp4"),
        ("video:text.mp4", "text.mp4"),
        ("stills:text.jpg", "text.jpg"),
        ("stills:half.jpg", "half.jpg"),
        ("v4l2:/dev/video99", "/dev/video99"),
    ],
)
def test_a_source_that_is_missing_or_broken(tmp_path: Path, source: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("text.mp4", "text.jpg"):
        (tmp_path / name).write_text("this is a text and no picture\n" * 100)
    photo = (PHOTOS / "astronaut.jpg").read_bytes()
    (tmp_path / "half.jpg").write_bytes(photo[: len(photo) // 2])
    code, line = rejected(tmp_path, "sense", f"--source={source}", "--stdout")
    assert code == os.EX_NOINPUT
    assert words in line


def test_a_source_of_no_known_kind(tmp_path: Path) -> None:
    code, line = rejected(tmp_path, "sense", "--source=webcam", "--stdout")
    assert code in (os.EX_CONFIG, os.EX_USAGE)
    assert "webcam" in line
    assert "stills:" in line


def test_no_camera_at_all_says_what_was_looked_for(tmp_path: Path) -> None:
    if list(Path("/dev").glob("video*")) or Path("/dev/media0").exists():
        pytest.skip("this machine has a camera")
    code, line = rejected(tmp_path, "sense", "--stdout")
    assert code == os.EX_NOINPUT
    for words in ("picamera2", "/dev/video", "--source"):
        assert words in line


def test_a_model_that_is_damaged(tmp_path: Path) -> None:
    model = (MODELS / "posenet-075-s16-193x257-int8.tflite").read_bytes()
    (tmp_path / "half.tflite").write_bytes(model[: len(model) // 2])
    (tmp_path / "posenet-075-s16-193x257-int8.tflite").write_bytes(model[:-1] + b"x")
    for name, words in (("half.tflite", "not a usable"), ("posenet-075-s16-193x257-int8.tflite", "sha256")):
        code, line = rejected(tmp_path, "sense", "--set", f"model.file={name}", f"--source={ASTRONAUT}", "--stdout")
        assert code == os.EX_CONFIG
        assert name in line
        assert words in line


def test_a_full_disk(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        for arguments in (["sense", f"--source={ASTRONAUT}", "--stdout"], ["schema"]):
            result = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
            assert result.returncode == os.EX_IOERR
            assert "No space left" in only_line(subprocess.CompletedProcess([], 0, "", result.stderr))


def test_no_room_for_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, line = rejected(tmp_path, "report", "--socket", "nowhere/wall.sock")
    assert code == os.EX_IOERR
    assert "nowhere/wall.sock" in line

    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.TemporaryDirectory", full)
    monkeypatch.setattr("edge.tools.run.stop_on_signals", threading.Event)
    assert main(["run", f"--source={ASTRONAUT}"]) == os.EX_IOERR
    assert capsys.readouterr().err == (
        "posenet-edge run: no folder for the socket: No space left on device; expected room in /tmp\n"
    )


def test_a_bug_is_called_a_bug(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("edge.tools.schema.json.dumps", lambda *_, **__: 1 / 0)
    assert main(["schema"]) == os.EX_SOFTWARE
    assert capsys.readouterr().err.startswith("posenet-edge schema: a bug: ZeroDivisionError")


def test_a_package_that_is_gone_is_no_bug(tmp_path: Path) -> None:
    (tmp_path / "paho.py").write_text("")
    result = command("record", "poses.jsonl", env=os.environ | {"PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
    assert result.returncode == os.EX_UNAVAILABLE
    assert "found a Python package missing or damaged (No module named 'paho.mqtt'" in only_line(result)


def test_schema_prints_schemas() -> None:
    every = json.loads(command("schema").stdout)
    assert set(every) == set(SCHEMAS)
    for name, schema in every.items():
        Draft202012Validator.check_schema(schema)
        assert json.loads(command("schema", name).stdout) == schema


def test_check_config_says_what_is_in_force(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[device]\nid = 'hall'\n[mqtt]\nhost = 'broker.lan'\n")
    result = command("check-config", "--config", "config.toml", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.startswith("config.toml: good.")
    assert "broker.lan:1883" in result.stdout
    assert "posenet/hall/" in result.stdout
    choice = command("check-config", "--set", "model.file=auto").stdout
    assert "model auto (posenet-075-s16-193x257-int8 or posenet-075-s16-257x353-int8 or " in choice
    shown = json.loads(command("check-config", "--show", "--set", "camera.rotate=90").stdout)
    assert shown["camera"]["rotate"] == 90


@pytest.mark.parametrize(
    "assignments",
    [
        ["model.file=nowhere.tflite"],
        ["mqtt.username=u", "mqtt.password_file=nowhere"],
        ["mqtt.tls=true", "mqtt.ca_file=nowhere"],
    ],
)
def test_check_config_looks_at_the_files_that_are_named(tmp_path: Path, assignments: list[str]) -> None:
    code, line = rejected(tmp_path, "check-config", *(f"--set={assignment}" for assignment in assignments))
    assert code == os.EX_CONFIG
    assert "nowhere" in line


def lines_of(*arguments: str, **options: object) -> list[wire.Line]:
    result = command("sense", "--stdout", *arguments, **options)
    assert result.returncode == 0, result.stderr
    return [wire.decode(line.encode()) for line in result.stdout.splitlines()]


def poses_of(lines: list[wire.Line]) -> list[wire.FrameLine]:
    return [line for line in lines if isinstance(line, wire.FrameLine)]


def test_sense_prints_the_astronaut() -> None:
    lines = lines_of(f"--source={ASTRONAUT}", *ONE_FRAME)
    frames = poses_of(lines)
    assert len(frames) == 1
    assert (frames[0].width, frames[0].height) == (512, 512)
    (person,) = frames[0].persons
    nose = person.pose.keypoints[0]
    assert np.hypot(nose.x - 222, nose.y - 125) < 8
    last = lines[-1]
    assert isinstance(last, wire.StatusLine)
    assert (last.state, last.frames, last.source) == ("ended", 1, "stills")


def test_settings_reach_the_picture() -> None:
    straight, mirrored, single = (
        poses_of(lines_of(f"--source={ASTRONAUT}", *ONE_FRAME, f"--set={setting}"))[0].persons[0].pose
        for setting in ("camera.mirror=false", "camera.mirror=true", "decode.mode=single")
    )
    assert mirrored.keypoints[0].x == pytest.approx(511 - straight.keypoints[0].x, abs=6)
    assert single.keypoints[0][:2] == pytest.approx(straight.keypoints[0][:2], abs=1)


AWKWARD = {
    "grey.png": lambda photo: cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY),
    "rgba.png": lambda photo: cv2.cvtColor(photo, cv2.COLOR_BGR2BGRA),
    "sixteen.png": lambda photo: photo.astype(np.uint16) * 257,
    "grey16.png": lambda photo: cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 257,
}


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_photo_shows_the_same_person(tmp_path: Path, name: str) -> None:
    photo = cv2.imread(str(PHOTOS / "astronaut.jpg"), cv2.IMREAD_COLOR)
    cv2.imwrite(str(tmp_path / name), AWKWARD[name](photo))
    (frame,) = poses_of(lines_of(f"--source=stills:{tmp_path / name}", *ONE_FRAME))
    nose = frame.persons[0].pose.keypoints[0]
    assert np.hypot(nose.x - 222, nose.y - 125) < 10


def test_a_photo_of_one_pixel_has_nobody_in_it(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "dot.png"), np.full((1, 1, 3), 7, np.uint8))
    (frame,) = poses_of(lines_of(f"--source=stills:{tmp_path / 'dot.png'}", *ONE_FRAME))
    assert (frame.width, frame.height, frame.persons) == (1, 1, ())


def test_a_reader_who_has_seen_enough_ends_it_quietly() -> None:
    with subprocess.Popen(
        [*COMMAND, "sense", "--stdout", f"--source={ASTRONAUT}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == 0
        assert b"Traceback" not in process.stderr.read()
