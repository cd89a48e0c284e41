from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.errors import CameraFailed
from edge.sense.camera.picamera2.pixel_formats import FORMATS, to_rgb

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


@pytest.mark.parametrize("padding", [0, 16])
@pytest.mark.parametrize("tail", [0, 4096])
@pytest.mark.parametrize("name", LAID)
def test_every_layout_becomes_the_same_picture(name: str, padding: int, tail: int) -> None:
    lay, depth = LAID[name]
    picture = colours()
    stream = {"format": name, "size": (48, 32), "stride": int(48 * depth) + padding}
    rgb = to_rgb(lay(picture, padding, tail), stream)
    assert rgb.shape == picture.shape
    assert rgb.dtype == np.uint8
    allowed = 0 if "888" in name else 4
    assert np.abs(rgb.astype(int) - picture).max() <= allowed


def test_jpeg() -> None:
    picture = colours()
    _, coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 98])
    stream = {"format": "MJPEG", "size": (48, 32), "stride": 0}
    padded = np.concatenate([coded.ravel(), np.zeros(999, np.uint8)])
    assert np.abs(to_rgb(padded, stream)[4:12, 4:20].astype(int) - picture[4:12, 4:20]).max() < 8
    with pytest.raises(CameraFailed, match="damaged"):
        to_rgb(np.zeros(999, np.uint8), stream)


def test_every_known_format_is_tested() -> None:
    assert set(FORMATS) == {*LAID, "MJPEG"}


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(CameraFailed, match="SRGGB10, expected one of BGR888"):
        to_rgb(np.zeros(99, np.uint8), {"format": "SRGGB10", "size": (4, 4), "stride": 8})


@given(st.sampled_from(sorted(LAID)), st.integers(1, 20), st.integers(1, 20), st.integers(0, 8), st.data())
def test_a_buffer_of_any_length_gives_a_picture_or_an_error(
    name: str, width: int, height: int, padding: int, data: st.DataObject
) -> None:
    width, height, padding = 2 * width, 2 * height, 2 * padding
    stride = int(width * LAID[name][1]) + padding
    needed = height * stride * (3 if name in ("NV12", "NV21", "YUV420", "YVU420") else 2) // 2
    length = data.draw(st.integers(0, needed + 64))
    try:
        rgb = to_rgb(np.zeros(length, np.uint8), {"format": name, "size": (width, height), "stride": stride})
    except CameraFailed as error:
        assert length < needed
        assert "bytes" in str(error)
    else:
        assert rgb.shape == (height, width, 3)
