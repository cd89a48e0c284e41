"""``explain`` writes pictures and a report of one photo, and refuses everything else."""

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest

from edge.__main__ import main
from edge.data_files import MODELS, PHOTOS
from edge.pose import Keypoint, Pose
from edge.sense.inference.model_file import find_model
from edge.tools.explain.report import share_keypoints
from tests.support.commands import COMMAND, PROJECT

ASTRONAUT = PHOTOS / "astronaut.jpg"


class Run(NamedTuple):
    folder: Path
    report: str
    files: set[str]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Of a photo with two people, who are the same one and her mirror image."""
    folder = tmp_path_factory.mktemp("two")
    photo = cv2.imread(str(ASTRONAUT))
    cv2.imwrite(str(folder / "two|people`.png"), np.hstack([photo, photo[:, ::-1]]))
    return run(folder / "two|people`.png", folder / "out")


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(ASTRONAUT, tmp_path_factory.mktemp("one") / "new" / "out", "--model=fast", "--set=decode.method=fine")


def run(photo: Path, folder: Path, *arguments: str) -> Run:
    assert main(["explain", str(photo), "-o", str(folder), *arguments]) == 0
    return Run(folder, (folder / "explain.md").read_text(), {path.name for path in folder.iterdir()})


def pictures_of(report: str) -> list[str]:
    return re.findall(r"!\[.*?\]\((.*?)\)", report)


def test_the_report_shows_all_pictures_and_no_others_are_there(two: Run, one: Run) -> None:
    for each, count in ((two, 7), (one, 6)):
        assert len(pictures_of(each.report)) == count
        assert {*pictures_of(each.report), "explain.md"} == each.files
        for name in pictures_of(each.report):
            picture = cv2.imread(str(each.folder / name))
            assert picture is not None, name
            assert picture.std() > 1, name


def test_the_input_is_the_letterboxed_photo(one: Run) -> None:
    """A square photo in a wide input: grey at the sides, and the photo between them."""
    shown = cv2.imread(str(one.folder / "1-input.png"))
    height, width = shown.shape[:2]
    margin = (width - height) // 2
    assert np.all(shown[:, : margin - 8] == 128)
    photo = cv2.resize(cv2.imread(str(ASTRONAUT)), (height, height), interpolation=cv2.INTER_AREA)
    assert np.abs(shown[:, margin : margin + height].astype(int) - photo).mean() < 12


def test_single_merges_two_people_where_multi_keeps_them_apart(two: Run, one: Run) -> None:
    assert "finds 2 people" in two.report
    assert "It merges people" in two.report
    assert "Needs two people: multi-pose decoding finds one person here" in one.report


def test_whose_keypoints_a_single_pose_has() -> None:
    left, right = (Pose(0.9, tuple(Keypoint(x + n, 5.0 * n, 0.9) for n in range(17))) for x in (0.0, 100.0))
    mixed = [*left.keypoints[:5], *right.keypoints[5:9], Keypoint(50, 50, 0.9), *left.keypoints[10:16]]
    mixed.append(left.keypoints[16]._replace(score=0.1))
    shares = share_keypoints(Pose(0.9, tuple(mixed)), [left, right], 20)
    assert [len(share) for share in shares] == [5 + 6, 4]
    assert shares[1][0] == "leftShoulder"


def test_the_resolution_is_by_the_formula(two: Run, one: Run) -> None:
    assert "- rows: ((257 - 1) / 16) + 1 = 17; the heads of the file have 17" in two.report
    assert "- columns: ((257 - 1) / 16) + 1 = 17; the heads of the file have 17" in one.report


def test_the_network_in_the_docs_is_that_of_the_report(two: Run) -> None:
    """What depends on the photo is rounded otherwise by other processors, and is not compared."""
    page = (PROJECT / "docs" / "explain.md").read_text()
    rows = [line for line in page[page.index("The network, read from") :].splitlines() if re.match(r"\|.*\d", line)]
    assert len(rows) > 10
    assert [row for row in rows if row not in two.report.splitlines()] == []


def test_names_that_others_chose_are_shown_as_they_can_be(two: Run) -> None:
    assert "Photo `'two|people?.png'`" in two.report


def test_it_says_that_the_pictures_show_the_photo(one: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert "**The pictures show the photo**" in one.report
    with pytest.raises(SystemExit):
        main(["explain", "--help"])
    assert "What it writes shows the photo" in " ".join(capsys.readouterr().out.split())


def test_another_run_replaces_the_first_and_leaves_nothing_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "7-single-and-multi.png").write_bytes(b"old")
    (tmp_path / "5-walk.png").write_bytes(b"old")
    again = run(ASTRONAUT, tmp_path, "--model=fast", "--set=decode.score_threshold=1")
    assert "These pictures show the photo. The sensor itself never writes one." in capsys.readouterr().out
    assert "No pose starts: the highest score is" in again.report
    assert again.files == {*pictures_of(again.report), "explain.md"}
    assert not again.files & {"5-walk.png", "7-single-and-multi.png"}


@pytest.mark.parametrize(
    ("photo", "code", "words"),
    [
        ("/dev/video0", 64, "explain takes a photo, and '/dev/video0' names a live camera"),
        ("/dev/null", 64, "names a live camera"),
        ("picamera2", 64, "explain takes a photo, and 'picamera2' names a live camera"),
        ("v4l2:/dev/video0", 64, "names a live camera"),
        ("auto", 64, "names a live camera"),
        ("rtsp://me:secret@camera/1", 64, "'rtsp://me:***@camera/1' is an address"),
        ("stills:photo.jpg", 64, "by its path alone; found 'stills:photo.jpg', expected 'photo.jpg'"),
        ("video:clip.mp4", 64, "explain takes a photo, and 'video:clip.mp4' names a clip"),
        ("nowhere.jpg", 66, "no such file, expected a photo"),
        (".", 66, "is a folder, expected a photo"),
        ("clip.mjpeg", 66, "is a clip"),
        ("clip.mp4", 66, "is no photo"),
        ("photo.heic", 66, "is a HEIC photo"),
        ("photo.avif", 66, "is an AVIF photo"),
        ("half.jpg", 66, "cannot be read as a photo"),
        ("overwritten.jpg", 66, "is damaged"),
    ],
)
def test_what_is_no_photo_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    photo: str,
    code: int,
    words: str,
) -> None:
    whole = ASTRONAUT.read_bytes()
    middle = len(whole) // 2
    (tmp_path / "half.jpg").write_bytes(whole[:middle])
    (tmp_path / "overwritten.jpg").write_bytes(whole[:middle] + bytes(500) + whole[middle + 500 :])
    for name, brand in (("photo.heic", b"heic"), ("photo.avif", b"avif"), ("clip.mp4", b"isom")):
        (tmp_path / name).write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(100))
    (tmp_path / "clip.mjpeg").write_bytes(3 * whole)
    monkeypatch.chdir(tmp_path)
    assert main(["explain", photo, "-o", "out"]) == code
    said = capsys.readouterr()
    assert words in said.err
    assert said.err.count("\n") == 1
    assert not Path("out").exists()


def others(folder: Path) -> Path:
    (folder / "letter.txt").write_text("mine")
    return folder


def file(folder: Path) -> Path:
    (folder / "file").write_text("mine")
    return folder / "file"


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (others, 64, "is not empty (it has 'letter.txt'), expected a new or empty folder"),
        (file, 74, "is a file, expected a folder"),
        (lambda folder: file(folder) / "out", 74, "is a file, expected a folder"),
        (lambda _: Path("/proc/out"), 74, "cannot be written"),
        (lambda folder: folder / ("n" * 300), 74, "cannot be written"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Callable[[Path], Path], code: int, words: str
) -> None:
    folder = make(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["explain", str(ASTRONAUT), "-o", str(folder), "--model=fast"]) == code
    assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_may_not_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Root, as whom tests may run, may write everywhere.
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert main(["explain", str(ASTRONAUT), "-o", str(tmp_path / "out")]) == 74
    assert "may not write there" in capsys.readouterr().err


def test_a_model_without_the_heads_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.tflite").write_bytes(find_model("fast", MODELS).content.replace(b"offsets", b"oddsets"))
    assert main(["explain", str(ASTRONAUT), "-o", f"{tmp_path}/out", f"--model={tmp_path}/own.tflite"]) == 78
    said = capsys.readouterr().err
    assert "oddsets" in said
    assert "expected heatmaps, offsets, displacement_fwd, displacement_bwd" in said
    assert not (tmp_path / "out").exists()


def test_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    arguments = ["explain", str(ASTRONAUT), "-o", f"{tmp_path}/out", "--config", f"{tmp_path}/config.toml"]
    process = subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True)
    # It opens the configuration, and waits for what is in it.
    with (tmp_path / "config.toml").open("w"):
        process.send_signal(signal.SIGINT)
        assert process.communicate()[1] == ""
    assert process.returncode == 130
    assert not (tmp_path / "out").exists()
