"""How much could be smuggled out: an upper bound on the bits that a taken-over ``sense`` controls.

Every field that it writes and that is published is counted at its full range and precision, at the highest rate that
the gate lets pass; so are the numbers of lines refused at the gate, which it can choose too. The true figure is lower,
since most such messages would look absurd; the bound is what can be proved. It says nothing about the wall itself,
which is what keeps pictures in: see docs/privacy.md.
"""

from math import ceil, comb, log2
from typing import NamedTuple

from edge.config.settings import Settings
from edge.pose import FACE_NAMES, KEYPOINT_COUNT
from edge.report.analytics.engine import Engine
from edge.report.analytics.event import EVENT_RATE
from edge.report.analytics.registry import EVENTS, names_of
from edge.report.fields import Counts
from edge.report.ingress.gate import STATUS_RATE, line_rate
from edge.report.messages.event import EVENT
from edge.report.messages.health import FROM_SENSE, HEALTH
from edge.report.messages.message import PERSON_ID, SCORE
from edge.report.messages.poses import KEYPOINT, POSES
from edge.report.messages.state import APART, OF_SENSE, STATE
from edge.wire import REASONS

HEALTH_EVERY = 1.0
"""Seconds between two health messages at least, however often the state changes."""
THUMBNAIL_BYTES = 2048
"""A small JPEG of a face."""
_STALE_MILLISECONDS = 4000
"""Time stamps lie within two seconds of the gate's own clock, either way, to the millisecond."""


class LeakBound(NamedTuple):
    """Bits a second, at most, by the way they would take."""

    poses: float
    state: float
    events: float
    health: float
    metrics: float

    @property
    def total(self) -> float:
        """All ways together."""
        return sum(self)

    @property
    def thumbnail_seconds(self) -> float:
        """Seconds that one 2 KB picture would take."""
        return 8 * THUMBNAIL_BYTES / self.total


def leak_bound(settings: Settings) -> LeakBound:
    """Compute the bound for what these settings publish, and how often."""
    return LeakBound(
        poses=_poses_bits(settings) * line_rate(settings),
        state=_state_bits(settings) / APART,
        events=_event_bits(settings) * EVENT_RATE,
        health=_health_bits(settings) / HEALTH_EVERY,
        metrics=_health_bits(settings) / HEALTH_EVERY if settings.metrics.listen else 0.0,
    )


def _poses_bits(settings: Settings) -> float:
    """Count the bits of one message on ``poses``."""
    if settings.publish.share == "events":
        return 0.0
    keypoints = KEYPOINT_COUNT - (len(FACE_NAMES) if settings.publish.share == "body" else 0)
    # Which part a keypoint is follows from its place in the list.
    keypoint = sum(KEYPOINT.parts[name].bits(0, 0) for name in ("position", "score"))
    pose = PERSON_ID.bits(0, 0) + SCORE.bits(0, 0) + keypoints * keypoint
    most = settings.decode.max_poses if settings.decode.mode == "multi" else 1
    frame = sum(POSES.fields[name].bits(0, 0) for name in ("sequence", "image"))
    return frame + log2(_STALE_MILLISECONDS) + log2(most + 1) + most * pose


def _state_bits(settings: Settings) -> float:
    """Count the bits of one message on ``state``, and which half second it is said in, to the millisecond."""
    fields = [STATE[key] for key in (*OF_SENSE, *Engine(settings).keys)]
    most = settings.decode.max_poses
    return sum(field.bits(len(names_of(field, settings)), most) for field in fields) + log2(1000)


def _event_bits(settings: Settings) -> float:
    """Count the bits of one message on ``event/<kind>``, and when it is said, to the millisecond."""
    names = len(settings.zone) + len(settings.line) + len(settings.rule)
    details = max(sum(each.bits(names, 0) for each in kind.details.values()) for kind in EVENTS.values())
    common = sum(EVENT.fields[name].bits(names, 0) for name in ("kind", "id", "zone", "people", "confidence"))
    return common + details + log2(1000 / EVENT_RATE)


def _health_bits(settings: Settings) -> float:
    """Count the bits of one message on ``health``, and when it is said, to the millisecond."""
    repeated = sum(HEALTH.fields[name].bits(0, 0) for name in FROM_SENSE)
    # Refused since the last message: any number of lines beyond the rate, and of those that the rate lets pass each for
    # one of the other reasons or not at all. Bursts change nothing over a longer time, as the logarithm is concave.
    others, lines = len(REASONS) - 1, ceil((line_rate(settings) + STATUS_RATE) * HEALTH_EVERY)
    refused = Counts(allowed=("too_fast",)).bits(0, 0) + log2(comb(lines + others, others))
    # A line each may say that it started again; events beyond the rate come of lines as well, several of each.
    incidents = log2(lines + 1) + Counts(allowed=("events_over_rate",)).bits(0, 0)
    return repeated + refused + incidents + log2(1000 * HEALTH_EVERY)
