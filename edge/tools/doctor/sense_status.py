"""Checks of camera, frames and seal, by the status line of the running ``sense``."""

from edge.runtime.status_text import SenseStatus
from edge.tools.checks.finding import Finding, bad, good, unknown, warning

_CABLE = "check the camera's cable and its power; a ribbon cable's contacts and latch; then the journal of sense"
SEAL = "docs/seal.md explains each; sudo posenet-edge audit"
BARRED = (
    "sudo systemctl restart posenet-sense.service, as rules are made when it starts; if it stays so: "
    "systemctl cat posenet-sense.service, and mend DeviceAllow= or PrivateDevices= of a drop-in"
)
TOO_SLOW = "set model.file = 'fast' and attention.looks = 0; end what else runs here; see heat and power"
_STALLED = "check the cable and the power supply; if it stays so, restart the device"
POOR_PICTURE = {
    "dark": "switch a light on; if the room is bright, take the cap or film off the lens",
    "covered": "something uniform fills the picture: look what is in front of the lens, and clean it",
    "blurred": "clean the lens and take its film off; focus it (picamera.focus, or by turning the lens)",
}
"""Remedies, by each of ``edge.image_quality.BLINDNESSES``."""
_SILENT = "sense has no status line yet, or one of another version"


def gives_frames(status: SenseStatus | None) -> bool:
    """Tell whether frames come just now."""
    return bool(status and status.frame_rate)


def check_camera(status: SenseStatus | None) -> Finding:
    """Check that there is a camera. status: None if there is none of this version."""
    name = "camera"
    if status is None or status.state == "starting":
        return unknown(name, _SILENT)
    if status.state == "no_camera" and status.barred:
        there = ", ".join(status.barred)
        return bad(name, f"{there} is there, and the service's device rules bar it from sense", BARRED)
    return {
        "running": good(name, "found"),
        "too_slow": good(name, "found"),
        "no_frames": good(name, "found"),
        "paused": good(name, "shut, because somebody asked for a pause"),
        "no_camera": bad(name, "none that works; sense keeps looking for one", _CABLE),
        "refused": bad(name, "refused, because sense is not sealed", "see seal; docs/seal.md"),
        "ended": good(name, "a file, and it is over"),
    }[status.state]


def check_frames(status: SenseStatus | None) -> Finding:
    """Check that frames come and show something. status: None if there is none of this version."""
    name = "frames"
    state = status.state if status else ""
    if status and state == "running":
        rate = f"{status.frame_rate or 0:.1f} a second"
        if not status.frame_rate:
            return warning(name, rate, "once more in a few seconds; if it stays so, the journal of sense")
        return check_picture(status.blindness, rate)
    if status and state == "too_slow":
        said = f"{status.frame_rate or 0:.1f} a second, too slow: {status.latency or 0:.1f} s from capture to line"
        return warning(name, said, TOO_SLOW)
    if state == "no_frames":
        return bad(name, "the camera is open and gives none", _STALLED)
    if state == "paused":
        return good(name, "none, during a pause")
    if state == "ended":
        return warning(name, "the file is over", "set video.loop = true, or name a camera as camera.source")
    return unknown(name, "there is no open camera to ask")


def check_picture(blindness: str, found: str) -> Finding:
    """Check frames that come.

    Args:
        blindness: Why they show nothing, one of ``edge.image_quality.BLINDNESSES``; empty: they do.
        found: How they come.

    Returns:
        A warning with a remedy if they show nothing.
    """
    return warning("frames", f"{found}, {blindness}", POOR_PICTURE[blindness]) if blindness else good("frames", found)


def check_seal(status: SenseStatus | None) -> Finding:
    """Check that sense found no breach of its sandbox. status: None if there is none of this version."""
    if status is None:
        return unknown("seal", _SILENT)
    if status.breaches:
        return bad("seal", f"not sealed: {', '.join(status.breaches)}", SEAL)
    return good("seal", "sealed")
