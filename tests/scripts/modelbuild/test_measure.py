"""Measuring: the whole walk works on a tiny network."""

import json

import cv2
import pytest

from edge.errors import BadTruth, UsageError
from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from scripts.modelbuild import __main__ as command
from scripts.modelbuild import catalogue, measure, recipe
from scripts.modelbuild.catalogue import SHIPPED
from scripts.modelbuild.measure import distances
from tests.scripts.modelbuild.tiny import random_image, tiny_weights
from tests.support.annotated_photos import SIZE, body, coco, image, person, write

pytest.importorskip("pycocotools", reason="pycocotools is in the extra 'evaluate'")


@pytest.fixture
def photos(tmp_path):
    images = [image(number, home_like=number == 1) for number in (1, 2)]
    write(tmp_path / "truth.json", coco(images, [person(1, 1, body(10, 10)), person(2, 2, body(20, 15))]))
    for number in (1, 2):
        cv2.imwrite(str(tmp_path / f"{number}.png"), random_image(SIZE[1], SIZE[0], number))
    return tmp_path


def test_other_json_is_refused(tmp_path):
    (tmp_path / "truth.json").write_text(json.dumps({"images": []}))
    with pytest.raises(BadTruth, match=r"truth\.json"):
        measure.measure(tmp_path, None, tmp_path, tmp_path / "truth.json", [])


def test_distances_are_to_the_nearest_pose_over_seen_keypoints():
    shifted = Pose(0.9, tuple(Keypoint(k.x + 3, k.y - 4, k.score) for k in body(10, 10).keypoints))
    assert distances([body(10, 10)], [body(90, 10), shifted]) == pytest.approx([5.0] * KEYPOINT_COUNT)
    assert distances([body(10, 10, score=0.1)], [shifted]) == []
    assert distances([body(10, 10)], []) == []


def test_the_whole_walk_prints_a_row_for_each_model_and_records_it(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(measure, "read_weights", lambda given: tiny_weights())
    monkeypatch.setattr(recipe, "read_weights", lambda given: tiny_weights())
    models = tmp_path / "models"
    recipe.calibrate(models, None, photos)
    capsys.readouterr()
    name = SHIPPED[0].name
    arguments = ["--photos", photos, "--annotations", photos / "truth.json", "--models", models]
    assert command.main(["measure", *map(str, arguments), "--model", name, "--record"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == ["model", SHIPPED[0].float_name, name]
    entries = catalogue.load(models)
    assert {"photos", "ap", "ap_home_like", measure.INVOKE} <= entries[name].measured.keys()
    assert not entries[SHIPPED[1].name].measured
    recipe.rebuild(models, None, write=False)


def test_figures_of_another_processor_are_kept(tmp_path):
    entry = catalogue.Entry("0" * 64, {"ap": 0.1, "invoke_ms_pdp11": 9e9})
    (tmp_path / "models.toml").write_text(catalogue.render({SHIPPED[0].name: entry}))
    measure.record(tmp_path, {SHIPPED[0].name: {"ap": 0.2}})
    assert catalogue.load(tmp_path)[SHIPPED[0].name].measured == {"ap": 0.2, "invoke_ms_pdp11": 9e9}


def test_an_unknown_model_is_refused(photos):
    with pytest.raises(UsageError, match="no such model: posenet-9000"):
        measure.measure(photos, None, photos, photos / "truth.json", ["posenet-9000"])
