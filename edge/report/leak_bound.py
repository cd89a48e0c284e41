"""How much could be smuggled out: an upper bound on the bits that a taken-over sensing room controls.

Every field that it writes and that is published is counted at its full range and precision, at the highest rate that
the gate lets pass. The true figure is lower, since most such messages would look absurd; the bound is what can be
proved. It says nothing about the wall itself, which is what keeps pictures in: see docs/privacy.md.
"""

from math import factorial, log2
from typing import NamedTuple

from edge import wire
from edge.config.settings import Settings
from edge.pose import FACE_NAMES, KEYPOINT_COUNT
from edge.report.analytics.engine import Engine
from edge.report.analytics.event import EVENT_RATE
from edge.report.analytics.registry import EVENTS, names_of
from edge.report.ingress.gate import line_rate
from edge.report.messages.quantize import HEALTH_DIGITS, PIXEL, SCORE_DIGITS
from edge.report.messages.state import STATE
from edge.report.messages.state_throttle import APART

HEALTH_EVERY = 1.0
"""Seconds between two health messages at least, however often the state changes."""
THUMBNAIL_BYTES = 2048
"""A small JPEG of a face."""

_SCORE_BITS = log2(10**SCORE_DIGITS + 1)
_ID_BITS = log2(wire.MAX_ID)
_SIDE_BITS = log2(wire.RANGES["width"][1])
_STALE_MILLISECONDS = 4000
"""Time stamps lie within two seconds of the gate's own clock, either way, to the millisecond."""


class LeakBound(NamedTuple):
    """Bits a second, at most, by the way they would take."""

    poses: float
    state: float
    events: float
    health: float
    log: float

    @property
    def total(self) -> float:
        return self.poses + self.state + self.events + self.health + self.log

    @property
    def thumbnail_seconds(self) -> float:
        """How long one 2 KB picture would take."""
        return 8 * THUMBNAIL_BYTES / self.total


def leak_bound(settings: Settings, log_bits_per_second: float = 0.0) -> LeakBound:
    """The bound for these settings; the log counts where others read it."""
    return LeakBound(
        poses=_poses_bits(settings) * line_rate(settings),
        state=_state_bits(settings) / APART,
        events=_event_bits(settings) * EVENT_RATE,
        health=_health_bits() / HEALTH_EVERY,
        log=log_bits_per_second,
    )


def _poses_bits(settings: Settings) -> float:
    """Of one message on ``poses``."""
    if settings.publish.share == "events":
        return 0.0
    keypoints = KEYPOINT_COUNT - (len(FACE_NAMES) if settings.publish.share == "body" else 0)
    # A position reaches one frame's size beyond the frame on either side, and the frame's size is claimed too.
    position = log2(3 * wire.RANGES["width"][1] / PIXEL)
    pose = _ID_BITS + _SCORE_BITS + keypoints * (2 * position + _SCORE_BITS)
    most = settings.decode.max_poses if settings.decode.mode == "multi" else 1
    return 53 + log2(_STALE_MILLISECONDS) + 2 * _SIDE_BITS + log2(most + 1) + most * pose


def _state_bits(settings: Settings) -> float:
    """Of one message on ``state``: every value at its full range, and which half second it is said in."""
    fields = [STATE[key] for key in ("paused", *Engine(settings).keys)]
    most = settings.decode.max_poses
    return sum(field.bits(len(names_of(field, settings)), most) for field in fields) + log2(1000)


def _event_bits(settings: Settings) -> float:
    """Of one message on ``event/<kind>``, and when it is said, to the millisecond."""
    names = len(settings.zone) + len(settings.line) + len(settings.rule)
    details = max(sum(each.bits(names, 0) for each in kind.details.values()) for kind in EVENTS.values())
    return log2(len(EVENTS)) + _ID_BITS + log2(names + 1) + details + log2(101) + log2(1000 / EVENT_RATE)


def _health_bits() -> float:
    """Of one message on ``health``: every number and word that is repeated from a status line."""
    bits = log2(len(wire.STATES)) + log2(len(wire.SOURCES)) + log2(len(wire.QUANTIZATIONS)) + log2(len(wire.STRIDES))
    # Any of the breaches, in any order.
    bits += log2(sum(factorial(len(wire.BREACHES)) // factorial(n) for n in range(len(wire.BREACHES) + 1)))
    for name, (low, high) in wire.RANGES.items():
        if name in HEALTH_DIGITS:
            bits += log2((high - low) * 10 ** HEALTH_DIGITS[name] + 1)
        elif name.startswith(("model_", "frames", "lines_", "camera_")):
            bits += log2(high - low + 1)
    return bits
