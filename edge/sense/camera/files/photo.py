"""Read a photo of any common format as RGB."""

import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import BadInput, Unavailable
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.rotate import Pixels

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
"""Suffixes of files that count as photos in a folder; a single file may have any name."""
UNREADABLE_SUFFIXES = (".heic", ".heif", ".avif")
"""Suffixes of photos that cannot be read; in a folder each is named, and left out."""
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
"""Formats that Pillow may try; some of the others start programs (EPS) or fetch files."""
_UNREADABLE = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "a HEIC photo"),
    **dict.fromkeys((b"avif", b"avis"), "an AVIF photo"),
}
"""Kinds of photo that cannot be read, by the brand in their first bytes (ISO/IEC 23008-12)."""
_CONVERT = "'heif-convert PHOTO photo.jpg' of the package libheif-examples converts it"
_BACKGROUND = 128
"""Grey, of transparent parts."""
_DEPTHS = (8, 10, 12, 16)
"""Bits that a picture of 16 bits may really have: cameras put 10 or 12 into 16 as they are."""


def load() -> Any:
    """Import the module ``PIL.Image``; raises Unavailable where it is not installed."""
    try:
        import PIL.Image
    except ImportError as error:
        raise Unavailable(f"Pillow is not installed ({error}): pip install 'posenet-edge[video]'") from error
    return PIL.Image


def not_readable(path: Path) -> str:
    """Tell which kind of photo a file is that cannot be read; empty for all others, and where there is no file."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except (OSError, ValueError):
        return ""
    return _UNREADABLE.get(head[8:12], "") if head[4:8] == b"ftyp" else ""


def is_photo(path: Path) -> bool:
    """Tell photos by their names, also of the kinds that cannot be read, so that each of those is warned of."""
    return path.suffix.lower() in (*SUFFIXES, *UNREADABLE_SUFFIXES) and path.name[0] != "." and path.is_file()


def read_photo(path: Path) -> Pixels:
    """Read a photo, upright as its EXIF data says; of an animation, the first picture.

    Transparent parts become grey; 16 bits are scaled to 8, as 8, 10 or 12 where none of its values needs more.

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
                deep = _deep_colours(image, file)
                image.load()
                return _to_rgb(_upright(image if deep is None else deep))
    except (image_module.DecompressionBombWarning, image_module.DecompressionBombError) as error:
        raise BadInput(f"{quoted(path)} is too large a photo; make it smaller ({reason(error)})") from error
    except UnidentifiedImageError as error:
        formats = f"expected one of {', '.join(_FORMATS)}"
        if photo := not_readable(path):
            raise BadInput(f"{quoted(path)} is {photo}, which cannot be read; {formats}: {_CONVERT}") from error
        raise BadInput(f"{quoted(path)} is no photo, {formats}; a clip is played with --source video:") from error
    except Exception as error:
        # Decoders of damaged files raise all kinds of errors: OSError, SyntaxError, struct.error, IndexError.
        raise BadInput(f"{quoted(path)} cannot be read as a photo: {reason(error)}") from error


def _deep_colours(image: Any, file: Any) -> Any:
    """Read colours of 16 bits, of which Pillow would keep the upper 8.

    Args:
        image: Opened by Pillow, and not loaded.
        file: What it was opened from.

    Returns:
        The same image with 8 bits, scaled as ``_to_8_bits`` does; None where it has no such colours.
    """
    if image.mode not in ("RGB", "RGBA", "LA") or not any(";16" in str(tile) for tile in image.tile):
        return None
    at = file.tell()
    file.seek(0)
    values = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    file.seek(at)
    if values is None or values.dtype != np.uint16 or values.ndim != 3:
        return None
    # OpenCV has blue first.
    to_rgb = cv2.COLOR_BGRA2RGBA if values.shape[2] == 4 else cv2.COLOR_BGR2RGB
    deep = load().fromarray(_to_8_bits(cv2.cvtColor(values, to_rgb), "I"))
    deep.getexif().update(image.getexif())
    return deep


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
    """Convert values of 16 bits (Pillow's own conversion cuts off at 255) or of floats to 8 bits.

    Args:
        values: Any shape. Floats are taken as 0..1, or as 0..255 if one is above 1.
        mode: Pillow's: I, I;16 or F.

    Returns:
        uint8 of the same shape.
    """
    if mode == "F":
        values = np.nan_to_num(values, posinf=0, neginf=0)
        scale = 255.0 if values.max(initial=0) <= 1 else 1.0
    else:
        greatest = values.max(initial=0)
        depth = next((depth for depth in _DEPTHS if greatest < 2**depth), _DEPTHS[-1])
        scale = 255 / (2**depth - 1)
    return np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)
