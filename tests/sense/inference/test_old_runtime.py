"""The same poses from tflite-runtime 2.14 with numpy 1, which is what a 32-bit Raspberry Pi OS runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge import wire
from edge.data_files import PHOTOS
from edge.pose import Pose
from tests.support import old_runtime

PROJECT = Path(__file__).parent.parent.parent.parent


def best_pose(python: str) -> Pose:
    source = [f"--source=stills:{PHOTOS / 'astronaut.jpg'}", "--set=stills.loop=false", "--set=stills.seconds=0"]
    result = subprocess.run(
        [python, "-m", "edge", "sense", "--stdout", *source],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    # On a slow machine a status line comes first.
    lines = (wire.decode(line.encode()) for line in result.stdout.splitlines())
    frame = next(line for line in lines if isinstance(line, wire.FrameLine))
    return frame.persons[0].pose


@pytest.mark.skipif(not old_runtime.PYTHON.exists(), reason=old_runtime.WHY_NOT)
def test_both_runtimes_see_the_same() -> None:
    versions = "import numpy, tflite_runtime; print(numpy.__version__, tflite_runtime.__version__)"
    said = subprocess.run([str(old_runtime.PYTHON), "-c", versions], capture_output=True, text=True, check=True).stdout
    assert said.startswith("1.")
    assert "2.14.0" in said
    old, new = best_pose(str(old_runtime.PYTHON)), best_pose(sys.executable)
    assert old.score == pytest.approx(new.score, abs=0.02)
    for ours, theirs in zip(new.keypoints, old.keypoints, strict=True):
        if ours.score > 0.5:
            assert theirs[:2] == pytest.approx(ours[:2], abs=3)
            assert theirs.score == pytest.approx(ours.score, abs=0.05)
