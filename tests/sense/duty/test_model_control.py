"""Model control: a smaller model where fewer frames do not help, the larger one much later, and no flapping."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import DutySettings
from edge.sense.duty.model_control import DOWN_S, HELD_S, LONGEST_UP_S, SLOW_S, UP_S, ModelControl
from edge.wire import MODEL_CHOICES

SETTINGS = DutySettings()
PIXELS = (50, 90, 170)
MOST, LONGEST = 0.07, 0.1
TURN_S = 2.0


class Machine:
    """A machine on which a look takes ``speed`` s for the largest model, asked every two seconds."""

    def __init__(self, speed: float = 0.05, index: int = 2, pixels: tuple[int, ...] = PIXELS) -> None:
        self.speed, self.now = speed, 0.0
        self.pixels = pixels
        look = self.look(index) if len(pixels) > 1 else None
        self.control = ModelControl(SETTINGS, pixels, index, look, MOST, LONGEST)
        self.changes: list[tuple[float, int]] = []

    def look(self, index: int) -> float:
        return self.speed * self.pixels[index] / self.pixels[-1]

    def run(self, seconds: float, trouble: str = "", is_well: bool = True, idle: bool = False) -> None:
        """Let time pass with this state; is_well counts only without trouble."""
        end = self.now + seconds
        while self.now < end:
            before = self.control.index
            look = None if idle else self.look(before)
            self.control.judge(look, trouble, is_well and not trouble, self.now)
            if self.control.index != before:
                self.changes.append((self.now, self.control.index))
            self.now += TURN_S

    @property
    def state(self) -> tuple[int, str]:
        return self.control.index, self.control.reason


@pytest.mark.parametrize(
    ("index", "speed", "state"),
    [(2, 0.05, (2, "largest")), (1, 0.14, (1, "fits")), (0, 0.2, (0, "fits")), (0, 2.0, (0, "too_slow"))],
)
def test_the_choice_of_the_start_is_kept_and_named(index: int, speed: float, state: tuple[int, str]) -> None:
    machine = Machine(speed, index)
    machine.run(7200.0)
    assert machine.state == state
    assert not machine.changes


def test_heat_makes_the_model_smaller_step_by_step_and_not_larger_while_it_lasts() -> None:
    machine = Machine()
    machine.run(TURN_S, "hot")
    assert machine.state == (1, "hot")
    machine.run(DOWN_S - TURN_S, "hot")
    assert machine.state == (1, "hot")
    machine.run(600.0, "hot")
    assert machine.state == (0, "hot")
    machine.run(7200.0, is_well=False)
    assert len(machine.changes) == 2, "between the bounds everything stays"


def test_frames_are_given_up_only_once_the_smallest_model_had_its_time() -> None:
    machine = Machine()
    assert not machine.control.spares_frames(machine.now)
    machine.run(DOWN_S + 2 * TURN_S, "hot")
    assert machine.control.index == 0
    assert not machine.control.spares_frames(machine.now)
    machine.run(DOWN_S, "hot")
    assert machine.control.spares_frames(machine.now)


def test_a_look_that_takes_too_long_for_a_while_makes_the_model_smaller() -> None:
    machine = Machine()
    machine.speed = 0.15
    machine.run(SLOW_S - TURN_S)
    assert not machine.changes, "a short load passes by itself"
    machine.speed = 0.05
    machine.run(TURN_S)
    machine.speed = 0.15
    machine.run(SLOW_S - TURN_S)
    assert not machine.changes, "it must last without a break"
    machine.run(3 * TURN_S)
    assert machine.state == (1, "slow")


def test_a_machine_that_becomes_too_slow_for_the_smallest_says_so_until_it_is_not() -> None:
    machine = Machine(index=0, speed=0.2)
    machine.speed = 1.0
    machine.run(SLOW_S + 2 * TURN_S)
    assert machine.state == (0, "too_slow")
    machine.speed = 0.2
    machine.run(2 * TURN_S)
    assert machine.state == (0, "fits")


def test_the_larger_model_comes_back_after_work_without_trouble() -> None:
    machine = Machine()
    machine.run(TURN_S, "hot")
    machine.run(UP_S - 10 * TURN_S)
    machine.run(TURN_S, is_well=False)
    machine.run(UP_S - TURN_S)
    assert machine.control.index == 1, "what is not well begins anew"
    machine.run(7200.0, idle=True)
    assert machine.control.index == 1, "an empty room proves nothing"
    machine.run(2 * TURN_S)
    assert machine.state == (2, "largest")


def test_a_model_that_would_take_too_long_does_not_come_back() -> None:
    machine = Machine()
    machine.run(TURN_S, "hot")
    machine.speed = 0.075
    machine.run(7200.0)
    assert machine.control.index == 1


def test_vain_tries_become_rare() -> None:
    machine = Machine()
    machine.run(TURN_S, "hot")
    for number in range(9):
        machine.run(min(UP_S * 2**number, LONGEST_UP_S) - 2 * TURN_S)
        assert machine.control.index == 1
        machine.run(4 * TURN_S)
        assert machine.control.index == 2
        machine.run(DOWN_S)
        machine.run(TURN_S, "hot")
        assert machine.control.index == 1


def test_one_that_held_for_an_hour_was_not_in_vain() -> None:
    machine = Machine()
    machine.run(TURN_S, "hot")
    for _ in range(4):
        machine.run(UP_S + 2 * TURN_S)
        assert machine.control.index == 2
        machine.run(HELD_S)
        machine.run(TURN_S, "hot")
        assert machine.control.index == 1


@pytest.mark.parametrize("trouble", ["hot", "slow"])
def test_nothing_changes_where_the_model_is_set_or_duty_is_off(trouble: str) -> None:
    for machine in (Machine(index=0, pixels=(170,)), Machine()):
        before = machine.state
        if machine.control.reason != "set":
            machine.control.settings = replace(SETTINGS, enabled=False)
        machine.speed = 1.0
        machine.run(3600.0, trouble)
        assert machine.state == before
        assert machine.control.spares_frames(machine.now)


STATES = st.tuples(
    st.sampled_from(["", "hot", "slow"]), st.booleans(), st.booleans(), st.floats(0.01, 0.5), st.floats(2.0, 4000.0)
)


@given(index=st.integers(0, 2), course=st.lists(STATES, max_size=20))
def test_it_never_flaps(index: int, course: list[tuple[str, bool, bool, float, float]]) -> None:
    machine = Machine(index=index)
    for trouble, is_well, idle, speed, seconds in course:
        machine.speed = speed
        machine.run(seconds, trouble, is_well, idle)
        assert machine.control.reason in MODEL_CHOICES
    before, last = index, -1e9
    for now, after in machine.changes:
        assert abs(after - before) == 1
        assert now - last >= (UP_S if after > before else DOWN_S)
        before, last = after, now
