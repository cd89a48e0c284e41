"""The bench measures what it says; how fast it is, is not for a test to judge."""

import json
import re
from typing import Any

import numpy as np
import pytest

from edge.tools.bench.bench import STAGES, as_table, overhead_ratio, summarise, two_people
from tests.support.commands import command

TIMES = {stage: np.full(5, 1.0) for stage in STAGES} | {"invoke": np.array([14.0, 12.0, 10.0, 30.0, 24.0])}


def test_the_ratio_leaves_invoke_out_and_compares_each_frame_with_itself() -> None:
    assert overhead_ratio(TIMES) == 0.5


def test_medians_and_percentiles() -> None:
    rows = summarise(TIMES)
    assert rows["fit"] == {"median_ms": 1.0, "p95_ms": 1.0}
    assert rows["invoke"]["median_ms"] == 14.0
    assert rows["whole"]["median_ms"] == 21.0


def test_the_picture_is_of_the_size_that_is_promised() -> None:
    picture = two_people()
    assert picture.shape == (480, 640, 3)
    np.testing.assert_array_equal(picture[80:400, :320], picture[80:400, 320:])


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    """What a short bench says."""
    result = command("bench", "--json", "--runs", "5")
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


def test_it_measures_two_people_and_both_processes(measured: dict[str, Any]) -> None:
    assert measured["poses"] == 2
    assert set(measured["stages"]) == {*STAGES, "whole"}
    assert all(0 < row["median_ms"] <= row["p95_ms"] for row in measured["stages"].values())
    five = measured["five_people"]
    assert five["track"]["median_ms"] > 0
    assert five["analytics"]["median_ms"] > 0
    for people in ("2", "5"):
        assert measured["report_at_work"][people]["rss_mb"] > 10
        assert 0 < measured["report_at_work"][people]["share"] < 1
    assert set(measured["attention"]) == {"empty", "upright", "lost"}
    assert all(ratio > 0 for ratio in measured["attention"].values())
    for figure in ("overhead_ratio", "first_pose_s", "sense_rss_mb", "report_rss_mb"):
        assert measured[figure] > 0


def test_the_table_says_the_same(measured: dict[str, Any]) -> None:
    table = as_table(measured)
    for words in (*STAGES, "overhead", "first pose", "MB resident", "with 2 people", "somebody lost"):
        assert words in table
    whole = measured["stages"]["whole"]["median_ms"]
    assert re.search(rf"^whole +{whole:.3f} ", table, re.MULTILINE)


@pytest.mark.parametrize("runs", ["0", "-3"])
def test_no_runs_make_no_sense(runs: str) -> None:
    result = command("bench", f"--runs={runs}")
    assert result.returncode == 64
    assert "at least 1" in result.stderr
