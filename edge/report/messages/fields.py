"""The values on ``state`` and the details of events; a value that is not declared here is not published."""

from collections.abc import Mapping

from edge.config.analytics_settings import SENSITIVITIES
from edge.config.rules.facts import FACTS
from edge.geometry.ground_plane import FARTHEST
from edge.report.fields import ByName, ByPerson, Field, Flag, Group, Number, Point, Text, Words
from edge.wire import MAX_POSES

_SIDE = Words(allowed=("left", "right"))
_EXERCISE = Words(allowed=FACTS["exercise"].words)
_COUNT = Number(low=0, high=FACTS["repetitions"].high)
_TEMPO = Number(low=0, high=FACTS["tempo"].high)
_POSTURE = Words(allowed=FACTS["posture"].words)
_PEOPLE = Number(low=0, high=MAX_POSES)
_CROSSINGS = Number(low=0, high=10**9)
LONGEST = 999_999
"""Seconds that are told at most: 11 days."""
_SECONDS = Number(low=0, high=LONGEST)

STATE: Mapping[str, Field] = {
    "paused": Flag(),
    "sensitivity": Words(allowed=SENSITIVITIES),
    "places": Words(allowed=("settings", "asked")),
    "occupied": Flag(),
    "people": _PEOPLE,
    "zones": ByName(of=Group(parts={"occupied": Flag(), "people": _PEOPLE, "dwelling": Flag()})),
    "lines": ByName(of=Group(parts={"in": _CROSSINGS, "out": _CROSSINGS})),
    "hand_raised": Flag(),
    "both_hands_raised": Flag(),
    "waving": Flag(),
    "exercise": _EXERCISE,
    "repetitions": _COUNT,
    "tempo": _TEMPO,
    "posture": _POSTURE,
    "postures": ByPerson(of=_POSTURE),
    "fall": Flag(),
    "inactive": Flag(),
    "movement": Number(low=0, high=1, step=0.05),
    "approach": Words(allowed=FACTS["approach"].words),
    "positions": ByPerson(of=Point(low=-FARTHEST, high=FARTHEST, step=0.1)),
    "rules": ByName(of=Flag()),
}
"""Every key on ``state``: what came of what was asked, and what the meanings say."""
ASKED = ("paused", "sensitivity", "places")
"""Those that are what somebody asked for."""


EVENTS: Mapping[str, Mapping[str, Field]] = {
    "arrived": {},
    "left": {},
    "zone_entered": {},
    "zone_left": {},
    "zone_dwelling": {},
    "line_crossed": {"line": Text(), "direction": Words(allowed=("in", "out"))},
    "hand_raised": {"side": _SIDE},
    "both_hands_raised": {},
    "hand_lowered": {},
    "waving": {"side": _SIDE},
    "repetition": {"exercise": _EXERCISE, "count": _COUNT, "tempo": _TEMPO},
    "exercise_ended": {"exercise": _EXERCISE, "count": _COUNT},
    "posture_changed": {"from": _POSTURE, "to": _POSTURE},
    "fall_suspected": {},
    "fall_confirmed": {},
    "fall_recovered": {"seconds": _SECONDS},
    "inactive": {},
    "active_again": {"seconds": _SECONDS},
    "approaching": {},
    "leaving": {},
    "rule": {"rule": Text()},
}
"""Every kind of event there is, the last level of its topic ``event/<kind>``, with the details that only it has."""
