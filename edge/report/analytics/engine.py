"""Run all detectors: give each the people that count, and forget everything after a while without a useful frame."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from edge import wire
from edge.config.settings import SENSITIVITIES, Settings
from edge.config.shapes import find_floor
from edge.geometry.ground_plane import Floor
from edge.image_quality import BlindnessMonitor, ImageQuality, is_sure
from edge.report.analytics.base import NOTHING_OFF, Context, Detector, State, SwitchedOff, lasting
from edge.report.analytics.body.body import Body, People
from edge.report.analytics.event import Event
from edge.report.analytics.frame_rate_guard import FrameRateGuard
from edge.report.analytics.registry import REGISTRATIONS, STATE, facts
from edge.report.fields import ByPerson

MIN_SCORES = dict(zip(SENSITIVITIES, (0.5, 0.25, 0.0), strict=True))
"""Least score of a person who counts, by ``people.sensitivity``. See docs/calibration.md."""
SILENT_AFTER = 5.0
"""Seconds without a useful frame after which nothing is known any more. Silence is not absence. Where ``sense`` is too
slow, twice what it takes for a frame comes on top: it is so old when it comes, and so long there is no other."""
_OUTLASTED_S = 600.0
"""Longest blind stretch after which presence goes on as before; who comes after a longer one arrives."""
_EVERY_S = 0.07
"""Least time between two frames for detectors that need no quick movement: at 15 frames a second every other one tells
as much, and ``report`` takes half as long. Frames in which somebody comes or goes are never passed over: second looks
may show a body in every other frame only."""
_WITHIN = 0.85
"""Part of its sure keypoints in an ignored polygon from which on a body belongs there. See docs/calibration.md."""


class Engine:
    """All detectors: ``see`` takes in each frame, ``hear`` each status line; ``state`` is what is known."""

    def __init__(self, settings: Settings, off: SwitchedOff = NOTHING_OFF) -> None:
        self._settings, self._off = settings, off
        self._floor = find_floor(settings.floor)
        self._people = People(self._floor)
        self._detectors = _make(settings, off, self._floor, {})
        self._unknown = self._nothing()
        self._came_at: float | None = None
        self._seen_at: float | None = None
        self._asked_all_at: float | None = None
        self._asked_ids: set[int] = set()
        self._unsealed = False
        self._silent_after = SILENT_AFTER
        self._has_picture = False
        self._monitor = BlindnessMonitor()

    def _nothing(self) -> State:
        """The state of which nothing is known."""
        return {
            key: _nothing_of(value)
            for detector in self._detectors.values()
            for key, value in detector.state.items()
            # Where no poses are shared, nothing is said of single persons either.
            if self._settings.publish.share != "events" or not isinstance(STATE[key], ByPerson)
        }

    def switch(self, off: SwitchedOff, sensitivity: str) -> None:
        """Switch detectors and zones off and on; the others go on as if nothing had happened.

        Args:
            off: What is off from now on. What comes back knows nothing of what was meanwhile.
            sensitivity: ``people.sensitivity`` from now on.
        """
        before = self._settings.people.sensitivity
        if (off, sensitivity) == (self._off, before):
            return
        self._off = off
        self._settings = replace(self._settings, people=replace(self._settings.people, sensitivity=sensitivity))
        former = dict(self._detectors)
        for registration in REGISTRATIONS if sensitivity != before else ():
            if registration.follows_sensitivity:
                former.pop(registration.section, None)
        self._detectors = _make(self._settings, off, self._floor, {}, former)
        self._unknown = self._nothing()
        self._asked_all_at = None

    def see(self, frame: wire.FrameLine) -> list[Event]:
        """Take in a frame and return the events; frames out of order and useless ones are passed over."""
        now = frame.monotonic
        if self._unsealed or (self._came_at is not None and now < self._came_at):
            return []
        if self._came_at is not None and now - self._came_at > self._silent_after:
            self._forget()
        self._came_at = now
        if not self._is_useful(frame):
            return []
        if self._seen_at is not None and now - self._seen_at > self._silent_after:
            self._forget(but_for_lasting=now - self._seen_at <= _OUTLASTED_S)
        self._seen_at = now
        bodies = self._people.see(frame.persons, (frame.width, frame.height), now)
        people = [body for body in bodies if self._is_real(body)]
        asked = list(self._detectors.values())
        ids = {body.id for body in people}
        if self._asked_all_at is not None and now - self._asked_all_at < _EVERY_S and ids == self._asked_ids:
            asked = [detector for detector in asked if isinstance(detector, FrameRateGuard)]
        else:
            self._asked_all_at, self._asked_ids = now, ids
        return [event for detector in asked for event in detector.update(people, now)]

    def hear(self, status: wire.StatusLine) -> None:
        """Take in a status line, which tells whether ``sense`` is sealed and too slow, and how good the picture is."""
        self._silent_after = SILENT_AFTER + 2 * status.lateness
        self._unsealed = bool(status.breaches) and not self._settings.people.although_unsealed
        self.judge(status.image_quality, status.monotonic)

    def judge(self, quality: ImageQuality | None, now: float) -> None:
        """Take in the quality of a picture at ``now`` (monotonic s); None where it is not known."""
        if self._settings.people.blindness:
            self._has_picture = quality is not None
            self._monitor.measured(quality, now)

    def blindness(self, now: float) -> str | None:
        """Tell why nobody can be seen at ``now`` (monotonic s).

        Returns:
            One of ``edge.image_quality.BLINDNESSES``; empty if people can be seen, None if that is not known, or
            switched off.
        """
        return self._monitor.blindness(now) if self._has_picture else None

    def state(self, now: float) -> State:
        """Return what is known at ``now`` (monotonic s); None for all, some time after the last useful frame."""
        if self._seen_at is None or now - self._seen_at > self._silent_after:
            return dict(self._unknown)
        return {
            key: value
            for detector in self._detectors.values()
            for key, value in detector.state.items()
            if key in self._unknown
        }

    @property
    def people(self) -> int | None:
        """How many people are there by the last useful frame; None where that is not known, or switched off."""
        presence = self._detectors.get("presence")
        found: int | None = presence.state["people"] if presence else None
        return found

    @property
    def keys(self) -> list[str]:
        """The keys of ``state``; detectors that are switched off have none."""
        return list(self._unknown)

    def _forget(self, but_for_lasting: bool = False) -> None:
        kept: dict[str, Detector] = {}
        for name, detector in self._detectors.items() if but_for_lasting else ():
            if outlasts := lasting(detector):
                outlasts.resume()
                kept[name] = outlasts
        self._people = People(self._floor)
        self._detectors = _make(self._settings, self._off, self._floor, kept)
        self._asked_all_at = self._seen_at = None

    def _is_useful(self, frame: wire.FrameLine) -> bool:
        """Tell whether a frame is useful: a poor picture only with somebody in it, and somebody sure of late."""
        # A poor picture with nobody in it is never taken for an empty room.
        if not self._monitor.is_poor:
            return True
        now, size = frame.monotonic, (frame.width, frame.height)
        real = [person for person in frame.persons if self._is_real(Body.of(person, size))]
        if any(is_sure(person.pose) for person in real):
            self._monitor.found_sure_body(now)
        return bool(real) and self._monitor.is_proven(now)

    def _is_real(self, body: Body) -> bool:
        """Tell whether a body counts: sure enough, and not on a television; passing before one, it juts out."""
        if not body.centre or body.score < MIN_SCORES[self._settings.people.sensitivity]:
            return False
        return not any(body.share_inside(ignored.polygon) >= _WITHIN for ignored in self._settings.ignore)


def settings_followed(settings: Settings) -> tuple[object, ...]:
    """Return the part of the settings on which an engine depends, besides what ``Engine.switch`` takes."""
    people = replace(settings.people, sensitivity=SENSITIVITIES[0])
    places = (settings.zone, settings.line, settings.ignore, settings.exit, settings.rule)
    return settings.detectors, people, settings.floor, places, settings.publish.share


def _make(
    settings: Settings,
    off: SwitchedOff,
    floor: Floor | None,
    kept: Mapping[str, Detector],
    former: Mapping[str, Detector] | None = None,
) -> dict[str, Detector]:
    """Make the detectors that are switched on, by section.

    Args:
        settings: All settings.
        off: What is switched off nevertheless.
        floor: Where it is known.
        kept: Detectors that are taken as they are.
        former: Detectors that go on after something was switched: as they are, or replaced by one that takes over what
            they knew, where they depend on others or on zones.

    Returns:
        The detectors; those of neither ``kept`` nor ``former`` know nothing.
    """
    made: dict[str, Detector] = {}
    known, former = facts(settings), former or {}
    settings = replace(settings, zone=tuple(zone for zone in settings.zone if zone.name not in off.zones))
    for registration in REGISTRATIONS:
        section = registration.section
        if not registration.is_on(settings) or section in off.detectors:
            continue
        goes_on = former.get(section)
        make = partial(registration.make, Context(settings, floor, known, tuple(made.values()), goes_on))
        if section in kept:
            made[section] = kept[section]
        elif goes_on and not registration.takes_over:
            made[section] = goes_on
        else:
            made[section] = FrameRateGuard(make) if registration.needs_frame_rate else make()
    return made


def _nothing_of(value: Any) -> Any:
    """Replace every value by None, and keep the names of objects by name."""
    return {name: _nothing_of(part) for name, part in value.items()} if isinstance(value, dict) and value else None
