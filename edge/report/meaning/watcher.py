"""Puts the meanings to work: gives each the people that are real, and forgets all when nobody looked for a while."""

from collections.abc import Iterator

from edge import wire
from edge.polygon import contains
from edge.report.meaning.body import Body
from edge.report.meaning.event import Event
from edge.report.meaning.hands import Hands
from edge.report.meaning.meaning import Meaning, State
from edge.report.meaning.pace import WhenFast
from edge.report.meaning.presence import Presence
from edge.report.meaning.repetitions import Repetitions
from edge.report.meaning.rules import Rules
from edge.report.meaning.waving import Waving
from edge.settings import Settings
from edge.sight import blindness

SILENT_AFTER = 5.0
"""Seconds without a useful picture after which nothing is known any more. Silence is not absence."""


class Watcher:
    """``see`` each frame and ``hear`` each status line; ``state`` is what is known at a moment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._meanings = _make(settings)
        self._unknown = {key: None for meaning in self._meanings for key in meaning.state}
        self._seen_at: float | None = None
        self._blind = False

    def see(self, frame: wire.FrameLine) -> list[Event]:
        """What happened, from one frame; frames out of order and those of a blind camera say nothing."""
        now = frame.monotonic
        if self._blind or (self._seen_at is not None and now < self._seen_at):
            return []
        if self._seen_at is not None and now - self._seen_at > SILENT_AFTER:
            self._forget()
        self._seen_at = now
        people = [body for person in frame.persons if self._is_real(body := Body(person, (frame.width, frame.height)))]
        return [event for meaning in self._meanings for event in meaning.update(people, now)]

    def hear(self, status: wire.StatusLine) -> None:
        """Frames of a picture that shows nothing, or that come out of a broken cell, say nothing either."""
        self._blind = bool(status.breaches) or bool(status.sight and blindness(status.sight))

    def state(self, now: float) -> State:
        """All that is known at ``now`` (monotonic s); every value None once nobody looked for ``SILENT_AFTER`` s."""
        if self._seen_at is None or now - self._seen_at > SILENT_AFTER:
            return dict(self._unknown)
        return {key: value for meaning in self._meanings for key, value in meaning.state.items()}

    def _forget(self) -> None:
        self._meanings = _make(self._settings)

    def _is_real(self, body: Body) -> bool:
        """Whether it isn't on a television, in a mirror, or on a poster."""
        if not body.centre:
            return False
        where = body.fraction(body.centre)
        return not any(contains(ignored.polygon, *where) for ignored in self._settings.ignore)


def _make(settings: Settings) -> list[Meaning]:
    """The meanings that are switched on, knowing nothing; rules come last, they ask all others."""
    made = list(_of_poses(settings))
    return [*made, Rules(settings, made)] if settings.rule else made


def _of_poses(settings: Settings) -> Iterator[Meaning]:
    if settings.presence.enabled:
        yield Presence(settings.presence)
    if settings.hands.enabled:
        yield Hands(settings.hands)
    if settings.waving.enabled:
        yield WhenFast(lambda: Waving(settings.waving))
    if settings.repetitions.enabled:
        yield WhenFast(lambda: Repetitions(settings.repetitions))
