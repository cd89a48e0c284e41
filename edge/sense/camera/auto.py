"""``auto``: which camera this machine has."""

import errno
import importlib.util
import os
from pathlib import Path

from edge.errors import CameraBarred, CameraFailed, NoSource, Unavailable
from edge.sense.camera.address import Address, quoted
from edge.sense.camera.picamera2.loader import list_cameras, load
from edge.sense.camera.v4l2 import devices


def find_camera() -> Address:
    """The Raspberry Pi's camera where there is one, else the first webcam; never photos.

    A webcam that libcamera lists as well is left to V4L2, which knows more of its formats, unless PyAV is missing.
    Raises NoSource saying what was looked for and what was found, CameraBarred where a node may not be looked at.
    """
    ribbon, usb, said = _libcamera()
    if ribbon:
        return Address("picamera2", "")
    webcam, nodes, barred = _webcam()
    av = importlib.util.find_spec("av") is not None
    if webcam is not None and av:
        return Address("v4l2", str(webcam))
    if usb:
        return Address("picamera2", "")
    if webcam is not None:
        nodes = f"webcam {webcam} found but PyAV is not installed (pip install 'posenet-edge[video]')"
    if barred is not None and webcam is None:
        raise CameraBarred(f"no camera found: {said}; {barred} is {devices.BARRED}")
    raise NoSource(
        f"no camera found: {said}; {nodes}. Connect a Raspberry Pi camera or plug a webcam; "
        "without one: --source video:clip.mp4 or --source stills:photo.jpg"
    )


def _libcamera() -> tuple[bool, bool, str]:
    """Whether libcamera lists a camera on a ribbon cable, whether one on USB, and what to say where it doesn't."""
    try:
        cameras = list_cameras(load())
    except (Unavailable, CameraFailed) as error:
        return False, False, str(error)
    usb = ["/usb" in str(camera.get("Id", "")) for camera in cameras]
    return not all(usb), any(usb), "libcamera lists no camera"


def _webcam() -> tuple[Path | None, str, Path | None]:
    """The first V4L2 node that gives frames; what to say where there is none; the first that device rules bar."""
    said: list[str] = []
    barred = None
    for path in devices.candidates():
        try:
            device = devices.query(path)
        except OSError as error:
            reason = "permission denied, add the user to the video group"
            barred = barred or (path if error.errno == errno.EPERM else None)
            said.append(f"{path}: {reason if error.errno == errno.EACCES else os.strerror(error.errno or 0)}")
            continue
        if device.captures:
            return path, "", barred
        said.append(f"{path}: {quoted(device.card)} gives no frames")
    return None, ", ".join(said) or "there is no /dev/video*", barred
