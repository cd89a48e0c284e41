"""The interface of detectors, and their registration with the rest of the program."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, cast

from edge.config.settings import Settings
from edge.geometry.ground_plane import Floor
from edge.report.analytics.body.body import SIDES, Body
from edge.report.analytics.event import Event
from edge.report.analytics.rule_language import Fact
from edge.report.fields import Field, Number, Words

State = dict[str, Any]
"""Parts of the one object on ``state``; a value is None while it is not known."""

LONGEST_S = 999_999
"""Longest duration that an event tells, s: 11 days."""
DURATION = Number(low=0, high=LONGEST_S, unit="s")
SIDE = Words(allowed=SIDES, help="the person's own")


class Detector(Protocol):
    """Concludes something from the people that are seen.

    A new one knows nothing; it is replaced by a new one after a while without a useful frame.
    """

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Take in one frame.

        Args:
            people: Everybody who is seen and counts.
            now: Monotonic time, s; never smaller than the last time.

        Returns:
            What happened.
        """
        ...

    @property
    def state(self) -> State:
        """The present state; always the same keys."""
        ...


def state_by_person(detector: Detector) -> Mapping[int, State]:
    """Return what a detector knows of single people, by id: its ``by_person``, which only some have."""
    found: Mapping[int, State] = getattr(detector, "by_person", {})
    return found


class Lasting(Detector, Protocol):
    """A detector that is kept while the camera is blind, instead of being replaced by a new one."""

    def resume(self) -> None:
        """Go on after a blind stretch: what was certain stays, and nothing else counts any more."""
        ...


def lasting(detector: Detector) -> Lasting | None:
    """Return a detector that is kept while the camera is blind; None for any other."""
    return cast(Lasting, detector) if hasattr(detector, "resume") else None


class Trigger(NamedTuple):
    """A device trigger that Home Assistant offers for an event; one for each zone, line or rule where there are some.

    Attributes:
        name: In English; ``{}`` in it stands for the name of the zone, line or rule.
        detail: A detail of the event that must be ``word``; empty: it may have any details.
        word: The value of that detail.
        needs: The setting of that zone, line or rule without which it never happens; empty: none.
    """

    name: str
    detail: str = ""
    word: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event.

    Attributes:
        help: When it happens: one line of Markdown.
        details: The fields that only this kind has.
        triggers: What Home Assistant offers automations to start from; empty: nothing but its event entity.
    """

    help: str
    details: Mapping[str, Field] = field(default_factory=dict)
    triggers: Sequence[Trigger] = ()


class RuleFact(NamedTuple):
    """A fact that rules can ask a detector for.

    Attributes:
        key: Of ``state``, whose field says what the fact can be: true or false, a number, one of some words, or the
            name of a zone.
        of_person: ``by_person`` has it for each person; otherwise it is taken from ``state``.
    """

    key: str
    of_person: bool = False


class Context(NamedTuple):
    """The parts that a detector may be made of.

    Attributes:
        settings: All settings.
        floor: Where it is known.
        facts: What rules can ask for with these settings.
        others: The detectors that are asked before this one.
    """

    settings: Settings
    floor: Floor | None
    facts: Mapping[str, Fact]
    others: Sequence[Detector]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Everything that the rest of the program knows of a detector: ``REGISTRATION`` of each module in ``detectors``.

    Attributes:
        section: The section of the settings that switches it on.
        make: Makes the detector.
        settings: The dataclass of the section, if the detector has its own: with ``enabled``, and a default for all.
        is_wanted: Whether the settings ask for it, if it has no section of its own.
        state: Its values on ``state``, by key.
        events: The kinds of events that it emits, by name.
        facts: What rules can ask it for, by name.
        needs_frame_rate: It has to see movement, and knows nothing where there are too few frames.
        order: Detectors of a lower number are asked earlier, and stand earlier in the docs.
    """

    section: str
    make: Callable[[Context], Detector]
    settings: type[Any] | None = None
    is_wanted: Callable[[Settings], object] | None = None
    state: Mapping[str, Field] = field(default_factory=dict)
    events: Mapping[str, EventKind] = field(default_factory=dict)
    facts: Mapping[str, RuleFact] = field(default_factory=dict)
    needs_frame_rate: bool = False
    order: int = 50

    def is_on(self, settings: Settings) -> bool:
        """Tell whether these settings switch it on."""
        if self.settings:
            return bool(settings.section(self.settings).enabled)
        return bool(self.is_wanted and self.is_wanted(settings))
