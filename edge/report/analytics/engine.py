"""Run all detectors: give each the people that count, and forget everything after a while without a useful frame."""

from functools import partial
from typing import Any

from edge import wire
from edge.config.settings import SENSITIVITIES, Settings
from edge.config.shapes import find_floor
from edge.geometry.ground_plane import Floor
from edge.image_quality import SURE_HOLDS_S, blindness, is_sure
from edge.report.analytics.base import Context, Detector, State
from edge.report.analytics.body.body import Body, People
from edge.report.analytics.event import Event
from edge.report.analytics.frame_rate_guard import FrameRateGuard
from edge.report.analytics.registry import REGISTRATIONS, STATE, facts
from edge.report.fields import ByPerson

MIN_SCORES = dict(zip(SENSITIVITIES, (0.5, 0.25, 0.0), strict=True))
"""Least score of a person who counts, by ``people.sensitivity``. See docs/calibration.md."""
SILENT_AFTER = 5.0
"""Seconds without a useful frame after which nothing is known any more. Silence is not absence."""
_EVERY_S = 0.07
"""Least time between two frames for detectors that need no quick movement: at 15 frames a second every other one tells
as much, and ``report`` takes half as long."""
_WITHIN = 0.85
"""Part of its sure keypoints in an ignored polygon from which on a body belongs there. See docs/calibration.md."""


class Engine:
    """All detectors: ``see`` takes in each frame, ``hear`` each status line; ``state`` is what is known."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._floor = find_floor(settings.floor)
        self._people = People(self._floor)
        self._detectors = _make(settings, self._floor)
        self._unknown: State = {
            key: _nothing_of(value)
            for detector in self._detectors
            for key, value in detector.state.items()
            # Where no poses are shared, nothing is said of single persons either.
            if settings.publish.share != "events" or not isinstance(STATE[key], ByPerson)
        }
        self._seen_at: float | None = None
        self._asked_all_at: float | None = None
        self._unsealed = self._poor = False
        self._sure_at: float | None = None

    def see(self, frame: wire.FrameLine) -> list[Event]:
        """Take in a frame and return the events; frames out of order and useless ones are passed over."""
        now = frame.monotonic
        if self._unsealed or (self._seen_at is not None and now < self._seen_at) or not self._is_useful(frame):
            return []
        if self._seen_at is not None and now - self._seen_at > SILENT_AFTER:
            self._forget()
        self._seen_at = now
        bodies = self._people.see(frame.persons, (frame.width, frame.height), now)
        people = [body for body in bodies if self._is_real(body)]
        asked = self._detectors
        if self._asked_all_at is not None and now - self._asked_all_at < _EVERY_S:
            asked = [detector for detector in self._detectors if isinstance(detector, FrameRateGuard)]
        else:
            self._asked_all_at = now
        return [event for detector in asked for event in detector.update(people, now)]

    def hear(self, status: wire.StatusLine) -> None:
        """Take in a status line, which tells whether ``sense`` is sealed and the picture is poor."""
        self._unsealed = bool(status.breaches) and not self._settings.people.although_unsealed
        self._poor = bool(status.image_quality and blindness(status.image_quality))

    def state(self, now: float) -> State:
        """Return what is known at ``now`` (monotonic s); None for all, ``SILENT_AFTER`` s after a useful frame."""
        if self._seen_at is None or now - self._seen_at > SILENT_AFTER:
            return dict(self._unknown)
        return {
            key: value for detector in self._detectors for key, value in detector.state.items() if key in self._unknown
        }

    @property
    def keys(self) -> list[str]:
        """The keys of ``state``; detectors that are switched off have none."""
        return list(self._unknown)

    def _forget(self) -> None:
        self._people = People(self._floor)
        self._detectors = _make(self._settings, self._floor)
        self._asked_all_at = None

    def _is_useful(self, frame: wire.FrameLine) -> bool:
        """Tell whether a frame is useful: a poor picture only with somebody in it, and somebody sure of late."""
        # A poor picture with nobody in it is never taken for an empty room.
        if not self._poor:
            return True
        now, size = frame.monotonic, (frame.width, frame.height)
        real = [person for person in frame.persons if self._is_real(Body.of(person, size))]
        if any(is_sure(person.pose) for person in real):
            self._sure_at = now
        return bool(real) and self._sure_at is not None and now - self._sure_at <= SURE_HOLDS_S

    def _is_real(self, body: Body) -> bool:
        """Tell whether a body counts: sure enough, and not on a television; passing before one, it juts out."""
        if not body.centre or body.score < MIN_SCORES[self._settings.people.sensitivity]:
            return False
        return not any(body.share_inside(ignored.polygon) >= _WITHIN for ignored in self._settings.ignore)


def settings_followed(settings: Settings) -> tuple[object, ...]:
    """Return the part of the settings on which an engine depends."""
    places = (settings.zone, settings.line, settings.ignore, settings.exit, settings.rule)
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
    """Replace every value by None, and keep the names of objects by name."""
    return {name: _nothing_of(part) for name, part in value.items()} if isinstance(value, dict) and value else None
