"""Raised hands: a switch for "help" without a switch.

Wrong if an arm is stretched for another reason, to a shelf or a curtain. Unknown for people who lie, since an arm
beyond the head looks like one in the air.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.settings import SECONDS, setting
from edge.geometry.anthropometry import EYES, SHOULDERS
from edge.report.analytics.base import SIDE, EventKind, Registration, RuleFact, State, Trigger
from edge.report.analytics.body.body import SIDES, Body
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.signal.debounce import Debounce
from edge.report.analytics.signal.kleene import HoldLast, Truth, all_of, any_of
from edge.report.fields import OFF_AT_FIRST, Entity, Flag


@dataclass(frozen=True, slots=True)
class HandsSettings:
    """Detection of raised hands."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    hold: float = setting(1.0, **SECONDS)
    """Seconds for which a hand must be up before it counts as raised."""
    above: float = setting(0.12, low=-0.2, high=0.3)
    """Body heights by which the wrist must be above the middle of the face; the crown is 0.07 above it, a hand beside
    the head 0.05, one stretched upwards 0.23."""


_SHOULDER_TO_FACE = EYES - SHOULDERS
"""Body heights from the shoulder up to the middle of the face."""
_RELEASE_S = 0.5
"""Time for which a hand must be down before it counts as lowered."""


class RaisedHand:
    """``hand_raised`` (one or both) and ``both_hands_raised``, of anybody."""

    def __init__(self, settings: HandsSettings) -> None:
        self._each = PerPerson(lambda: _Pair(settings))

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``hand_raised`` with its side or ``both_hands_raised``, and ``hand_lowered`` when neither is up.

        Returns:
            The events. A person who goes out of sight with a raised hand has lowered none.
        """
        found = [pair.update(body, now) for body, pair in self._each.see(people, now)]
        return [event for event in found if event]

    @property
    def by_person(self) -> dict[int, State]:
        """State of each person, by id."""
        return {number: pair.state for number, pair in self._each.items()}

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        pairs = self.by_person.values()
        return {key: any_of(pair[key] for pair in pairs) for key in ("hand_raised", "both_hands_raised")}


class _Pair:
    """The hands of one person."""

    def __init__(self, settings: HandsSettings) -> None:
        self._settings = settings
        self._up = {side: HoldLast() for side in SIDES}
        self._forget()

    def _forget(self) -> None:
        self._any, self._both = Debounce(self._settings.hold, _RELEASE_S), Debounce(self._settings.hold, _RELEASE_S)
        self._said = False

    def update(self, body: Body, now: float) -> Event | None:
        """Take in one frame. If both hands rise together, only ``both_hands_raised`` is emitted."""
        seen = {side: None if body.upright_lately is False else self._is_up(body, side) for side in SIDES}
        up = {side: self._up[side].update(seen[side], now) for side in SIDES}
        one, both = any_of(up.values()), all_of(up.values())
        if one is None:
            self._forget()
            return None
        self._any.update(one, now)
        both_changed = both is not None and self._both.update(both, now)
        if self._both.value and both_changed:
            return self._say("both_hands_raised", body)
        # A hand that is just coming down counts as up for a moment, but there is no side to name any more.
        if self._any.value and one and not self._said and not both:
            return self._say("hand_raised", body, side=next(side for side in SIDES if up[side]))
        if self._said and not self._any.value:
            return self._say("hand_lowered", body)
        return None

    def _say(self, kind: str, body: Body, **details: str) -> Event:
        self._said = kind != "hand_lowered"
        return Event(kind, body.id, confidence=body.score, details=details)

    def _is_up(self, body: Body, side: str) -> Truth:
        (shoulder, _, wrist), tall = body.arm(side), body.standing_height
        if not tall:
            return None
        # A model knows three times as well where a face is as where a shoulder is.
        if wrist and body.head:
            return body.head.y - wrist.y > self._settings.above * tall
        if wrist and shoulder:
            return shoulder.y - wrist.y > (self._settings.above + _SHOULDER_TO_FACE) * tall
        return None

    @property
    def state(self) -> State:
        return {"hand_raised": self._any.value, "both_hands_raised": self._both.value}


_ONE = Entity("binary_sensor", "Hand raised", {"icon": "mdi:hand-back-right", **OFF_AT_FIRST})
_BOTH = Entity("binary_sensor", "Both hands raised", {"icon": "mdi:human-handsup", **OFF_AT_FIRST})

REGISTRATION = Registration(
    section="hands",
    settings=HandsSettings,
    make=lambda context: RaisedHand(context.settings.section(HandsSettings)),
    state={
        "hand_raised": Flag(help="somebody raises a hand", entity=_ONE),
        "both_hands_raised": Flag(help="somebody raises both hands", entity=_BOTH),
    },
    events={
        "hand_raised": EventKind("somebody has raised one hand", {"side": SIDE}, [Trigger("Hand raised")]),
        "both_hands_raised": EventKind("somebody has raised both hands", triggers=[Trigger("Both hands raised")]),
        "hand_lowered": EventKind("neither hand is up any more"),
    },
    facts={name: RuleFact(name, of_person=True) for name in ("hand_raised", "both_hands_raised")},
)
