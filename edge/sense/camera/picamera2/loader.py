"""Picamera2 as a library: loading it late and quietly, what it says, and what it leaves to be cleared up."""

import contextlib
import logging
import os
import sys
from typing import Any

from edge.errors import CameraFailed, Unavailable

_log = logging.getLogger(__name__)


def load() -> Any:
    """The module ``picamera2``; raises Unavailable where it isn't installed or doesn't load."""
    # libcamera reads this once, when it is loaded: its start-up chatter is not for a sensor's log.
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:WARN")
    logging.getLogger("picamera2").setLevel(logging.WARNING)
    try:
        # Standard output may be where the poses go.
        with contextlib.redirect_stdout(sys.stderr):
            import picamera2
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"Picamera2 is not installed (no module {error.name!r}): 'sudo apt install python3-picamera2', and make "
            "the virtual environment with --system-site-packages"
        ) from error
    except Exception as error:
        # A numpy in the virtual environment that the system's compiled modules don't fit raises ValueError.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise Unavailable(
            f"Picamera2 is installed but does not load ({reason}); 'sudo apt full-upgrade', then install again"
        ) from error
    return picamera2


def list_cameras(library: Any) -> list[dict[str, Any]]:
    """What libcamera sees, in the order that ``picamera.number`` counts: a dict with ``Model`` and ``Id`` each.

    Looks anew where it saw nothing before: in a network of its own, a process gets no word of what is plugged in.
    Raises CameraFailed where libcamera doesn't start.
    """
    camera = library.Picamera2
    try:
        found: list[dict[str, Any]] = camera.global_camera_info()
        if not found and hasattr(camera._cm, "reset"):
            camera._cm.reset()
            found = camera.global_camera_info()
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CameraFailed(
            f"libcamera did not start ({reason}); it needs /dev/media*, /dev/video* and netlink sockets"
        ) from error
    return found


def take_back(camera: Any, job: Any) -> None:
    """Cancel a request that nobody waits for: left in Picamera2's list it would keep a buffer, and block others."""
    try:
        camera.cancel_all_and_flush()
        # It may have been answered just before.
        camera.wait(job, timeout=0.1).release()
    except Exception as error:
        _log.debug("request taken back: %s", error)


def reasons(error: BaseException) -> str:
    """What Picamera2 says and what lies below it ("Device or resource busy"), on one line."""
    words: list[str] = []
    below: BaseException | None = error
    while below is not None:
        words.append(" ".join(str(below).split()) or type(below).__name__)
        below = below.__cause__ or below.__context__
    return ": ".join(words)
