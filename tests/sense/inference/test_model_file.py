"""Which file a name means, and that it is the file that was meant."""

import hashlib
from pathlib import Path

import pytest

from edge.data_files import MODELS
from edge.errors import BadModel
from edge.sense.inference.model_file import find_model

CONTENT = b"not really a network"
TABLE = f"""
[role]
default = "small"

[[model]]
name = "small"
file = "small.tflite"
sha256 = "{hashlib.sha256(CONTENT).hexdigest()}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models.toml").write_text(TABLE)
    (tmp_path / "small.tflite").write_bytes(CONTENT)
    return tmp_path


def test_a_role_a_name_and_a_path_mean_the_same_file(folder: Path) -> None:
    for name in ("default", "small", str(folder / "small.tflite")):
        assert find_model(name, folder) == (folder / "small.tflite", CONTENT, 0)


def test_a_changed_file_is_refused_by_name_and_by_path(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("copy") / "small.tflite"
    for file in (folder / "small.tflite", elsewhere):
        file.write_bytes(CONTENT[:-1])
    for name in ("default", "small", str(elsewhere)):
        with pytest.raises(BadModel, match=r"small\.tflite: 19 bytes with sha256 .* expected .* scripts/build-models"):
            find_model(name, folder)


def test_ones_own_file_needs_no_entry(folder: Path) -> None:
    own = folder / "own.tflite"
    own.write_bytes(b"mine")
    assert find_model(str(own), folder).content == b"mine"


def test_what_is_not_there_is_refused_with_what_there_is(folder: Path) -> None:
    with pytest.raises(BadModel, match=r"model big: no such file; expected a \.tflite file or one of auto, default"):
        find_model("big", folder)
    with pytest.raises(BadModel, match="cannot be read"):
        find_model(str(folder), folder)


def test_a_broken_table_is_refused(folder: Path) -> None:
    (folder / "models.toml").write_text("[[model")
    with pytest.raises(BadModel, match=r"models\.toml: cannot be read"):
        find_model("default", folder)


def test_a_folder_without_a_table_still_takes_paths(tmp_path: Path) -> None:
    (tmp_path / "own.tflite").write_bytes(b"mine")
    assert find_model(str(tmp_path / "own.tflite"), tmp_path).content == b"mine"


@pytest.mark.parametrize("role", ["fast", "default", "accurate"])
def test_the_three_roles_are_there(role: str) -> None:
    assert find_model(role, MODELS).path.suffix == ".tflite"
