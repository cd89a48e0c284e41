"""Read a photo of any common format as RGB."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import BadInput, Unavailable
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.rotate import Pixels

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
"""Suffixes of files that count as photos in a folder; a single file may have any name."""
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
"""Formats that Pillow may try; some of the others start programs (EPS) or fetch files."""
_BACKGROUND = 128
"""Grey, of transparent parts."""


def load() -> Any:
    """Import the module ``PIL.Image``; raises Unavailable where it is not installed."""
    try:
        import PIL.Image
    except ImportError as error:
        raise Unavailable(f"Pillow is not installed ({error}): pip install 'posenet-edge[video]'") from error
    return PIL.Image


def read_photo(path: Path) -> Pixels:
    """Read a photo, upright as its EXIF data says; of an animation, the first picture.

    Transparent parts become grey; 16 bits are scaled to 8.

    Args:
        path: Of the file.

    Returns:
        RGB uint8 ``[height, width, 3]``.

    Raises:
        BadInput: It cannot be read, or has more pixels than Pillow's bound of 89 million.
    """
    image_module = load()
    from PIL import UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", image_module.DecompressionBombWarning)
            # Opened here: Pillow leaves a file open whose first bytes cannot be read.
            with path.open("rb") as file, image_module.open(file, formats=_FORMATS) as image:
                image.load()
                return _to_rgb(_upright(image))
    except (image_module.DecompressionBombWarning, image_module.DecompressionBombError) as error:
        raise BadInput(f"{quoted(path)} is too large a photo; make it smaller ({reason(error)})") from error
    except UnidentifiedImageError as error:
        raise BadInput(f"{quoted(path)} is no photo, expected one of {', '.join(_FORMATS)}") from error
    except Exception as error:
        # Decoders of damaged files raise all kinds of errors: OSError, SyntaxError, struct.error, IndexError.
        raise BadInput(f"{quoted(path)} cannot be read as a photo: {reason(error)}") from error


def _upright(image: Any) -> Any:
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        # Damaged EXIF data is no reason to refuse the picture.
        return image


def _to_rgb(image: Any) -> Pixels:
    if image.mode.startswith("I") or image.mode == "F":
        grey = _to_8_bits(np.asarray(image), image.mode)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        picture = image.convert("RGBA")
        background = load().new("RGBA", picture.size, (_BACKGROUND, _BACKGROUND, _BACKGROUND, 255))
        background.alpha_composite(picture)
        image = background
    return np.array(image.convert("RGB"), dtype=np.uint8)


def _to_8_bits(values: NDArray[Any], mode: str) -> Pixels:
    """Convert grey of 16 bits (Pillow's own conversion cuts off at 255) or of floats to 8 bits.

    Args:
        values: ``[height, width]``. Floats are taken as 0..1, or as 0..255 if one is above 1.
        mode: Pillow's: I, I;16 or F.

    Returns:
        uint8 ``[height, width]``.
    """
    if mode == "F":
        values = np.nan_to_num(values, posinf=0, neginf=0)
        scale = 255.0 if values.max(initial=0) <= 1 else 1.0
    else:
        scale = 255 / 65535
    return np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)
