"""Percentiles of the last runs of each stage."""

from edge.runtime.stage_times import LAST_RUNS, StageTimes
from edge.wire import Percentiles


def test_each_stage_by_nearest_rank_within_the_bounds_and_not_further_back_than_the_last_runs() -> None:
    now = [0.0]
    times = StageTimes(("read", "work", "write"), lambda: now[0])
    for _ in range(500):
        times.add("work", 5000.0)
    for milliseconds in range(1, LAST_RUNS + 1):
        times.add("work", milliseconds)
    with times.timed("write"):
        now[0] += 0.25
    assert times.percentiles((0.0, 980.0)) == (
        Percentiles(),
        Percentiles(500.0, 950.0, 980.0),
        Percentiles(250.0, 250.0, 250.0),
    )
