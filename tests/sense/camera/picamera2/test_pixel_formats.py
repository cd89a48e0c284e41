import sys

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import CameraFailed
from edge.sense.camera.picamera2.pixel_formats import FORMATS, to_rgb
from tests.support.pixel_layouts import LAID, colours


@pytest.mark.parametrize("padding", [0, 16])
@pytest.mark.parametrize("tail", [0, 4096])
@pytest.mark.parametrize("name", LAID)
def test_every_layout_becomes_the_same_picture(name: str, padding: int, tail: int) -> None:
    lay, depth = LAID[name]
    picture = colours()
    stream = {"format": name, "size": (48, 32), "stride": int(48 * depth) + padding}
    rgb = to_rgb(lay(picture, padding, tail), stream)
    assert rgb is not None
    assert rgb.shape == picture.shape
    assert rgb.dtype == np.uint8
    allowed = 0 if "888" in name else 4
    assert np.abs(rgb.astype(int) - picture).max() <= allowed


def test_jpeg() -> None:
    picture = colours()
    _, coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 98])
    stream = {"format": "MJPEG", "size": (48, 32), "stride": 0}
    padded = np.concatenate([coded.ravel(), np.zeros(999, np.uint8)])
    rgb = to_rgb(padded, stream)
    assert rgb is not None
    assert np.abs(rgb[4:12, 4:20].astype(int) - picture[4:12, 4:20]).max() < 8
    assert to_rgb(np.zeros(999, np.uint8), stream) is None


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_jpeg_that_was_cut_off_is_damaged(kept: float) -> None:
    _, coded = cv2.imencode(".jpg", colours()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 98])
    whole = coded.ravel()
    stream = {"format": "MJPEG", "size": (48, 32), "stride": 0}
    assert to_rgb(whole[: int(kept * len(whole))], stream) is None
    # Only its end marker is missing.
    assert to_rgb(whole[:-2], stream) is not None


def test_a_jpeg_without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    test_jpeg()


def test_every_known_format_is_tested() -> None:
    assert set(FORMATS) == {*LAID, "MJPEG"}


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(CameraFailed, match="SRGGB10, expected one of BGR888"):
        to_rgb(np.zeros(99, np.uint8), {"format": "SRGGB10", "size": (4, 4), "stride": 8})


@given(st.sampled_from(sorted(LAID)), st.integers(1, 20), st.integers(1, 20), st.integers(0, 8), st.data())
def test_a_buffer_of_any_length_gives_a_picture_or_none(
    name: str, width: int, height: int, padding: int, data: st.DataObject
) -> None:
    width, height, padding = 2 * width, 2 * height, 2 * padding
    stride = int(width * LAID[name][1]) + padding
    needed = height * stride * (3 if name in ("NV12", "NV21", "YUV420", "YVU420") else 2) // 2
    length = data.draw(st.integers(0, needed + 64))
    rgb = to_rgb(np.zeros(length, np.uint8), {"format": name, "size": (width, height), "stride": stride})
    assert (rgb is None) == (length < needed)
    assert rgb is None or rgb.shape == (height, width, 3)
