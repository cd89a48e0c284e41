"""models.toml: what the builder writes, the loader reads."""

import pytest

from edge.errors import BadModel
from edge.sense.inference.model_file import find_model
from scripts.modelbuild import catalogue
from scripts.modelbuild.catalogue import SHIPPED, Entry

ENTRIES = {model.name: Entry(catalogue.sha256(model.name.encode()), {"photos": 117, "ap": 0.25}) for model in SHIPPED}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "models.toml").write_text(catalogue.render(ENTRIES))
    for model in SHIPPED:
        (tmp_path / f"{model.name}.tflite").write_bytes(model.name.encode())
    return tmp_path


def test_what_is_written_is_read_again(folder):
    assert catalogue.load(folder) == ENTRIES


def test_the_loader_finds_every_model_by_name_and_by_role(folder):
    for model in SHIPPED:
        for name in filter(None, (model.name, model.role)):
            assert find_model(name, folder).content == model.name.encode()


def test_names_say_stride_and_sides():
    assert [model.name for model in SHIPPED] == [
        "posenet-075-s16-193x257-int8",
        "posenet-075-s16-257x353-int8",
        "posenet-075-s16-353x481-int8",
        "posenet-075-s8-257x353-int8",
        "posenet-075-s32-257x353-int8",
    ]
    assert {model.role: model.shape[:2] for model in SHIPPED if model.role} == {
        "fast": (193, 257),
        "default": (257, 353),
        "accurate": (353, 481),
    }


def test_no_table_is_an_empty_table(tmp_path):
    assert catalogue.load(tmp_path) == {}


@pytest.mark.parametrize("text", ["[[model]", "model = 1", '[[model]]\nname = "x"', "", '[[model]]\nname = "\\q"'])
def test_a_broken_table_is_refused(tmp_path, text):
    (tmp_path / "models.toml").write_text(text)
    with pytest.raises(BadModel, match=r"models\.toml"):
        catalogue.load(tmp_path)
