"""Pictures laid out in memory as cameras deliver them, written from the descriptions of the formats."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def pad(rows: Pixels, padding: int, tail: int) -> Pixels:
    """Rows of bytes with rubbish after each of them, and after the last."""
    rubbish = np.full((len(rows), padding), 0xA5, np.uint8)
    return np.concatenate([np.hstack([rows, rubbish]).ravel(), np.full(tail, 0x5A, np.uint8)])


def planes(picture: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    """Y ``[height, width]``, U and V ``[height / 2, width / 2]``."""
    height, width = picture.shape[:2]
    yuv = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420).ravel()
    y, u, v = np.split(yuv, [height * width, height * width * 5 // 4])
    return y.reshape(height, width), u.reshape(height // 2, -1), v.reshape(height // 2, -1)


def packed(order: list[int]) -> Callable[[Pixels, int, int], Pixels]:
    """Bytes a pixel, by the channel that each is (3: unused)."""

    def lay(picture: Pixels, padding: int, tail: int) -> Pixels:
        full = np.dstack([picture, np.full(picture.shape[:2], 0x77, np.uint8)])
        return pad(full[..., order].reshape(len(picture), -1), padding, tail)

    return lay


def halved(swap: bool) -> Callable[[Pixels, int, int], Pixels]:
    def lay(picture: Pixels, padding: int, tail: int) -> Pixels:
        y, u, v = planes(picture)
        chroma = np.dstack([v, u] if swap else [u, v]).reshape(len(u), -1)
        return pad(np.vstack([y, chroma]), padding, tail)

    return lay


def planar(swap: bool) -> Callable[[Pixels, int, int], Pixels]:
    def lay(picture: Pixels, padding: int, tail: int) -> Pixels:
        y, u, v = planes(picture)
        first, second = (v, u) if swap else (u, v)
        chroma = pad(np.vstack([first, second]), padding // 2, tail)
        return np.concatenate([pad(y, padding, 0), chroma])

    return lay


def woven(order: list[str]) -> Callable[[Pixels, int, int], Pixels]:
    def lay(picture: Pixels, padding: int, tail: int) -> Pixels:
        y, u, v = planes(picture)
        u, v = u.repeat(2, axis=0), v.repeat(2, axis=0)
        each = {"Y": y[:, ::2], "Z": y[:, 1::2], "U": u, "V": v}
        return pad(np.dstack([each[name] for name in order]).reshape(len(y), -1), padding, tail)

    return lay


# How each lies in memory, byte by byte, from linux/drm_fourcc.h and videodev2.h.
LAID: dict[str, tuple[Callable[[Pixels, int, int], Pixels], float]] = {
    "BGR888": (packed([0, 1, 2]), 3),
    "RGB888": (packed([2, 1, 0]), 3),
    "XBGR8888": (packed([0, 1, 2, 3]), 4),
    "XRGB8888": (packed([2, 1, 0, 3]), 4),
    "NV12": (halved(swap=False), 1),
    "NV21": (halved(swap=True), 1),
    "YUV420": (planar(swap=False), 1),
    "YVU420": (planar(swap=True), 1),
    "YUYV": (woven(["Y", "U", "Z", "V"]), 2),
    "YVYU": (woven(["Y", "V", "Z", "U"]), 2),
    "UYVY": (woven(["U", "Y", "V", "Z"]), 2),
}


def colours(width: int = 48, height: int = 32) -> Pixels:
    """Four quarters: red, green, blue and a light grey, so that halved colour loses nothing."""
    picture = np.full((height, width, 3), 200, np.uint8)
    picture[: height // 2, : width // 2] = 230, 20, 30
    picture[: height // 2, width // 2 :] = 20, 210, 40
    picture[height // 2 :, : width // 2] = 40, 30, 220
    return picture
