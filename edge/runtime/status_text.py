"""The line that each service shows in ``systemctl status``: written by the service, read back by doctor and audit.

Both directions are here, and a test holds them together, so that no other module knows the sentences.
"""

import re
from dataclasses import dataclass
from typing import Literal, Self

from edge.image_quality import BLINDNESSES

SENSE_STATES = {
    "starting": "starting",
    "paused": "paused, the camera is shut",
    "no_camera": "no camera, looking for it",
    "no_frames": "the camera gives no frames",
    "refused": "camera refused",
    "ended": "ended",
}
"""The text of each of ``edge.wire.STATES`` but ``running`` and ``too_slow``, which are told by their numbers."""

_WAITING = "waiting: "

Relation = Literal["connected", "refused", "looking", "twin"]
RELATIONS: dict[Relation, str] = {
    "connected": "connected to",
    "refused": "refused by",
    "looking": "looking for",
    "twin": "sharing an id at",
}
"""Texts of the states of the connection; ``refused``: connected, but the broker refuses what is published; ``twin``:
another sensor has the same id."""

_SENSE = re.compile(
    rf"""(?: (?P<frame_rate>\d+\.\d)\ frames/s,\ (?P<people>\d+)\ (?:person|people)
             (?:,\ (?P<blindness>{"|".join(BLINDNESSES)}))?
             (?:,\ too\ slow:\ (?P<latency>\d+\.\d)\ s\ a\ frame)?
           | (?P<told>{"|".join(map(re.escape, SENSE_STATES.values()))})
             (?:,\ device\ rules\ bar\ (?P<barred>/[^\s,]+(?:,\ /[^\s,]+)*))? )
         ,\ (?:sealed|not\ sealed:\ (?P<breaches>\w+(?:,\ \w+)*))""",
    re.ASCII | re.VERBOSE,
)
_REPORT = re.compile(
    rf"({'|'.join(RELATIONS.values())}) broker (\S+)(?: \((.*)\))?, sharing (\w+), "
    rf"sense is ({'|'.join(SENSE_STATES)}|running|too_slow|silent)",
    re.ASCII,
)


def render_waiting(error: Exception) -> str:
    """Write the line of a service that waits until somebody mends ``error``."""
    return _WAITING + "".join(c if c.isprintable() else " " for c in str(error))


def parse_waiting(text: str) -> str:
    """Read back what a service waits for somebody to mend; empty for any other line."""
    return text.removeprefix(_WAITING) if text.startswith(_WAITING) else ""


@dataclass(frozen=True, slots=True)
class SenseStatus:
    """The state of ``sense``, as its status line tells it."""

    state: str
    """One of ``edge.wire.STATES``."""
    frame_rate: float | None = None
    """Frames/s, to one decimal, while ``running`` or ``too_slow``; None in every other state."""
    people: int | None = None
    """In the last frame, in these two states."""
    blindness: str = ""
    """Why the picture shows nothing, in these two states: one of ``edge.image_quality.BLINDNESSES``; empty: it does."""
    barred: tuple[str, ...] = ()
    """Camera nodes that the unit's device rules keep from ``sense``; none while ``running``."""
    breaches: tuple[str, ...] = ()
    """Words of ``edge.wire.BREACHES``; none: sealed."""
    latency: float | None = None
    """Seconds from the capture of a frame to its line, to one decimal, while ``too_slow``."""

    def render(self) -> str:
        """Write the line."""
        if self.state in ("running", "too_slow"):
            slow = f"too slow: {self.latency or 0.0:.1f} s a frame" if self.state == "too_slow" else ""
            parts = [f"{self.frame_rate or 0.0:.1f} frames/s", f"{self.people or 0} people", self.blindness, slow]
            if self.people == 1:
                parts[1] = "1 person"
        else:
            parts = [SENSE_STATES[self.state], f"device rules bar {', '.join(self.barred)}" if self.barred else ""]
        parts.append(f"not sealed: {', '.join(self.breaches)}" if self.breaches else "sealed")
        return ", ".join(filter(None, parts))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a line back.

        Returns:
            The status that was rendered; None for an empty line and for one of another version.
        """
        read = _SENSE.fullmatch(text)
        if not read:
            return None
        barred, breaches = (tuple(read[name].split(", ")) if read[name] else () for name in ("barred", "breaches"))
        if read["told"]:
            state = next(state for state, told in SENSE_STATES.items() if told == read["told"])
            return cls(state, barred=barred, breaches=breaches)
        numbers = float(read["frame_rate"]), int(read["people"]), read["blindness"] or ""
        if read["latency"]:
            return cls("too_slow", *numbers, breaches=breaches, latency=float(read["latency"]))
        return cls("running", *numbers, breaches=breaches)


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """The state of ``report``, as its status line tells it."""

    relation: Relation
    broker: str
    """Its address, ``host:port``."""
    share: str
    """The level of ``publish.share`` in force."""
    sense: str
    """The state of ``sense``, one of ``edge.wire.STATES``; ``silent``: no status line came lately."""
    reason: str = ""
    """Why it is not simply connected, in the broker's words where it gives any; one line without control characters."""

    def render(self) -> str:
        """Write the line."""
        reason = f" ({self.reason})" if self.reason else ""
        return f"{RELATIONS[self.relation]} broker {self.broker}{reason}, sharing {self.share}, sense is {self.sense}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a line back.

        Returns:
            The status that was rendered; None for an empty line and for one of another version.
        """
        read = _REPORT.fullmatch(text)
        if not read:
            return None
        words, broker, reason, share, sense = read.groups()
        relation = next(relation for relation, told in RELATIONS.items() if told == words)
        return cls(relation, broker, share, sense, reason or "")
