"""Run all detectors: give each the people that count, and forget everything after a while without a useful frame."""

from functools import partial
from typing import Any

from edge import wire
from edge.config.settings import SENSITIVITIES, Settings
from edge.geometry.ground_plane import Floor, find_floor
from edge.image_quality import LATELY, blindness, is_sure
from edge.report.analytics.base import Context, Detector, State
from edge.report.analytics.body.body import Body, People
from edge.report.analytics.event import Event
from edge.report.analytics.frame_rate_guard import FrameRateGuard
from edge.report.analytics.registry import REGISTRATIONS, STATE, facts
from edge.report.fields import ByPerson

MIN_SCORES = dict(zip(SENSITIVITIES, (0.5, 0.25, 0.0), strict=True))
"""Score of a person who counts, by ``people.sensitivity``: who is seen in part, or small, has less than 0.5; below 0.25
there are few people in photos of homes, and hardly more chairs and coats than above it."""
SILENT_AFTER = 5.0
"""Seconds without a useful picture after which nothing is known any more. Silence is not absence."""
_EVERY = 0.07
"""Seconds between two looks at least of what needs no quick movement: half of 15 frames a second tell as much."""
_WITHIN = 0.85
"""The part of its sure points in an ignored polygon from which on a body belongs there. In the scene ``tv``, with noise
and a tight polygon, at least 0.93 of who is on the screen; at most 0.81 of who sits 0.4 m before a screen of 1.4 m."""


class Engine:
    """``see`` each frame and ``hear`` each status line; ``state`` is what is known at a moment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._floor = find_floor(settings.floor)
        self._people = People(self._floor)
        self._meanings = _make(settings, self._floor)
        self._unknown: State = {
            key: _nothing_of(value)
            for meaning in self._meanings
            for key, value in meaning.state.items()
            # Where no poses are shared, nothing is said of single persons either.
            if settings.publish.share != "events" or not isinstance(STATE[key], ByPerson)
        }
        self._seen_at: float | None = None
        self._asked_all_at: float | None = None
        self._unsealed = self._poor = False
        self._sure_at: float | None = None

    def see(self, frame: wire.FrameLine) -> list[Event]:
        """What happened, from one frame; frames out of order and those that show nothing say nothing."""
        now = frame.monotonic
        if self._unsealed or (self._seen_at is not None and now < self._seen_at) or not self._is_useful(frame):
            return []
        if self._seen_at is not None and now - self._seen_at > SILENT_AFTER:
            self._forget()
        self._seen_at = now
        bodies = self._people.see(frame.persons, (frame.width, frame.height), now)
        people = [body for body in bodies if self._is_real(body)]
        asked = self._meanings
        if self._asked_all_at is not None and now - self._asked_all_at < _EVERY:
            asked = [meaning for meaning in self._meanings if isinstance(meaning, FrameRateGuard)]
        else:
            self._asked_all_at = now
        return [event for meaning in asked for event in meaning.update(people, now)]

    def hear(self, status: wire.StatusLine) -> None:
        """Frames that come out of a broken cell say nothing, nor do those of a poor picture without a sure body."""
        self._unsealed = bool(status.breaches) and not self._settings.people.although_unsealed
        self._poor = bool(status.sight and blindness(status.sight))

    def state(self, now: float) -> State:
        """All that is known at ``now`` (monotonic s); every value None once nobody looked for ``SILENT_AFTER`` s."""
        if self._seen_at is None or now - self._seen_at > SILENT_AFTER:
            return dict(self._unknown)
        return {
            key: value for meaning in self._meanings for key, value in meaning.state.items() if key in self._unknown
        }

    @property
    def keys(self) -> list[str]:
        """Of ``state``; what is switched off has none."""
        return list(self._unknown)

    def _forget(self) -> None:
        self._people = People(self._floor)
        self._meanings = _make(self._settings, self._floor)
        self._asked_all_at = None

    def _is_useful(self, frame: wire.FrameLine) -> bool:
        """Whether a frame tells who is there: in a poor picture only one with somebody in it, and somebody sure lately.

        A poor picture with nobody in it is never taken for an empty room.
        """
        if not self._poor:
            return True
        now, size = frame.monotonic, (frame.width, frame.height)
        real = [person for person in frame.persons if self._is_real(Body.of(person, size))]
        if any(is_sure(person.pose) for person in real):
            self._sure_at = now
        return bool(real) and self._sure_at is not None and now - self._sure_at <= LATELY

    def _is_real(self, body: Body) -> bool:
        """Whether it isn't a coat on a stand, or on a television: who only passes before one juts out of it."""
        if not body.centre or body.score < MIN_SCORES[self._settings.people.sensitivity]:
            return False
        return not any(body.share_inside(ignored.polygon) >= _WITHIN for ignored in self._settings.ignore)


def settings_followed(settings: Settings) -> tuple[object, ...]:
    """Return the part of the settings on which an engine depends."""
    places = (settings.zone, settings.line, settings.ignore, settings.rule)
    return settings.detectors, settings.people, settings.floor, places, settings.publish.share


def _make(settings: Settings, floor: Floor | None) -> list[Detector]:
    """Make the detectors that are switched on, knowing nothing."""
    made: list[Detector] = []
    known = facts(settings)
    for registration in REGISTRATIONS:
        if registration.is_on(settings):
            make = partial(registration.make, Context(settings, floor, known, tuple(made)))
            made.append(FrameRateGuard(make) if registration.needs_frame_rate else make())
    return made


def _nothing_of(value: Any) -> Any:
    """The same with None for whatever it says; by the same names, where there are some."""
    return {name: _nothing_of(part) for name, part in value.items()} if isinstance(value, dict) and value else None
