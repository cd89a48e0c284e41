"""Read photos from a folder as RGB."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import BadInput, NoSource

SUFFIXES = (".jpg", ".jpeg", ".png")


def listed(folder: Path) -> list[Path]:
    """List the photos in a folder, sorted by name.

    Returns:
        At least one.

    Raises:
        NoSource: There are none.
    """
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise NoSource(f"{folder}: no photos found; expected files ending in {', '.join(SUFFIXES)}")
    return found


def read(path: Path) -> NDArray[np.uint8]:
    """Read a photo.

    Returns:
        [height, width, 3] RGB.

    Raises:
        BadInput: It cannot be read.
    """
    photo = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if photo is None:
        raise BadInput(f"{path}: cannot be read as a photo")
    return np.ascontiguousarray(photo[:, :, ::-1], np.uint8)
