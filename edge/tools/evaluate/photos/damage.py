"""Find damage inside of JPEGs, of which decoders make a picture all the same."""

import os
import tempfile
from pathlib import Path

import cv2
import numpy as np

_JPEG = b"\xff\xd8"


def jpeg_damage(path: Path) -> str:
    """Tell what libjpeg finds damaged in a file; empty for none, for other files, and where nothing shows it.

    JPEGs have no checksum: a changed byte may give another picture that is as good a JPEG. Pillow refuses what is cut
    off, and drops what libjpeg says of what is overwritten; OpenCV prints that on standard error.

    Args:
        path: A file that can be read.

    Returns:
        What libjpeg says, on one line.
    """
    content = path.read_bytes()
    if not content.startswith(_JPEG):
        return ""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        try:
            os.dup2(said.fileno(), 2)
            cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        said.seek(0)
        return " ".join(said.read().decode(errors="replace").split())[:200]
