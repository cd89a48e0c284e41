"""Rules of one's own, about what other detectors know and where joints are.

Wrong if these are: a rule about joints takes each to be where the model found it.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from edge.config.settings import RuleSettings
from edge.report.analytics import rule_language as language
from edge.report.analytics.base import Detector, EventKind, Registration, State, Trigger, state_by_person
from edge.report.analytics.body.body import Body, Point
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.rule_language import (
    MIDDLES,
    And,
    Comparison,
    Fact,
    For,
    Not,
    Or,
    Relation,
    Rule,
    facts_in,
    is_of_person,
    parse,
)
from edge.report.analytics.signal.debounce import Debounce
from edge.report.analytics.signal.kleene import HoldLast, Truth, all_of, any_of, opposite
from edge.report.analytics.signal.on_delay import OnDelay
from edge.report.fields import ByName, Entity, Flag, Text

_RELEASE_S = 0.5
"""Time for which a rule must be false before it counts as false, as for a lowered hand."""
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TOWARDS = {"above": (1, 1), "below": (1, -1), "left of": (0, 1), "right of": (0, -1)}
"""The axis (0: x, 1: y), and the sign of the way to the other joint along it."""


class _Known:
    """The state of the other detectors at one time, collected when a rule asks."""

    def __init__(self, others: Sequence[Detector]) -> None:
        self._others = others

    @cached_property
    def room(self) -> State:
        return {key: value for other in self._others for key, value in other.state.items()}

    @cached_property
    def by_person(self) -> dict[int, State]:
        """The state of each person, by id."""
        found: dict[int, State] = {}
        for other in self._others:
            for number, state in state_by_person(other).items():
                found.setdefault(number, {}).update(state)
        return found


class Sample(NamedTuple):
    """The room at ``now`` s, or one person in it."""

    now: float
    known: _Known
    body: Body | None = None


_Ask = Callable[[Sample], Truth]


class Rules:
    """``rules``: by name, whether each is true of anybody."""

    def __init__(self, settings: Sequence[RuleSettings], facts: Mapping[str, Fact], others: Sequence[Detector]) -> None:
        rules = {rule.name: parse(rule.when, facts) for rule in settings}
        self._rules = [_Named(name, rule, facts) for name, rule in rules.items()]
        keys = {facts[fact].key for rule in rules.values() for fact in facts_in(rule)}
        self._others = [other for other in others if not keys.isdisjoint(other.state)]

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``rule`` with its name, and the person, when one becomes true of anybody."""
        known = _Known(self._others)
        looks = {body.id: Sample(now, known, body) for body in people}
        found = [rule.update(Sample(now, known), looks, people) for rule in self._rules]
        return [event for event in found if event]

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return {"rules": {rule.name: rule.value for rule in self._rules}}


class _Named:
    """One rule, evaluated for the room and for each person."""

    def __init__(self, name: str, rule: Rule, facts: Mapping[str, Fact]) -> None:
        self.name = name
        self._is_of_person = is_of_person(rule, facts)
        of_room: dict[int, _Ask] = {}
        self._room = _Evaluation(_asking(rule, facts, of_room))
        self._each = PerPerson(lambda: _Evaluation(_asking(rule, facts, of_room)))
        self._lately = HoldLast()
        self._hold = Debounce(0.0, _RELEASE_S)

    @property
    def value(self) -> Truth:
        return self._hold.value

    def update(self, room: Sample, looks: Mapping[int, Sample], people: Sequence[Body]) -> Event | None:
        """Return an event when the rule becomes true; for people out of sight it stays as it was for a while."""
        # For a rule about persons too: its parts about the room go on, whoever is there.
        self._room.update(room)
        seen = self._each.see(people, room.now)
        for body, evaluation in seen:
            evaluation.update(looks[body.id])
        asked = list(self._each.values()) if self._is_of_person else [self._room]
        truth = self._lately.update(any_of(evaluation.truth for evaluation in asked), room.now)
        if truth is None:
            self._hold = Debounce(0.0, _RELEASE_S)
        elif self._hold.update(truth, room.now) and truth:
            who = next((body for body, evaluation in seen if self._is_of_person and evaluation.truth), None)
            said = Event("rule", details={"rule": self.name})
            return replace(said, person=who.id, confidence=who.score) if who else said
        return None


class _Evaluation:
    """``truth`` of a rule for one person, or for the room."""

    def __init__(self, ask: _Ask) -> None:
        self._ask = ask
        self.truth: Truth = None

    def update(self, look: Sample) -> None:
        self.truth = self._ask(look)


def _asking(rule: Rule, facts: Mapping[str, Fact], of_room: dict[int, _Ask]) -> _Ask:
    """Compile a rule to a function, which remembers what lasts.

    Every part is evaluated each time.

    Args:
        rule: The rule, or a part of one.
        facts: All that there are, by name.
        of_room: The parts that last in the room, by column; they are added here, and shared by all people.

    Returns:
        The function.
    """
    match rule:
        case Relation():
            return lambda look: _is_there(rule, look)
        case language.Flag() | Comparison():
            of_person = facts[rule.fact].of_person
            return lambda look: _is_fact(rule, of_person, look)
        case Not(part):
            ask = _asking(part, facts, of_room)
            return lambda look: opposite(ask(look))
        case And(parts) | Or(parts):
            asks = [_asking(part, facts, of_room) for part in parts]
            together = all_of if isinstance(rule, And) else any_of
            return lambda look: together([ask(look) for ask in asks])
        case For(part, seconds, column):
            if column in of_room:
                return of_room[column]
            ask, lasting = _asking(part, facts, of_room), OnDelay(seconds)

            def lasts(look: Sample) -> Truth:
                return lasting.update(ask(look), look.now)

            if not is_of_person(part, facts):
                of_room[column] = lasts
            return lasts


def _is_fact(asked: language.Flag | Comparison, of_person: bool, look: Sample) -> Truth:
    if not of_person:
        found = look.known.room.get(asked.fact)
    else:
        found = look.known.by_person.get(look.body.id, {}).get(asked.fact) if look.body else None
    if found is None or isinstance(asked, language.Flag):
        return found
    # Zones overlap: of each by its name it is known whether somebody is there.
    if isinstance(found, Mapping):
        inside: Truth = found.get(asked.value)
        return inside if asked.sign == "==" else opposite(inside)
    return _SIGNS[asked.sign](found, asked.value)


def _is_there(asked: Relation, look: Sample) -> Truth:
    if not look.body:
        return None
    one, other = (_point(look.body, joint) for joint in (asked.joint, asked.other))
    if not (one and other) or (asked.by and not look.body.standing_height):
        return None
    axis, sign = _TOWARDS[asked.relation]
    return sign * (other[axis] - one[axis]) > asked.by * (look.body.standing_height or 0.0)


def _point(body: Body, joint: str) -> Point | None:
    found: Point | None = getattr(body, joint) if joint in MIDDLES else body.point(joint)
    return found


REGISTRATION = Registration(
    section="rule",
    is_wanted=lambda settings: settings.rule,
    make=lambda context: Rules(context.settings.rule, context.facts, context.others),
    state={
        "rules": ByName(
            section="rule",
            help="whether each is true of anybody",
            of=Flag(entity=Entity("binary_sensor", "{}", {"icon": "mdi:scale-balance"})),
        )
    },
    events={"rule": EventKind("a rule becomes true", {"rule": Text(help="its name")}, [Trigger("{}: rule applies")])},
    order=100,
)
