"""``posenet-edge evaluate --images``, as a user runs it: photos of the repository, annotations made here."""

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from edge.__main__ import main
from edge.config.settings import Settings
from edge.data_files import MODELS, PHOTOS
from edge.pose import KEYPOINT_NAMES, Pose
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import find_model
from edge.tools.evaluate.photos import evaluate
from edge.tools.evaluate.photos.pose_finder import PoseFinder
from edge.tools.evaluate.photos.tables import NOTE
from tests.support.annotated_photos import coco, image, person, write
from tests.support.commands import COMMAND

PROJECT = Path(__file__).parents[4]
SHARE = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
COUNT = {"type": "integer", "minimum": 0}


def exactly(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


INTERVAL = {"type": ["array", "null"], "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
GROUP = {"people": COUNT, "found": SHARE, "pck": SHARE}
COCO_KEYS = ("ap", "ap50", "ap75", "ar")
HEADLINE = (*COCO_KEYS, *(f"{key}_home_like" for key in COCO_KEYS), "found", "pck")
CALIBRATION = exactly(
    number=COUNT,
    ece=SHARE,
    curve={"type": "array", "items": exactly(low=SHARE, high=SHARE, number=COUNT, score=SHARE, right=SHARE)},
)
VARIED = {"type": "object", "additionalProperties": exactly(ap=SHARE, **GROUP)}
SCHEMA = Draft202012Validator(
    exactly(
        photos=exactly(evaluated=COUNT, home_like=COUNT, people=COUNT, nobody=COUNT),
        settings={"type": "object"},
        models={
            "type": "array",
            "items": exactly(
                model={"type": "string"},
                input={"type": "string"},
                invoke_ms={"type": "number"},
                **dict.fromkeys(HEADLINE, SHARE),
                intervals=exactly(**dict.fromkeys(HEADLINE, INTERVAL)),
                by_height=exactly(**dict.fromkeys(("small", "middle", "large"), exactly(**GROUP))),
                by_people=exactly(**dict.fromkeys(("1", "2-3", "4+"), exactly(photos=COUNT, ap=SHARE, **GROUP))),
                by_keypoint=exactly(**dict.fromkeys(KEYPOINT_NAMES, exactly(joints=COUNT, pck=SHARE))),
                by_rotation=VARIED,
                by_darkness=VARIED,
                thresholds={
                    "type": "array",
                    "items": exactly(
                        score=SHARE,
                        recall=SHARE,
                        false_poses={"type": ["number", "null"], "minimum": 0},
                        photos_with_false_poses=SHARE,
                    ),
                },
                calibration=exactly(joints=CALIBRATION, poses=CALIBRATION),
            ),
        },
        differences={
            "type": "array",
            "items": exactly(
                model={"type": "string"},
                against={"type": "string"},
                **dict.fromkeys(HEADLINE, exactly(difference={"type": "number"}, interval=INTERVAL)),
            ),
        },
        unreadable={"type": "array", "items": exactly(file={"type": "string"}, reason={"type": "string"})},
        note={"const": NOTE},
    )
)


def best_pose(name: str) -> Pose:
    """What the default model finds first in a photo of the repository."""
    pixels = cv2.cvtColor(cv2.imread(str(PHOTOS / name)), cv2.COLOR_BGR2RGB)
    return max(PoseFinder(Settings(), Model(find_model("default", MODELS)))(pixels))


def box_of(pose: Pose) -> list[float]:
    xs, ys = [each.x for each in pose.keypoints], [each.y for each in pose.keypoints]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three photos: one person each in the first two, exactly where the default model finds them."""
    folder = tmp_path_factory.mktemp("originals")
    shutil.copy(PHOTOS / "astronaut.jpg", folder / "1.jpg")
    shutil.copy(PHOTOS / "camera.jpg", folder / "2.jpg")
    cv2.imwrite(str(folder / "3.png"), np.full((120, 160, 3), 90, np.uint8))
    images, people = [], []
    for number, name in ((1, "astronaut.jpg"), (2, "camera.jpg")):
        height, width = cv2.imread(str(PHOTOS / name)).shape[:2]
        pose = best_pose(name)
        images.append(image(number, file_name=f"{number}.jpg", width=width, height=height, home_like=number == 1))
        box = box_of(pose)
        people.append(person(number, number, pose, bbox=box, area=0.5 * box[2] * box[3]))
    write(folder / "people.json", coco([*images, image(3, home_like=False)], people))
    return folder


@pytest.fixture
def folder(originals: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(originals, tmp_path / "photos"))


def run(folder: Path, *more: str) -> int:
    words = ["evaluate", "--images", folder, "--annotations", folder / "people.json", "--resamples=20", *more]
    return main([str(word) for word in words])


def change(folder: Path, number: int, **changes: Any) -> None:
    """Change the entry of a photo in the annotations."""
    table = json.loads((folder / "people.json").read_text())
    table["images"][number - 1].update(changes)
    write(folder / "people.json", table)


def test_people_where_the_model_finds_them_give_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = folder.parent / "nobody"
    nobody.mkdir()
    shutil.copy(folder / "3.png", nobody)
    shutil.copy(folder / "1.jpg", nobody)
    more = ("--json", "--vary", f"--nobody={nobody}", "--model=default", "--against=posenet-075-s16-257x353-int8")
    assert run(folder, *more, f"--report={folder.parent / 'report'}") == 0
    results = json.loads(capsys.readouterr().out)
    SCHEMA.validate(results)
    assert results["photos"] == {"evaluated": 3, "home_like": 1, "people": 2, "nobody": 2}
    model, other = results["models"]
    assert [model[key] for key in HEADLINE] == pytest.approx([1.0] * len(HEADLINE))
    assert {**model, "invoke_ms": 0} == {**other, "invoke_ms": 0}
    (same,) = results["differences"]
    assert {same[key]["difference"] for key in HEADLINE} == {0}
    assert {tuple(same[key]["interval"]) for key in HEADLINE} == {(0, 0)}
    assert list(model["by_rotation"]) == ["0", "10", "20", "45", "90"]
    # Somebody who is found in a photo is found where the square shows them, upright and a little askew.
    assert [model["by_rotation"][degrees]["found"] for degrees in ("0", "10")] == [1.0, 1.0]
    assert len(model["by_darkness"]) == 3
    assert next(iter(model["by_darkness"].values()))["found"] == 1.0
    lowest = model["thresholds"][0]
    assert (lowest["score"], lowest["photos_with_false_poses"]) == (0, 0.5)


def test_every_key_is_documented() -> None:
    def keys(schema: Any) -> set[str]:
        if not isinstance(schema, dict):
            return set()
        found = set(schema.get("properties", {}))
        for inner in [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]:
            found |= keys(inner)
        return found

    page = (PROJECT / "docs" / "evaluate.md").read_text().partition("## On photos")[2]
    documented = set(re.findall(r"`([^`\n]+)`", page))
    assert keys(SCHEMA.schema) - set(KEYPOINT_NAMES) - documented == set()


def test_the_table_has_the_note_and_several_models_a_row_each(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--model=fast", "--model=default") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("3 photos (1 like a home) with 2 people.")
    assert printed.rstrip().endswith(NOTE)
    rows = [line for line in printed.splitlines() if line.startswith("posenet-075-s16-") and ":" not in line]
    assert [row.split()[0] for row in rows] == ["posenet-075-s16-193x257-int8", "posenet-075-s16-257x353-int8"]
    assert rows[1].split()[1:6] == ["1.000"] * 5


def test_settings_of_the_sensor_apply(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--json", "--set=decode.score_threshold=1.0") == 0
    results = json.loads(capsys.readouterr().out)
    assert results["settings"]["decode.score_threshold"] == 1.0
    assert results["models"][0]["found"] == 0


def test_the_report_has_the_tables_and_no_photo(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = folder.parent / "a" / "report"
    assert run(folder, "--vary", "--model=fast", "--model=default", f"--report={report}") == 0
    printed = capsys.readouterr().out
    text = (report / "report.md").read_text()
    assert NOTE in text
    assert "| posenet-075-s16-257x353-int8 | 1.000 |" in text
    for title in re.findall(r"^posenet.*: .+$", printed, re.MULTILINE):
        assert f"### {title}" in text
    charts = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    assert sorted(path.name for path in report.iterdir()) == sorted([*charts, "report.md"])
    assert len(charts) == 2 * 3 + 1
    for path in report.iterdir():
        content = path.read_text()
        assert path.suffix == ".md" or content.startswith("<svg")
        assert not re.search(r"<image|data:|base64|\d\.(jpg|png)", content), path


def test_a_report_that_cannot_be_written_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, f"--report={folder / '1.jpg'}") == 74
    assert "the report cannot be written" in capsys.readouterr().err


def test_photos_that_are_not_annotated_are_named_and_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(folder / "1.jpg", folder / "more.jpg")
    assert run(folder) == 0
    said = capsys.readouterr()
    assert said.out.startswith("3 photos")
    assert "1 photos in" in said.err
    assert "not in the annotations, and are left out: 'more.jpg'" in said.err


def cut_off(folder: Path) -> None:
    path = folder / "2.jpg"
    path.write_bytes(path.read_bytes()[:-2000])


def damage(folder: Path) -> None:
    path = folder / "2.jpg"
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes(500) + content[middle + 500 :])


def no_photo(folder: Path) -> None:
    (folder / "2.jpg").write_text("Dear reader")


def missing(folder: Path) -> None:
    (folder / "2.jpg").unlink()


def other_size(folder: Path) -> None:
    change(folder, 2, width=7)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (cut_off, "cannot be read as a photo"),
        (damage, "is damaged (Corrupt JPEG data"),
        (no_photo, "is no photo"),
        (missing, "no such file, expected a photo"),
        (other_size, "px, expected 7x"),
    ],
)
def test_a_photo_that_cannot_be_used_is_named_and_the_others_are_evaluated(
    folder: Path, spoil: Any, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(folder)
    assert run(folder, "--json") == 66
    said = capsys.readouterr()
    results = json.loads(said.out)
    assert results["photos"]["evaluated"] == 2
    assert results["photos"]["people"] == 1
    (unreadable,) = results["unreadable"]
    assert unreadable["file"] == "2.jpg"
    assert message in unreadable["reason"]
    assert "1 of 3 photos could not be used" in said.err
    assert message in said.err


def test_no_figure_without_a_photo(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(folder / "1.jpg", elsewhere / "9.jpg")
    arguments = ["evaluate", f"--images={elsewhere}", f"--annotations={folder / 'people.json'}"]
    assert main(arguments) == 66
    said = capsys.readouterr()
    assert said.out == ""
    assert "3 of 3 photos could not be used" in said.err


@pytest.mark.parametrize("option", ["--images", "--nobody"])
@pytest.mark.parametrize(
    ("name", "message"), [("empty", "has no photos"), ("none", "no such file"), ("file", "is a file")]
)
def test_a_folder_without_photos_is_named(
    option: str, name: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.parent / "empty").mkdir()
    (folder.parent / "file").touch()
    assert run(folder, option, str(folder.parent / name)) == 66
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err


def test_annotations_that_are_none_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "people.json", {"clips": []})
    assert run(folder) == 65
    assert "found no list 'images'" in capsys.readouterr().err


def test_a_model_of_another_family_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = folder.parent / "other.tflite"
    other.write_bytes(b"\0" * 100)
    assert run(folder, "--model=default", f"--against={other}") == 78
    said = capsys.readouterr()
    assert said.out == ""
    assert "other.tflite" in said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--images=photos"], "--images needs --annotations"),
        (["--clips=a.json", "--nobody=b"], "--nobody belongs to --images"),
        (["--clips=a.json", "--against-set=decode.method=fine"], "--against-set belongs to --images"),
        (["--images=photos", "--annotations=a", "--rate=5"], "--rate belongs to --clips"),
        (["--images=photos", "--annotations=a", "--resamples=-1"], "--resamples -1: expected 0 to 100000"),
        (["--clips=a.json", "--model=fast", "--model=default"], "--clips takes one --model"),
    ],
)
def test_options_that_do_not_belong_together_are_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *arguments]) == 64
    assert message in capsys.readouterr().err


def test_without_resamples_there_are_no_intervals(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--json", "--resamples=0", "--model=fast", "--against=default") == 0
    results = json.loads(capsys.readouterr().out)
    assert "intervals" not in results["models"][0]
    assert results["differences"][0]["found"]["interval"] is None


def test_a_setting_is_compared_with_another(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--json", "--model=fast", "--against-set=decode.score_threshold=1.0") == 0
    results = json.loads(capsys.readouterr().out)
    ours, blind = results["models"]
    assert blind["model"] == f"{ours['model']} with decode.score_threshold=1.0"
    assert (ours["found"], blind["found"]) == (1.0, 0.0)
    (difference,) = results["differences"]
    assert (difference["model"], difference["against"]) == (ours["model"], blind["model"])
    assert difference["found"] == {"difference": 1.0, "interval": [1.0, 1.0]}


def test_a_setting_is_compared_for_one_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--model=fast", "--against=default", "--against-set=decode.method=fine") == 64
    assert "--against-set compares one model with itself" in capsys.readouterr().err


def test_ctrl_c_prints_no_figure_of_some_photos(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    seen = []

    def interrupted(path: Path) -> Any:
        if seen:
            raise KeyboardInterrupt
        seen.append(path)
        return read(path)

    read = evaluate.read_whole_photo
    monkeypatch.setattr(evaluate, "read_whole_photo", interrupted)
    assert run(folder) == 130
    said = capsys.readouterr()
    assert said.out == ""
    assert "stopped; nothing is printed" in said.err


def test_a_real_signal_ends_it_without_a_traceback(folder: Path) -> None:
    many = ["evaluate", "--images", folder, "--annotations", folder / "people.json", "--resamples=100000"]
    process = subprocess.Popen([*COMMAND, *many], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # It says so only once it is at work: the intervals take longer than 2 s.
    assert process.stderr is not None
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, error = process.communicate()
    assert "intervals of" in first
    assert (process.returncode, out) == (130, "")
    assert error.splitlines()[-1] == (
        "posenet-edge evaluate: stopped; nothing is printed, as figures of some photos compare with no others"
    )
