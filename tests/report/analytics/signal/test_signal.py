"""What several meanings are made of: truth, turns, and what is remembered of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.pose import Person
from edge.report.analytics.body.body import Body, People
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.signal.kleene import HoldLast, Truth, all_of, any_of, opposite
from edge.report.analytics.signal.slope import slope
from edge.report.analytics.signal.steps import Steps
from edge.report.analytics.signal.turning_points import TurningPoints
from edge.tools.simulate.scenes import scene
from tests.support.scene_player import without

TRUTHS = st.lists(st.sampled_from([True, False, None]))


def worlds(truths: list[Truth]) -> list[list[bool]]:
    """Everything that might be so."""
    if not truths:
        return [[]]
    heads = [truths[0]] if truths[0] is not None else [True, False]
    return [[head, *rest] for head in heads for rest in worlds(truths[1:])]


@given(TRUTHS.filter(lambda truths: len(truths) < 6))
def test_unknown_is_what_may_be_either(truths: list[Truth]) -> None:
    for ours, pythons in ((any_of, any), (all_of, all)):
        possible = {pythons(world) for world in worlds(truths)}
        assert ours(truths) == (possible.pop() if len(possible) == 1 else None)
    assert [opposite(truth) for truth in truths] == [None if truth is None else not truth for truth in truths]


def test_doubt_is_bridged_for_a_while() -> None:
    lately = HoldLast(keep=0.5)
    assert [lately.update(truth, now) for truth, now in ((None, 0.0), (True, 1.0), (None, 1.5), (None, 1.6))] == [
        None, True, True, None,
    ]  # fmt: skip
    assert lately.update(False, 2.0) is False
    assert lately.update(None, 2.1) is False


@given(st.lists(st.floats(-10, 10), max_size=80), st.floats(0.1, 5))
def test_turns_alternate_and_each_is_far_enough(values: list[float], least: float) -> None:
    turns, before, corner = TurningPoints(least), 0, None
    for number, value in enumerate(values):
        turn = turns.update(value, float(number))
        if turn:
            assert turn != before
            if corner is not None:
                assert turn * (value - (min if turn > 0 else max)(values[corner : number + 1])) >= least
            assert turns.since <= number
            before, corner = turn, number


@given(st.lists(st.floats(0, 0.99), max_size=80))
def test_what_is_smaller_is_no_turn(values: list[float]) -> None:
    turns = TurningPoints(1.0)
    assert not any(turns.update(value, float(number)) for number, value in enumerate(values))


def test_a_swing_is_dated_from_where_it_set_out() -> None:
    turns = TurningPoints(1.0)
    for number, value in enumerate([0.0, 0.3, 0.0, 0.1, 1.0, 2.0, 2.0, 1.8]):
        turns.update(value, number)
    assert turns.update(0.0, 8.0) == -1
    assert turns.since == 3.0
    assert turns.update(1.5, 9.0) == 1
    assert turns.since == 7.0


def people(*ids: int) -> list[Person]:
    (person,) = scene("stand-still").persons(0.0)
    return [person._replace(id=number) for number in ids]


def test_what_is_remembered_goes_with_the_person() -> None:
    each: PerPerson[list[int]] = PerPerson(list, keep=1.0)
    for person, memory in each.see(people(1, 2), 0.0):
        memory.append(person.id)
    assert [memory for _, memory in each.see(people(2, 3), 0.8)] == [[2], []]
    each.see([], 1.0)
    assert dict(each.items()) == {1: [1], 2: [2], 3: []}
    each.see([], 1.2)
    assert dict(each.items()) == {2: [2], 3: []}
    assert [memory for _, memory in each.see(people(1), 1.3)] == [[]]


def test_height_and_uprightness_are_steady() -> None:
    standing, lying = scene("stand-still").persons(0.0), scene("fall-forward").persons(17.0)
    size = (640, 480)
    seen = People()
    for number in range(40):
        odd = number % 8 == 7
        (body,) = seen.see([(lying if odd else standing)[0]._replace(id=1)], size, number / 10)
        assert body.standing_height == Body.of(standing[0], size).frame_height
        assert body.upright_lately is True
    faceless = without(standing[0], "")._replace(id=1)
    for now in (4.5, 5.4, 6.3, 7.2):
        (body,) = seen.see([faceless], size, now)
    assert (body.standing_height, body.upright_lately) == (None, None)


def test_a_number_in_steps_does_not_alternate_between_two() -> None:
    steps = Steps(2)
    said = []
    for number in (None, 1.2, 1.26, 1.3, 1.41, 1.2, 1.05, None, 1.3):
        steps.update(number)
        said.append(steps.value)
    assert said == [None, 1.0, 1.0, 1.0, 1.5, 1.5, 1.0, None, 1.5]


@given(st.lists(st.floats(-1e3, 1e3)), st.sampled_from([0.2, 2.0, 20.0]))
def test_a_number_in_steps_is_never_a_step_off(numbers: list[float], per_unit: float) -> None:
    steps = Steps(per_unit)
    for number in numbers:
        steps.update(number)
        assert steps.value is not None
        assert abs(steps.value - number) * per_unit <= 0.8 + 1e-9
        assert steps.value * per_unit == pytest.approx(round(steps.value * per_unit))


def test_a_slope_needs_some_points_over_most_of_the_time() -> None:
    line = [(time / 10, 3.0 - 2.0 * time / 10) for time in range(16)]
    assert slope(line, 1.5) == pytest.approx(-2.0)
    assert slope(line[:11], 1.5) is None
    assert slope([line[0], line[7], line[15]], 1.5) is None
