"""The library Picamera2: load it late and quietly, list its cameras, take requests back, and read its errors."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.errors import CameraFailed, NoSource, PosenetEdgeError, Unavailable
from edge.sense.camera.error_text import reason

_log = logging.getLogger(__name__)

_BOARD = Path("/proc/device-tree/model")
"""Name of the board, where the firmware passes a device tree."""


def load() -> Any:
    """Import the module ``picamera2``.

    Returns:
        The module.

    Raises:
        Unavailable: It is not installed, or does not load.
    """
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
        raise Unavailable(
            f"Picamera2 is installed but does not load ({reason(error)}); 'sudo apt full-upgrade', then install again"
        ) from error
    return picamera2


def is_raspberry_pi(board: Path = _BOARD) -> bool:
    """Tell whether this machine has a connector for a Raspberry Pi's camera."""
    try:
        return "Raspberry Pi" in board.read_text(errors="replace")
    except OSError:
        return False


def list_cameras(library: Any) -> list[dict[str, Any]]:
    """List the cameras that libcamera sees, in the order that ``picamera.number`` counts.

    libcamera enumerates again where it saw nothing before: a process in a network namespace of its own hears of no
    camera that is plugged in.

    Returns:
        A dict with ``Model`` and ``Id`` for each.

    Raises:
        CameraFailed: libcamera does not start.
    """
    camera = library.Picamera2
    with translated("libcamera did not start ({}); it needs /dev/media*, /dev/video* and netlink sockets"):
        found: list[dict[str, Any]] = camera.global_camera_info()
        if not found and hasattr(camera._cm, "reset"):
            camera._cm.reset()
            found = camera.global_camera_info()
    return found


def find(usb: bool) -> str:
    """Find a camera on a ribbon cable, or one on USB too, for ``auto``.

    Args:
        usb: Take one on USB too.

    Returns:
        The empty argument of the source, as Picamera2 takes none.

    Raises:
        NoSource: There is none.
    """
    if not any(usb or "/usb" not in str(camera.get("Id", "")) for camera in list_cameras(load())):
        raise NoSource("libcamera lists no camera")
    return ""


def filled(request: Any) -> int | None:
    """Tell how many bytes of the main stream's buffer the camera wrote; what follows them is of an older frame.

    Returns:
        Their number; None where this version of the libraries does not tell.
    """
    try:
        streams = getattr(request, "stream_map", None) or request.picam2.stream_map
        # Brightness and colour may be planes of one buffer.
        used = sum(plane.bytes_used for plane in request.request.buffers[streams["main"]].metadata.planes)
    except (AttributeError, LookupError, TypeError):
        return None
    return int(used) or None


def take_back(camera: Any, job: Any) -> None:
    """Cancel a request that is not waited for.

    Left in Picamera2's list, it would keep a buffer and block other requests.
    """
    try:
        camera.cancel_all_and_flush()
        # It may have been answered just before.
        camera.wait(job, timeout=0.1).release()
    except Exception as error:
        _log.debug("request taken back: %s", error)


@contextlib.contextmanager
def translated(message: str) -> Iterator[None]:
    """Raise CameraFailed for whatever Picamera2 raises.

    Args:
        message: With {} where the reasons belong.

    Raises:
        CameraFailed: With the message.
        PosenetEdgeError: An error of this program goes through as it is.
    """
    try:
        yield
    except PosenetEdgeError:
        raise
    except Exception as error:
        raise CameraFailed(message.format(reasons(error))) from error


def reasons(error: BaseException) -> str:
    """Join what Picamera2 says and its causes ("Device or resource busy") on one line."""
    words: list[str] = []
    below: BaseException | None = error
    while below is not None:
        words.append(reason(below))
        below = below.__cause__ or below.__context__
    return ": ".join(words)
