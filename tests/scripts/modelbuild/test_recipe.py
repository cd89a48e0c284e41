"""The verbs, on a tiny network: rebuild, check, calibrate; and how they fail."""

import cv2
import pytest

from edge.errors import BadModel
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import find_model
from scripts.modelbuild import __main__ as command
from scripts.modelbuild import catalogue, recipe, rounding
from scripts.modelbuild.catalogue import SHIPPED
from tests.scripts.modelbuild.tiny import random_image, tiny_weights


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr(recipe, "read_weights", lambda given: tiny_weights())


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for seed in (1, 2):
        cv2.imwrite(str(folder / f"{seed}.png"), random_image(120, 160, seed))
    return folder


@pytest.fixture
def models(tmp_path, photos):
    assert run("--calibration", photos, models=tmp_path) == 0
    return tmp_path


def run(*arguments, models):
    return command.main([*map(str, arguments), "--models", str(models)])


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_calibration_writes_all_that_belongs_together(models, photos, capsys):
    assert contents(models).keys() == {"models.toml", "rounding.npz", *(f"{model.name}.tflite" for model in SHIPPED)}
    for model in SHIPPED:
        loaded = Model(find_model(model.name, models))
        assert (loaded.height, loaded.width, loaded.output_stride) == model.shape
        assert loaded.quantization == "int8"
    before = contents(models)
    assert run("--calibration", photos, models=models) == 0
    assert contents(models) == before
    assert capsys.readouterr().out.count("identical") == len(SHIPPED)


def test_a_rebuild_is_identical_and_writes_nothing(models, capsys):
    before = {path: path.stat().st_mtime_ns for path in models.iterdir()}
    capsys.readouterr()
    for arguments in ([], ["--check"]):
        assert run(*arguments, models=models) == 0
        assert capsys.readouterr().out == "".join(f"{model.name}: identical\n" for model in SHIPPED)
    assert {path: path.stat().st_mtime_ns for path in models.iterdir()} == before


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"TFL3")])
def test_a_missing_or_damaged_model_is_refused_by_check_and_else_written(models, damage, capsys):
    expected = contents(models)
    damage(models / "posenet-075-s16-257x353-int8.tflite")
    assert run("--check", models=models) == BadModel.exit_code
    assert "missing or damaged" in capsys.readouterr().err
    assert run(models=models) == 0
    assert contents(models) == expected


def test_other_rounding_is_refused_and_leaves_the_models_alone(models, photos, monkeypatch, capsys):
    other = models / "other"
    monkeypatch.setattr(rounding, "DAMPING", 10.0)
    assert run("--calibration", photos, models=other) == 0
    (other / "rounding.npz").replace(models / "rounding.npz")
    before = {model.name: (models / f"{model.name}.tflite").read_bytes() for model in SHIPPED}
    assert run(models=models) == BadModel.exit_code
    assert "expected" in capsys.readouterr().err
    assert before == {model.name: (models / f"{model.name}.tflite").read_bytes() for model in SHIPPED}


def test_changed_weights_are_noticed(models, monkeypatch, capsys):
    monkeypatch.setattr(recipe, "read_weights", lambda given: tiny_weights(seed=8))
    assert run(models=models) == BadModel.exit_code
    assert "models.toml says" in capsys.readouterr().err


def test_calibration_drops_the_figures_of_changed_models_only(models, photos, monkeypatch):
    entries = {name: catalogue.Entry(entry.sha256, {"ap": 0.5}) for name, entry in catalogue.load(models).items()}
    (models / "models.toml").write_text(catalogue.render(entries))
    run("--calibration", photos, models=models)
    assert catalogue.load(models) == entries
    monkeypatch.setattr(rounding, "DAMPING", 10.0)
    run("--calibration", photos, models=models)
    assert all(not entry.measured for entry in catalogue.load(models).values())


def test_missing_rounding_is_refused(models, capsys):
    (models / "rounding.npz").unlink()
    assert run(models=models) == BadModel.exit_code
    assert "rounding.npz" in capsys.readouterr().err


def test_an_empty_table_is_refused(models, capsys):
    (models / "models.toml").unlink()
    assert run(models=models) == BadModel.exit_code
    assert "posenet-075-s16-193x257-int8 is missing" in capsys.readouterr().err


def test_a_folder_without_photos_is_refused(tmp_path, capsys):
    assert run("--calibration", tmp_path, models=tmp_path) == 66
    assert "no photos" in capsys.readouterr().err


def test_an_unreadable_photo_is_refused(tmp_path, capsys):
    (tmp_path / "broken.jpg").write_bytes(b"not a photo")
    assert run("--calibration", tmp_path, models=tmp_path) == 66
    assert "broken.jpg" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_reported(models, tmp_path, photos, capsys):
    (tmp_path / "file").write_text("")
    assert run("--calibration", photos, models=tmp_path / "file") != 0
    assert "build-models: " in capsys.readouterr().err


def test_ctrl_c_leaves_every_file_whole(models, photos, monkeypatch, capsys):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    before = contents(models)
    monkeypatch.setattr(recipe, "build", interrupted)
    assert run("--calibration", photos, models=models) == 130
    assert contents(models) == before
    assert "stopped" in capsys.readouterr().err


def test_help_shows_examples(capsys):
    for arguments in (["--help"], ["measure", "--help"]):
        with pytest.raises(SystemExit):
            command.main(arguments)
        assert "examples:" in capsys.readouterr().out
