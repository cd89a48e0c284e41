"""From a clip and from photos to the lines of ``sense``: whose time counts, and what crosses."""

from pathlib import Path

import cv2
import numpy as np

from edge import wire
from edge.data_files import PHOTOS
from tests.support.camera import photo_clip
from tests.support.commands import command


def sense(*arguments: str) -> list[wire.FrameLine]:
    """The frame lines of ``posenet-edge sense --stdout``."""
    result = command("sense", "--stdout", *arguments)
    assert result.returncode == 0, result.stderr
    lines = [wire.decode(line.encode()) for line in result.stdout.splitlines()]
    return [line for line in lines if isinstance(line, wire.FrameLine)]


def ids(frames: list[wire.FrameLine]) -> list[list[int]]:
    return [[person.id for person in frame.persons] for frame in frames]


def test_a_clip_played_fast_is_followed_in_its_own_time(tmp_path: Path, astronaut: np.ndarray) -> None:
    """Somebody is away for half a second and then for two, of which no more than a moment passes here."""
    shown = [True] * 5 + [False] * 5 + [True] * 5 + [False] * 20 + [True] * 5
    clip = photo_clip(tmp_path / "clip.mkv", shown, astronaut)
    found = ids(sense(f"--source=video:{clip}", "--set=video.pace=fast"))
    newcomer = found[35:].index([2])
    assert found[:35] == [[1]] * 5 + [[]] * 5 + [[1]] * 5 + [[]] * 20
    assert found[35:] == [[]] * newcomer + [[2]] * (5 - newcomer)
    assert 0 < newcomer <= 2, "who comes is a person after a moment"


def test_nobody_goes_from_one_photo_to_the_next(tmp_path: Path) -> None:
    photo = cv2.imread(str(PHOTOS / "astronaut.jpg"), cv2.IMREAD_COLOR)
    for name in ("a.png", "b.png", "c.png"):
        cv2.imwrite(str(tmp_path / name), photo)
    frames = sense(f"--source=stills:{tmp_path}", "--set=stills.seconds=0", "--set=stills.loop=false")
    assert ids(frames) == [[1], [2], [3]]


def test_with_one_person_at_most_it_works_as_well(tmp_path: Path, astronaut: np.ndarray) -> None:
    clip = photo_clip(tmp_path / "clip.mkv", [True] * 5 + [False] * 5, astronaut)
    found = ids(sense(f"--source=video:{clip}", "--set=video.pace=fast", "--set=decode.mode=single"))
    assert found == [[1]] * 5 + [[]] * 5
