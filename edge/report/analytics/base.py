"""What every meaning is: something that looks at people, remembers a little, and says what it makes of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event

State = dict[str, Any]
"""Parts of the one object on ``state``; a value is None while it is not known."""


class Detector(Protocol):
    """One thing that poses mean. A new one knows nothing; it is thrown away whenever nobody looked for a while."""

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """What happened, from who is seen at ``now`` (monotonic s, never smaller than the last time)."""
        ...

    @property
    def state(self) -> State:
        """What is so at present; the same keys always."""
        ...


def each_of(meaning: Detector) -> Mapping[int, State]:
    """What a meaning says of single people, by id: its ``each``, which only some have."""
    found: Mapping[int, State] = getattr(meaning, "each", {})
    return found
