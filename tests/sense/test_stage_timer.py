"""Counting and timing between two status lines."""

from edge.sense.stage_timer import StageTimer
from edge.wire import STAGES, Percentiles


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_medians_and_rate_over_the_interval() -> None:
    clock = Clock()
    tally = StageTimer(clock)
    for invoke in (0.010, 0.030, 0.020):
        captured_at = clock.now
        with tally.timed("invoke"):
            clock.now += invoke
        tally.finish(captured_at)
        clock.now += 1 - invoke
    medians = {"fit_ms": 0.0, "invoke_ms": 20.0, "decode_ms": 0.0, "latency_ms": 20.0}
    nothing, runs = Percentiles(), Percentiles(20.0, 30.0, 30.0)
    assert tally.summary() == {"frame_rate": 1.0, **medians, "stages": (nothing, runs, nothing, nothing, runs)}
    clock.now += 1
    assert tally.summary()["frame_rate"] == 0
    assert tally.frames == 3


def test_a_picture_from_the_future_has_no_latency() -> None:
    tally = StageTimer(Clock())
    tally.finish(200.0)
    assert tally.summary()["latency_ms"] == 0


def test_percentiles_go_back_a_thousand_runs_and_no_further() -> None:
    clock = Clock()
    tally = StageTimer(clock)
    for milliseconds in [5000] * 10 + list(range(1, 1001)):
        begun = clock.now
        with tally.timed("track"):
            clock.now = begun + milliseconds / 1000
    tally.summary()
    stages = dict(zip(STAGES, tally.summary()["stages"], strict=True))
    assert [round(each) for each in stages["track"]] == [500, 950, 990]


def test_a_stage_that_hangs_counts_as_the_longest_that_the_wall_lets_through() -> None:
    clock = Clock()
    tally = StageTimer(clock)
    with tally.timed("invoke"):
        clock.now += 15
    assert tally.summary()["stages"][1] == (1000, 1000, 1000)
