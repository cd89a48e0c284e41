"""Figures of groups of people and photos."""

import numpy as np
import pytest

from edge.pose import KEYPOINT_NAMES, Keypoint, Pose
from edge.tools.evaluate.photos.accuracy import CocoEvaluation
from edge.tools.evaluate.photos.bootstrap import draw
from edge.tools.evaluate.photos.figures import (
    Headline,
    ModelRun,
    Varied,
    by_height,
    comparison,
    intervals,
    model_figures,
    rounded,
)
from tests.support.annotated_photos import body, image, one_each, person, photos_of, shifted

POSES = [body(0, 0, 0.9), body(10, 5, 0.8), body(20, 20, 0.7), body(5, 15, 0.6)]
FOUND = {1: [POSES[0]], 2: [shifted(POSES[1], 5)], 3: [shifted(POSES[2], 300)], 4: [POSES[3]]}


def test_home_like_photos_have_figures_of_their_own() -> None:
    images = [image(number, home_like=number == 1) for number in (1, 2)]
    people = [person(number, number, POSES[number - 1]) for number in (1, 2)]
    photos = photos_of(images, people)
    values = Headline(CocoEvaluation(photos, {1: [POSES[0]], 2: [body(-60, 0)]}), photos)(np.arange(2))
    assert [values["ap_home_like"], values["ar_home_like"]] == pytest.approx([1.0, 1.0])
    assert values["ap"] is not None
    assert values["ap"] < 0.6
    assert values["found"] == 0.5
    without = one_each(POSES)
    assert not [key for key in Headline(CocoEvaluation(without, FOUND), without)(np.arange(4)) if "home" in key]


def test_figures_of_a_draw_are_those_of_its_photos() -> None:
    photos = one_each(POSES)
    headline = Headline(CocoEvaluation(photos, FOUND), photos)
    assert headline(np.array([0, 0, 2]))["found"] == pytest.approx(2 / 3)
    assert headline(np.array([2]))["pck"] is None
    # Shifted by 5 px of the 12 that are a tenth of the box's longer side: all joints are right.
    assert headline(np.array([1]))["pck"] == 1.0
    drawn = headline.resampled(draw(4, 50))
    assert {len(values) for values in drawn.values()} == {50}
    assert drawn["found"] == [headline(each)["found"] for each in draw(4, 50)]
    low, high = intervals(drawn)["found"] or (1.0, 0.0)
    assert 0 <= low < 0.75 < high <= 1


def test_people_are_counted_by_their_height_in_the_photo() -> None:
    heights = (30, 36, 37, 72, 73)
    poses = [body(10, 10 + number) for number in range(5)]
    people = [
        person(number, number, pose, bbox=[10, 10, 50, height])
        for number, (pose, height) in enumerate(zip(poses, heights, strict=True), 1)
    ]
    photos = photos_of([image(number) for number in range(1, 6)], people)  # each 120 px high
    found = {1: [body(-90, 0), poses[0]], 3: [poses[2]], 4: [poses[3]], 5: [body(-90, 0)]}
    groups = by_height(CocoEvaluation(photos, found).people)
    assert {name: (group["people"], group["found"]) for name, group in groups.items()} == {
        "small": (2, 0.5),
        "middle": (2, 1.0),
        "large": (1, 0.0),
    }


def test_groups_of_photos_and_joints() -> None:
    pose = POSES[0]
    off = Pose(0.9, (Keypoint(pose.keypoints[0].x + 100, 0, 0.9), *pose.keypoints[1:]))
    far = [shifted(pose, 200 * number) for number in range(4)]
    people = [person(1, 1, pose), *(person(10 + number, 2, each) for number, each in enumerate(far))]
    photos = photos_of([image(1), image(2), image(3)], people)
    run = ModelRun("one", (353, 257), {1: [off], 2: far[:3], 3: []}, invoke_seconds=[0.004, 0.005, 0.009])
    # Everybody is elsewhere in the rotated photos, and found there.
    moved = [person(1, 1, shifted(pose, 50)), *(person(10 + n, 2, shifted(each, 0, 50)) for n, each in enumerate(far))]
    there = photos_of([image(1), image(2), image(3)], moved)
    run.varied = {
        ("rotation", "45"): Varied(there, {1: [shifted(pose, 50)], 2: [shifted(each, 0, 50) for each in far]}),
        ("darkness", "gamma 2"): Varied(photos, {}),
    }
    figures = model_figures(run, CocoEvaluation(photos, run.poses), photos)
    assert figures["invoke_ms"] == pytest.approx(5.0)
    assert {name: group["photos"] for name, group in figures["by_people"].items()} == {"1": 1, "2-3": 0, "4+": 1}
    assert figures["by_people"]["2-3"]["ap"] is None
    assert figures["by_people"]["4+"]["found"] == 0.75
    nose, *others = (figures["by_keypoint"][name] for name in KEYPOINT_NAMES)
    assert nose == {"joints": 4, "pck": 0.75}
    assert {(each["joints"], each["pck"]) for each in others} == {(4, 1.0)}
    assert figures["by_rotation"]["45"] == {"ap": pytest.approx(1.0), "people": 5, "found": 1.0, "pck": 1.0}
    assert figures["by_darkness"]["gamma 2"] == {"ap": 0.0, "people": 5, "found": 0.0, "pck": None}
    assert [each["number"] for each in figures["calibration"]["poses"]["curve"]] == [0] * 9 + [4]


def test_a_model_that_finds_more_is_better_by_an_interval_above_zero() -> None:
    photos = one_each(POSES * 5)
    runs = [
        ModelRun("all", (1, 1), dict(enumerate(([pose] for pose in POSES * 5), 1))),
        ModelRun("half", (1, 1), {number: [pose] for number, pose in enumerate(POSES * 5, 1) if number % 2}),
    ]
    evaluations = [CocoEvaluation(photos, run.poses) for run in runs]
    figures = [model_figures(run, evaluation, photos) for run, evaluation in zip(runs, evaluations, strict=True)]
    drawn = [Headline(evaluation, photos).resampled(draw(20, 100)) for evaluation in evaluations]
    better = comparison(figures[0], figures[1], drawn[0], drawn[1])
    assert (better["model"], better["against"]) == ("all", "half")
    assert better["found"]["difference"] == 0.5
    assert 0 < better["found"]["interval"][0] < 0.5 < better["found"]["interval"][1]
    same = comparison(figures[0], figures[0], drawn[0], drawn[0])
    assert same["ap"] == {"difference": 0.0, "interval": (0.0, 0.0)}


def test_all_numbers_are_rounded_and_counts_stay_whole() -> None:
    assert rounded({"a": [0.123456, 3], "b": {"c": None, "d": (1 / 3,)}, "e": "x"}) == {
        "a": [0.1235, 3],
        "b": {"c": None, "d": [0.3333]},
        "e": "x",
    }
