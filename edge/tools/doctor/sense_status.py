"""What the running sense says of itself in systemd's status line: its camera, its frames, its seal."""

import re

from edge.tools.doctor.finding import Finding, bad, good, unknown, warning

_CABLE = "check the camera's cable and its power; a ribbon cable's contacts and latch; then the journal of sense"
SEAL = "docs/seal.md says what each means; sudo posenet-edge audit"
BARRED = (
    "sudo systemctl restart posenet-sense.service, as rules are made when it starts; if it stays so: "
    "systemctl cat posenet-sense.service, and mend DeviceAllow= or PrivateDevices= of a drop-in"
)
_STALLED = "check the cable and the power supply; if it stays so, restart the device"
_BLIND = {
    "dark": "switch a light on and ask again; if the room is bright, take the cap or film off the lens",
    "covered": "something uniform fills the picture: look what is in front of the lens, and clean it",
    "blurred": "clean the lens and take its film off; focus it (picamera.focus, or by turning the lens)",
}


def has_frames(status: str) -> bool:
    """Whether frames come just now."""
    return bool(_frame_rate(status))


def check_camera(status: str) -> Finding:
    """Whether there is a camera."""
    if _frame_rate(status) is not None or status.startswith("the camera gives no frames"):
        return good("camera", "found")
    if status.startswith("paused"):
        return good("camera", "shut, because somebody asked for a pause")
    if barred := re.match(r"no camera, looking for it, device rules bar (/dev/.+), (?:not )?sealed", status):
        return bad("camera", f"{barred[1]} is there, and the service's device rules bar it from sense", BARRED)
    if status.startswith("no camera"):
        return bad("camera", "none that works, sense goes on looking for one", _CABLE)
    if status.startswith("camera refused"):
        return bad("camera", "refused, because sense is not sealed", "see seal; docs/seal.md")
    if status.startswith("ended"):
        return good("camera", "a file, and it is over")
    return unknown("camera", "sense has not said yet")


def check_frames(status: str) -> Finding:
    """Whether frames come."""
    rate = _frame_rate(status)
    if rate and (blind := re.search(r", (dark|covered|blurred)", status)):
        return check_sight(blind[1], f"{rate:.1f} a second")
    if rate:
        return good("frames", f"{rate:.1f} a second")
    if rate == 0:
        return warning("frames", "0.0 a second", "once more in a few seconds; if it stays so, the journal of sense")
    if status.startswith("the camera gives no frames"):
        return bad("frames", "the camera is open and gives none", _STALLED)
    if status.startswith("paused"):
        return good("frames", "none, during a pause")
    if status.startswith("ended"):
        return warning("frames", "the file is over", "set video.loop = true, or name a camera as camera.source")
    return unknown("frames", "there is no open camera to ask")


def check_sight(blindness: str, found: str) -> Finding:
    """Frames that come and show nothing. blindness: as ``edge.image_quality`` calls it. found: how they come."""
    return warning("frames", f"{found}, {blindness}", _BLIND[blindness])


def check_seal(status: str) -> Finding:
    """Whether sense found nothing that could leave its cell."""
    if breach := re.search(r"not sealed: ([a-z, ]+)", status):
        return bad("seal", f"not sealed: {breach[1]}", SEAL)
    if status.endswith("sealed"):
        return good("seal", "sealed")
    return unknown("seal", "sense has not said yet")


def _frame_rate(status: str) -> float | None:
    found = re.match(r"(\d+(?:\.\d+)?) frames/s", status)
    return float(found[1]) if found else None
