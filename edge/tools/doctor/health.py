"""Checks of what the broker keeps of the sensor's health, read strictly: anybody there may have written it."""

from typing import Any

from edge.config.settings import Settings
from edge.errors import BadLine
from edge.report.messages.health import HEALTH
from edge.tools.checks.finding import Finding, Level, bad, good, unknown, warning
from edge.tools.describe import span_in_words
from edge.tools.doctor.broker_session import Visit
from edge.tools.doctor.sense_status import TOO_SLOW

_JOURNAL = "journalctl -u posenet-report.service -u posenet-sense.service -n 30"
_BUSY = ("too_fast", "stale")
"""Reasons for a refused line that a busy machine explains."""
_STATES = {
    "no_camera": ("no camera that works, sense goes on looking for one", "see camera; or check its cable and power"),
    "no_frames": ("the camera is open and gives no frames", "check the cable and the power; restart the device"),
    "refused": ("the camera is refused, because sense is not sealed", "see seal; docs/seal.md"),
    "silent": ("nothing is heard of sense", _JOURNAL),
}
_CHOICES = {
    "largest": "the largest there is",
    "fits": "the largest that keeps 10 frames/s",
    "hot": "a smaller one, because of the heat",
    "slow": "a smaller one, as the machine had too much to do",
    "too_slow": "the smallest there is, and too slow for 10 frames/s",
}
"""Values of ``model_choice`` with ``model.file = "auto"``, in words."""


def check_health(found: Visit, settings: Settings, now: float, installed: bool) -> list[Finding]:
    """Check age, state and losses.

    Args:
        found: What a visit at the broker brought.
        settings: Of the sensor.
        now: s since 1970.
        installed: Whether something ought to be there.

    Returns:
        A finding for each.
    """
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
    try:
        health = HEALTH.read(found.messages["health"])
    except BadLine as error:
        if error.reason == "wrong_version":
            remedy = "restart posenet-report.service, if this version was installed just now"
            return [bad(name, f"what the broker keeps is of another version of the messages: {error}", remedy)]
        return [bad(name, "what the broker keeps is not this sensor's", "look who else writes there; device.id")]
    findings = [_check_age(found, health, settings, now)]
    if findings[0].level is Level.GOOD:
        findings += [
            _check_state(health),
            *_check_choice(health),
            *_check_orientation(health),
            _check_refused(health),
            _check_losses(health),
        ]
        findings.append(_check_events(health, settings.outbox.keep))
    return findings


def _check_age(found: Visit, health: dict[str, Any], settings: Settings, now: float) -> Finding:
    age = now - health["time"]
    if found.messages.get("availability") == b"offline":
        return bad("health", f"the sensor is offline; its last word was {span_in_words(age)} ago", _JOURNAL)
    if age > 2 * settings.mqtt.health_interval + 10:
        return bad("health", f"the last word was {span_in_words(age)} ago", f"{_JOURNAL}; check the clock")
    return good("health", f"said {span_in_words(age)} ago")


def _check_state(health: dict[str, Any]) -> Finding:
    state = health["state"]
    if state in _STATES:
        return bad("state", *_STATES[state])
    if state == "running" and not health["frame_rate"]:
        return warning("state", "running, 0.0 frames/s", "once more in a few seconds; then the journal of sense")
    if state == "too_slow":
        return warning("state", f"too slow: {health['latency_ms'] / 1000:.1f} s a frame", TOO_SLOW)
    if state == "ended":
        return warning("state", "ended: the file is over, or sense was stopped", _JOURNAL)
    rate = f", {health['frame_rate']:.1f} frames/s" if state == "running" else ""
    return good("state", f"{state}{rate}")


def _check_choice(health: dict[str, Any]) -> list[Finding]:
    """Tell which model ``model.file = "auto"`` chose, and why; warn of a machine that is too slow for all."""
    name, choice, model = "model in use", health["model_choice"], health["model"]
    if model is None or choice not in _CHOICES:
        return []
    told = f"{model['height']} x {model['width']}, {_CHOICES[choice]}"
    if choice == "too_slow":
        return [warning(name, told, "end what else takes the processor, or set a smaller camera.frame_rate")]
    return [good(name, told)]


def _check_orientation(health: dict[str, Any]) -> list[Finding]:
    """Warn of a camera that hangs on its side or upside down."""
    rotate = health["suggested_rotate"]
    if rotate is None:
        return []
    remedy = f"set camera.rotate = {rotate} and sudo posenet-edge apply, or hang the camera upright"
    return [warning("orientation", "hardly anybody is seen upright, many are seen turned", remedy)]


def _check_refused(health: dict[str, Any]) -> Finding:
    """Check the lines that the gate refused."""
    name = "lines refused"
    counts = health["lines_rejected"]
    odd = [f"{reason} {count}" for reason, count in counts.items() if count and reason not in _BUSY]
    if odd:
        return bad(name, ", ".join(odd), "a bug or an attack on sense: sudo posenet-edge audit, and please report it")
    busy, sent = sum(counts.values()), health["messages_sent"] + health["messages_dropped"]
    if busy > 0.05 * sent + 20:
        return warning(name, f"{busy} as too fast or too old", "a smaller camera.frame_rate, or [model] fast")
    return good(name, f"{busy}, as too fast or too old" if busy else "none")


def _check_losses(health: dict[str, Any]) -> Finding:
    """Check for frames, lines and messages that went missing between the camera and the broker."""
    # What only sense knows is null while it is silent.
    frames, skipped, damaged, lines, failures = (
        health[name] or 0 for name in ("frames", "frames_dropped", "frames_damaged", "lines_dropped", "camera_failures")
    )
    sent, dropped = health["messages_sent"], health["messages_dropped"]
    hours = max(1.0, (health["sense_uptime"] or 0) / 3600)
    if failures >= 3 * hours:
        many = f"the camera failed {failures} times"
        return warning("losses", f"{many} in {hours:.0f} h", "check its cable and the power supply")
    if damaged > 0.05 * frames + 100:
        many = f"{damaged} frames were damaged, {frames} seen"
        return warning("losses", many, "check the camera's cable, or try another USB port")
    if dropped > 0.05 * (sent + dropped) + 100:
        lost = f"{dropped} of {sent + dropped} messages did not reach the broker"
        return warning("losses", lost, "check the network")
    if lines > 0.05 * frames + 100:
        return warning("losses", f"report missed {lines} lines", _JOURNAL)
    if skipped > frames + 100:
        remedy = "set camera.frame_rate to what the board can do, or model.file = 'auto' or 'fast'"
        return warning("losses", f"{skipped} frames skipped, {frames} seen: the model is too slow", remedy)
    return good("losses", f"{skipped} frames skipped, {dropped} messages not sent, of {frames}")


def _check_events(health: dict[str, Any], keep: str) -> Finding:
    """Check where events are kept, and whether any was lost. keep: as ``outbox.keep``."""
    lost, kept = health["events_lost"], health["events_kept"]
    if health["outbox"] != keep:
        return warning(
            "events", f"outbox.keep is {keep}, and report keeps them in {health['outbox']}", f"see disk; {_JOURNAL}"
        )
    if lost:
        return warning("events", f"{lost} were lost since report started", f"check the network; {_JOURNAL}")
    return good("events", f"none lost, {kept} wait for the broker")


def check_poses(found: Visit, share: str, expected: bool) -> Finding:
    """Check that poses arrive at the broker now.

    Args:
        found: What a visit at the broker brought.
        share: As ``publish.share``.
        expected: Whether ``sense`` gives frames.

    Returns:
        The finding.
    """
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
