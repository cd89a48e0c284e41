"""Reading a photo as RGB, whatever its file makes of pixels."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import BadInput, Unavailable
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.rotate import Pixels

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
"""Names that count as photos in a folder; a file named by itself may be called anything."""
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
"""What Pillow may try; among its others are some that start programs (EPS) or fetch files."""
_BEHIND = 128
"""The grey that shows through where a photo is transparent."""


def load() -> Any:
    """The module ``PIL.Image``; raises Unavailable where it isn't installed."""
    try:
        import PIL.Image
    except ImportError as error:
        raise Unavailable(f"Pillow is not installed ({error}): pip install 'posenet-edge[video]'") from error
    return PIL.Image


def read_photo(path: Path) -> Pixels:
    """A photo as RGB uint8 ``[height, width, 3]``, upright as its EXIF data says; of an animation, the first picture.

    Transparent parts show grey; 16 bits are scaled to 8. Raises BadInput, naming the file, where it cannot be read
    or is absurdly large (Pillow's bound: 89 million pixels).
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
        # Decoders of damaged files raise nearly everything: OSError, SyntaxError, struct.error, IndexError ...
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
        behind = load().new("RGBA", picture.size, (_BEHIND, _BEHIND, _BEHIND, 255))
        behind.alpha_composite(picture)
        image = behind
    return np.array(image.convert("RGB"), dtype=np.uint8)


def _to_8_bits(values: NDArray[Any], mode: str) -> Pixels:
    """Grey of 16 bits (Pillow's modes I and I;16, whose own conversion cuts off at 255) or of floats (F), as 8 bits.

    values: ``[height, width]``. Floats are taken as 0..1, or as 0..255 where they go beyond 1.
    """
    if mode == "F":
        values = np.nan_to_num(values, posinf=0, neginf=0)
        scale = 255.0 if values.max(initial=0) <= 1 else 1.0
    else:
        scale = 255 / 65535
    return np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)
