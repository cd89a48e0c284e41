"""Measuring: perfect poses score 1, and the whole walk works on a tiny network."""

import json

import cv2
import numpy as np
import pytest

from edge.errors import BadInput, UsageError
from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from scripts.modelbuild import __main__ as command
from scripts.modelbuild import catalogue, measure, recipe
from scripts.modelbuild.accuracy import Annotations
from scripts.modelbuild.catalogue import SHIPPED
from scripts.modelbuild.measure import distances
from tests.scripts.modelbuild.tiny import random_image, tiny_weights

pytest.importorskip("pycocotools", reason="pycocotools is in the extra 'build'")


def body(x, y, score=0.9):
    return Pose(score, tuple(Keypoint(x + 7.0 * n, y + 5.0 * n, score) for n in range(KEYPOINT_COUNT)))


def truth(people):
    """COCO's JSON for ``people``: one pose a photo; the first is home-like."""
    images, annotations = [], []
    for number, pose in enumerate(people, start=1):
        images.append({"id": number, "file_name": f"{number}.png", "width": 160, "height": 120})
        images[-1]["home_like"] = number == 1
        keypoints = [value for keypoint in pose.keypoints for value in (keypoint.x, keypoint.y, 2)]
        annotations.append(
            {"id": number, "image_id": number, "category_id": 1, "iscrowd": 0, "area": 5000.0, "keypoints": keypoints}
            | {"num_keypoints": KEYPOINT_COUNT, "bbox": [10, 10, 120, 90]}
        )
    return {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "person"}]}


@pytest.fixture
def photos(tmp_path):
    (tmp_path / "truth.json").write_text(json.dumps(truth([body(10, 10), body(20, 15)])))
    for number in (1, 2):
        cv2.imwrite(str(tmp_path / f"{number}.png"), random_image(120, 160, number))
    return tmp_path


def test_perfect_poses_score_one_and_wrong_ones_nothing(photos):
    annotations = Annotations(photos / "truth.json")
    right = {1: [body(10, 10)], 2: [body(20, 15)]}
    assert annotations.average_precision(right) == pytest.approx(1.0)
    assert annotations.average_precision({1: [body(100, 90)], 2: [body(-60, 0)]}) == pytest.approx(0.0)
    assert annotations.average_precision({1: [], 2: []}) == 0.0


def test_home_like_looks_at_marked_photos_only(photos):
    annotations = Annotations(photos / "truth.json")
    found = {1: [body(10, 10)], 2: [body(-60, 0)]}
    assert annotations.average_precision(found, home_like=True) == pytest.approx(1.0)
    assert annotations.average_precision(found) < 0.6


def test_people_are_counted_by_their_height_in_the_photo(tmp_path):
    people = [body(10, 10), body(20, 15), body(30, 5)]
    coco = truth(people)
    for annotation, height in zip(coco["annotations"], (30, 72, 73), strict=True):
        annotation["bbox"][3] = height
    (tmp_path / "truth.json").write_text(json.dumps(coco))
    annotations = Annotations(tmp_path / "truth.json")
    found = {1: [body(-90, 0), people[0]], 2: [people[1]], 3: [body(-90, 0)]}
    assert annotations.found_by_height(found) == {"found_small": 1.0, "found_middle": 1.0, "found_large": 0.0}
    assert annotations.found_by_height({**found, 2: []})["found_middle"] == 0.0
    assert annotations.found_by_height({}) == {}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"images": [{"id": 1}]}'])
def test_other_json_is_refused(tmp_path, text):
    (tmp_path / "truth.json").write_text(text)
    with pytest.raises(BadInput, match=r"truth\.json"):
        Annotations(tmp_path / "truth.json")


def test_distances_are_to_the_nearest_pose_over_seen_keypoints():
    shifted = Pose(0.9, tuple(Keypoint(k.x + 3, k.y - 4, k.score) for k in body(10, 10).keypoints))
    assert distances([body(10, 10)], [body(90, 10), shifted]) == pytest.approx([5.0] * KEYPOINT_COUNT)
    assert distances([body(10, 10, score=0.1)], [shifted]) == []
    assert distances([body(10, 10)], []) == []


def test_the_whole_walk_prints_a_row_for_each_model_and_records_it(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(measure, "read_weights", lambda given: tiny_weights())
    monkeypatch.setattr(recipe, "read_weights", lambda given: tiny_weights())
    monkeypatch.setattr(measure, "RUNS", 3)
    models = tmp_path / "models"
    recipe.calibrate(models, None, photos)
    capsys.readouterr()
    name = SHIPPED[0].name
    arguments = ["--photos", photos, "--annotations", photos / "truth.json", "--models", models]
    assert command.main(["measure", *map(str, arguments), "--model", name, "--record"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == ["model", SHIPPED[0].float_name, name]
    entries = catalogue.load(models)
    assert {"photos", "ap_all", "ap_home_like", measure.INVOKE} <= entries[name].measured.keys()
    assert not entries[SHIPPED[1].name].measured
    recipe.rebuild(models, None, write=False)


def test_figures_of_another_processor_are_kept(tmp_path):
    entry = catalogue.Entry("0" * 64, {"ap_all": 0.1, "invoke_ms_pdp11": 9e9})
    (tmp_path / "models.toml").write_text(catalogue.render({SHIPPED[0].name: entry}))
    measure.record(tmp_path, {SHIPPED[0].name: {"ap_all": 0.2}})
    assert catalogue.load(tmp_path)[SHIPPED[0].name].measured == {"ap_all": 0.2, "invoke_ms_pdp11": 9e9}


def test_an_unknown_model_is_refused(photos):
    with pytest.raises(UsageError, match="no such model: posenet-9000"):
        measure.measure(photos, None, photos, photos / "truth.json", ["posenet-9000"])


def test_invoke_time_is_positive():
    class Network:
        def invoke(self):
            np.zeros(10)

    assert measure.invoke_ms(Network()) > 0
