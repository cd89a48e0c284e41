"""What the broker keeps of the sensor's health. It is read like a stranger's: anybody there may have written it."""

import json
from typing import Any

from edge import wire
from edge.config.settings import Settings
from edge.tools.checks.finding import Finding, bad, good, unknown, warning
from edge.tools.doctor.broker_session import Visit

_JOURNAL = "journalctl -u posenet-report.service -u posenet-sense.service -n 30"
_BUSY = ("too_fast", "stale")
"""Reasons for a refused line that a busy machine is enough for."""
_STATES = {
    "no_camera": ("no camera that works, sense goes on looking for one", "see camera; or check its cable and power"),
    "no_frames": ("the camera is open and gives no frames", "check the cable and the power; restart the device"),
    "refused": ("the camera is refused, because sense is not sealed", "see seal; docs/seal.md"),
    "silent": ("nothing is heard of sense", _JOURNAL),
}


def read_health(found: Visit) -> dict[str, Any] | None:
    """The retained message, where it is one of this sensor's kind."""
    try:
        health = json.loads(found.messages.get("health", b""))
    except (ValueError, RecursionError):
        return None
    return health if isinstance(health, dict) and health.get("version") == 1 else None


def check_health(found: Visit, settings: Settings, now: float, installed: bool) -> list[Finding]:
    """Age, state, and what was lost. now: s since 1970. installed: whether something ought to be there."""
    name = "health"
    if not found.readable:
        return [unknown(name, "the broker does not let this user read it", "let it read its own topics, or never mind")]
    if "health" not in found.messages:
        if not installed:
            return [unknown(name, "nothing is published here by this sensor")]
        if found.messages or found.poses:
            return [bad(name, "the broker keeps none of this sensor", f"check that it keeps messages; {_JOURNAL}")]
        # Many brokers take the subscription of a user who may not read, and then send nothing.
        remedy = "let this user read its own topics as well; if the house hears nothing either: let it write them"
        return [unknown(name, "none can be read: there is none, or this user may not read it", remedy)]
    health = read_health(found)
    if health is None:
        return [bad(name, "what the broker keeps is not this sensor's", "look who else writes there; device.id")]
    findings = [_check_age(found, health, settings, now)]
    if findings[0].found.startswith("said"):
        findings += [_check_state(health), _check_refused(health), _check_losses(health)]
    return findings


def _check_age(found: Visit, health: dict[str, Any], settings: Settings, now: float) -> Finding:
    age = now - _number(health, "time")
    if found.messages.get("availability") == b"offline":
        return bad("health", f"the sensor is offline; its last word was {_spoken(age)} ago", _JOURNAL)
    if age > 2 * settings.mqtt.health_interval + 10:
        return bad("health", f"the last word was {_spoken(age)} ago", f"{_JOURNAL}; check the clock")
    return good("health", f"said {_spoken(age)} ago")


def _check_state(health: dict[str, Any]) -> Finding:
    state = str(health.get("state"))
    if state in _STATES:
        return bad("state", *_STATES[state])
    if state not in wire.STATES:
        return unknown("state", "not one that this version knows")
    if state == "running" and not _number(health, "frame_rate"):
        return warning("state", "running, 0.0 frames/s", "once more in a few seconds; then the journal of sense")
    if state == "ended":
        return warning("state", "ended: the file is over, or sense was stopped", _JOURNAL)
    rate = f", {_number(health, 'frame_rate'):.1f} frames/s" if state == "running" else ""
    return good("state", f"{state}{rate}")


def _check_refused(health: dict[str, Any]) -> Finding:
    """Lines that the gate refused."""
    name = "lines refused"
    rejected = health.get("lines_rejected")
    counts = {reason: _number(rejected, reason) for reason in wire.REASONS} if isinstance(rejected, dict) else {}
    odd = [f"{reason} {counts[reason]:.0f}" for reason in counts if counts[reason] and reason not in _BUSY]
    if odd:
        return bad(name, ", ".join(odd), "a bug or an attack on sense: sudo posenet-edge audit, and please report it")
    busy, sent = sum(counts.values()), _number(health, "poses_sent") + _number(health, "poses_unsent")
    if busy > 0.05 * sent + 20:
        return warning(name, f"{busy:.0f} as too fast or too old", "a smaller camera.frame_rate, or [model] fast")
    return good(name, f"{busy:.0f}, as too fast or too old" if busy else "none")


def _check_losses(health: dict[str, Any]) -> Finding:
    """Frames, lines and messages that went missing between the camera and the broker."""
    frames, skipped = _number(health, "frames"), _number(health, "frames_dropped")
    sent, unsent = _number(health, "poses_sent"), _number(health, "poses_unsent")
    hours = max(1.0, _number(health, "sense_uptime") / 3600)
    if _number(health, "camera_failures") >= 3 * hours:
        many = f"the camera failed {_number(health, 'camera_failures'):.0f} times"
        return warning("losses", f"{many} in {hours:.0f} h", "check its cable and the power supply")
    if unsent > 0.05 * (sent + unsent) + 100:
        return warning(
            "losses", f"{unsent:.0f} of {sent + unsent:.0f} poses did not reach the broker", "check the network"
        )
    if _number(health, "lines_dropped") > 0.05 * frames + 100:
        return warning("losses", f"report missed {_number(health, 'lines_dropped'):.0f} lines", _JOURNAL)
    if skipped > frames + 100:
        remedy = "set camera.frame_rate to what the board can do, or model.file = 'fast'"
        return warning("losses", f"{skipped:.0f} frames skipped, {frames:.0f} seen: the model is too slow", remedy)
    return good("losses", f"{skipped:.0f} frames skipped, {unsent:.0f} poses unsent, of {frames:.0f}")


def check_poses(found: Visit, share: str, expected: bool) -> Finding:
    """Whether poses arrive at the broker now. share: ``publish.share``. expected: sense gives frames."""
    if share == "events":
        return good("poses", "not shared: publish.share is events")
    if not found.readable:
        return unknown("poses", "the broker does not let this user read them")
    if found.poses:
        return good("poses", f"one came within {max(found.waited, 0.1):.1f} s")
    if not expected:
        return unknown("poses", "none are expected, because sense gives no frames")
    if not found.messages:
        return unknown("poses", "none can be read: none come, or this user may not read them")
    return bad("poses", f"none came within {found.waited:.0f} s", _JOURNAL)


def _number(table: dict[str, Any], key: str) -> float:
    """A finite number, or 0 for whatever else stands there."""
    value = table.get(key)
    return float(value) if isinstance(value, int | float) and abs(value) < 1e15 else 0.0


def _spoken(seconds: float) -> str:
    """``12 s``, ``5 min``, ``3 h``, ``2 days``; what is in the future is the clock's fault and 0 s."""
    seconds = max(0.0, seconds)
    for unit, size in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
