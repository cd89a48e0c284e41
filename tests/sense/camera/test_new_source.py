"""A new kind of source is one folder: that of docs/extending.md is added to a copy of the program, and removed.

It delivers heads in place of pictures, so this also shows that the same poses come of both.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge.data_files import MODELS, PHOTOS

PROJECT = Path(__file__).parents[3]
FILES = re.findall(
    r"^`(edge/sense/camera/onchip/\w+\.py)`\n\n```python\n(.*?)^```",
    (PROJECT / "docs" / "extending.md").read_text(),
    re.MULTILINE | re.DOTALL,
)
PHOTO = PHOTOS / "astronaut.jpg"


class Program:
    """A copy of the program, to which files can be added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        shutil.copytree(PROJECT / "edge", folder / "edge", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "models").symlink_to(MODELS)

    def add(self, name: str, text: str) -> None:
        path = self._folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def remove(self, name: str) -> None:
        shutil.rmtree(self._folder / name)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "edge", *arguments]
        # The folder that a command is run in comes first where modules are looked for.
        return subprocess.Popen(command, cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def help(self) -> str:
        return self.start("run", "--help").communicate(timeout=60)[0]

    def refusal(self, source: str, *settings: str) -> tuple[int, str]:
        """How sense ends, and why."""
        process = self.start("sense", "--stdout", f"--source={source}", *settings)
        _, said = process.communicate(timeout=60)
        return process.returncode, said

    def first_frame(self, source: str) -> dict[str, Any]:
        with self.start("sense", "--stdout", f"--source={source}") as process:
            assert process.stdout
            assert process.stderr
            for line in process.stdout:
                if (read := json.loads(line))["kind"] == "frame":
                    process.kill()
                    return {key: read[key] for key in ("persons", "width", "height")}
            raise AssertionError(process.stderr.read())


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_a_source_is_added_by_one_folder_and_removed_with_it(program: Program) -> None:
    assert len(FILES) == 2
    unknown = program.refusal(f"onchip:{PHOTO}")
    assert (unknown[0], "of no known kind" in unknown[1]) == (os.EX_CONFIG, True)
    for name, text in FILES:
        program.add(name, text)
    assert "onchip:photo.jpg" in program.help()
    assert "onchip:photo.jpg" in program.refusal("nonsense")[1]
    assert "expected a path after onchip" in program.refusal("onchip")[1]
    heads = program.first_frame(f"onchip:{PHOTO}")
    assert heads["persons"]
    assert heads == program.first_frame(f"stills:{PHOTO}")
    program.remove("edge/sense/camera/onchip")
    assert "onchip:" not in program.help()
    assert program.refusal(f"onchip:{PHOTO}") == unknown


def test_heads_are_not_rotated(program: Program) -> None:
    for name, text in FILES:
        program.add(name, text)
    code, said = program.refusal(f"onchip:{PHOTO}", "--set=camera.rotate=90")
    assert (code, "camera.rotate = 90" in said, "mount it upright" in said) == (os.EX_CONFIG, True, True)
