"""The last day of a sensor: what was heard, with gaps where nothing was, and never more than its bounds."""

import json
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tools.view.history import DAY_S, MAX_EVENTS, MAX_FALLS, MAX_TURNS, NO_RECORD, History

WEEK_S = 7 * DAY_S
WORDS = ("occupied", "empty", "unknown", "offline", NO_RECORD)


def event(sequence: int, kind: str = "zone_entered", run: str = "a") -> dict[str, object]:
    return {"kind": kind, "run": run, "sequence": sequence, "words": f"{kind} {sequence}"}


def test_spans_follow_one_another_up_to_now() -> None:
    day = History(100.0)
    for at, word in ((100.0, "unknown"), (110.0, "occupied"), (115.0, "occupied"), (160.0, "empty")):
        day.be(word, at)
    said = day.tell(200.0)
    assert said["spans"] == [[100.0, 90.0, "unknown"], [90.0, 40.0, "occupied"], [40.0, 0.0, "empty"]]
    assert (said["listened"], said["length"]) == (100.0, DAY_S)


def test_what_is_older_than_a_day_is_cut_off() -> None:
    day = History(0.0)
    day.be("occupied", 0.0)
    day.be("empty", 10.0)
    day.be("unknown", DAY_S + 5.0)
    day.hear(event(1), 4.0)
    day.hear(event(2), 6.0)
    said = day.tell(DAY_S + 5.0)
    assert said["spans"] == [[DAY_S, DAY_S - 5.0, "occupied"], [DAY_S - 5.0, 0.0, "empty"], [0.0, 0.0, "unknown"]]
    assert [each["words"] for each in said["events"]] == ["zone_entered 2"]


def test_the_same_event_said_again_is_one() -> None:
    day = History(0.0)
    for each in (event(1), event(2), event(1), event(1, run="b")):
        day.hear(each, 5.0)
    assert len(day.tell(5.0)["events"]) == 3


def test_a_late_event_stands_where_it_happened() -> None:
    day = History(0.0)
    day.hear(event(2), 90.0)
    day.hear(event(1), 30.0)
    assert [(each["age"], each["words"]) for each in day.tell(100.0)["events"]] == [
        (70.0, "zone_entered 1"),
        (10.0, "zone_entered 2"),
    ]


def test_falls_are_never_displaced() -> None:
    day = History(0.0)
    day.hear(event(1, "fall_confirmed"), 1.0)
    for number in range(2, 3 * MAX_EVENTS):
        day.hear(event(number), float(number))
    told = day.tell(3.0 * MAX_EVENTS)["events"]
    assert [each["words"] for each in told if each["fall"]] == ["fall_confirmed 1"]
    assert len(told) == MAX_EVENTS + 1


@pytest.mark.parametrize("every_s", [20.0, 300.0])
def test_a_week_takes_no_more_than_its_bounds(every_s: float) -> None:
    draw = random.Random(1)
    day, at, number = History(0.0), 0.0, 0
    sizes = []
    while at < WEEK_S:
        at += every_s
        number += 1
        day.be(draw.choice(WORDS), at)
        day.hear(event(number, draw.choice(["zone_entered", "fall_suspected"])), at)
        if number % 1000 == 0:
            sizes.append(len(json.dumps(day.tell(at))))
    told = day.tell(at)
    assert len(told["spans"]) <= MAX_TURNS
    assert len(told["events"]) <= MAX_EVENTS + MAX_FALLS
    assert all(size < 100 * (MAX_TURNS + MAX_EVENTS + MAX_FALLS) for size in sizes)
    if every_s > DAY_S / MAX_EVENTS:
        # Nothing that fits was forgotten: the day is full.
        assert told["spans"][0][0] == DAY_S


@given(st.lists(st.tuples(st.floats(-100, 1e5), st.sampled_from(WORDS)), max_size=50))
def test_spans_never_overlap_whatever_the_clock_does(turns: list[tuple[float, str]]) -> None:
    day, latest = History(0.0), 0.0
    for at, word in turns:
        day.be(word, at)
        latest = max(latest, at)
    spans = day.tell(latest)["spans"]
    for before, after in pairwise(spans):
        assert before[1] == after[0]
        assert before[2] != after[2]
    assert all(DAY_S >= begin >= end >= 0 for begin, end, _ in spans)
    assert not spans or spans[-1][1:] == [0.0, turns[-1][1]]
