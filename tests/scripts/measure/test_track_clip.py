"""The evaluation of tracking, on paths whose jitter and lag are known."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scripts.measure.track_clip import TrackedFrame, jitter, lag, paths, visits
from tests.support.camera import photo_clip
from tests.support.stick_people import stick, tracker


def test_jitter_is_the_root_mean_square_of_the_steps() -> None:
    still, shaking = np.zeros((12, 2, 2)), np.zeros((12, 2, 2))
    shaking[::2, :, 0] = 3.0
    shaking[::2, :, 1] = 4.0
    assert jitter([still]) == 0
    assert jitter([shaking]) == pytest.approx(5.0)
    assert jitter([still, shaking]) == pytest.approx(5.0 / np.sqrt(2))


@pytest.mark.parametrize("frames", [0.0, 0.5, 1.0, 1.75])
def test_lag_is_found_to_a_part_of_a_frame(frames: float) -> None:
    def way(delay: float) -> np.ndarray:
        x = 10.0 * (np.arange(12) - delay)
        return np.stack([np.stack([x, -x], axis=-1)] * 3, axis=1)

    assert lag(way(0.0), way(frames)) == pytest.approx(frames, abs=0.051)


def frames_of(*ids: int | None, period: float = 0.5) -> list[TrackedFrame]:
    """Pictures with the person of that id, or with nobody."""
    follow = tracker()
    (person,) = follow.update([stick(100)], 0.0)
    pictures = []
    for number, each in enumerate(ids):
        persons = [] if each is None else [person._replace(id=each)]
        pictures.append(TrackedFrame(number * period, each is not None, persons, persons))
    return pictures


def test_a_visit_ends_when_nobody_was_there_for_two_seconds() -> None:
    found = visits(frames_of(1, 1, None, None, None, 1, None, None, None, None, 2, 3, 2))
    assert [(visit.start, visit.end, visit.ids) for visit in found] == [(0, 2.5, [1, 1, 1]), (5, 6, [2, 3, 2])]
    assert [visit.switches for visit in found] == [0, 2]


def test_speed_is_in_body_sizes_a_second() -> None:
    follow, pictures = tracker(smoothing="off"), []
    for number in range(24):
        # Half the diagonal of what is sure of a stick of 300 px is 146 px; 100 px/s are 0.69 of it.
        persons = follow.update([stick(400 + 10 * number)], number / 10)
        pictures.append(TrackedFrame(number / 10, True, persons, persons))
    found = list(paths(pictures))
    assert [way.raw.shape for way in found] == [(12, 17, 2)] * 2
    assert found[0].speeds == pytest.approx([0.69 * 12 / 11] * 17, rel=0.35)


def trackeval(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.measure.track_clip", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_clip_is_evaluated(tmp_path: Path, astronaut: np.ndarray) -> None:
    clip = photo_clip(tmp_path / "clip.mkv", [True] * 15 + [False] * 25 + [True] * 15, astronaut)
    result = trackeval(str(clip))
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("55 frames in 5.4 s")
    assert [line.partition(":")[0] for line in lines[1:3]] == ["visit 0.0 to 1.4 s", "visit 4.0 to 5.4 s"]
    assert lines[3] == "2 visits, 2 ids, 0 frames with more than one person"
    assert lines[4].startswith("still for 24 frames: jitter 0.00 px")
    assert trackeval(str(clip), "--rate", "5").stdout.startswith("28 frames")


def test_what_is_no_clip_is_said(tmp_path: Path) -> None:
    result = trackeval(str(tmp_path / "nowhere.mp4"))
    assert result.returncode == 66
    assert "nowhere.mp4" in result.stderr
    assert "Traceback" not in result.stderr
