"""Read a photo that a person named, whole or not at all: decoders make a picture of damaged JPEGs all the same."""

import os
import signal
import tempfile
from pathlib import Path

import cv2
import numpy as np

from edge.errors import BadInput
from edge.sense.camera.error_text import quoted
from edge.sense.camera.files.path_checks import is_folder
from edge.sense.camera.files.photo import read_photo
from edge.sense.camera.rotate import Pixels

_JPEG = b"\xff\xd8"


def read_whole_photo(path: Path) -> Pixels:
    """Read a photo, upright as its EXIF data says.

    Args:
        path: Of the file.

    Returns:
        RGB uint8 ``[height, width, 3]``.

    Raises:
        NoSource: There is no such file.
        BadInput: It is a folder, no photo, too large or damaged.
        Unavailable: Pillow is not installed.
    """
    if is_folder(path, "a photo"):
        raise BadInput(f"{quoted(path)} is a folder, expected a photo")
    pixels = read_photo(path)
    if damage := jpeg_damage(path):
        raise BadInput(f"{quoted(path)} is damaged ({damage}), expected a whole photo; copy it again")
    return pixels


def jpeg_damage(path: Path) -> str:
    """Tell what libjpeg finds damaged in a file; empty for none, for other files, and where nothing shows it.

    JPEGs have no checksum: a changed byte may give another picture that is as good a JPEG. Pillow refuses what is cut
    off, and drops what libjpeg says of what is overwritten; OpenCV prints that on standard error.

    To be called in the main thread, for the sake of signals.

    Args:
        path: A file that can be read.

    Returns:
        What libjpeg says, on one line.
    """
    content = path.read_bytes()
    if not content.startswith(_JPEG):
        return ""
    # What edge.tools.progress tells on standard error would pass for damage. Its signal is not blocked, but handled by
    # nothing: it goes to the process, and a thread of OpenCV would take it.
    progress = signal.signal(signal.SIGALRM, lambda *_: None)
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        try:
            os.dup2(said.fileno(), 2)
            cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            signal.signal(signal.SIGALRM, progress)
        said.seek(0)
        return " ".join(said.read().decode(errors="replace").split())[:200]
