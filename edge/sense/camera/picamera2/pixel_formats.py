"""Convert the pixel formats of libcamera to RGB."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import CameraFailed
from edge.sense.camera.rotate import Pixels

# libcamera names formats from the highest byte down, as DRM does: "BGR888" is R, G, B in memory.
_PACKED = {
    "BGR888": (3, slice(None)),
    "RGB888": (3, slice(None, None, -1)),
    "XBGR8888": (4, slice(0, 3)),
    "XRGB8888": (4, slice(2, None, -1)),
}
_SEMI_PLANAR = {"NV12": "COLOR_YUV2RGB_NV12", "NV21": "COLOR_YUV2RGB_NV21"}
_PLANAR = {"YUV420": "COLOR_YUV2RGB_I420", "YVU420": "COLOR_YUV2RGB_YV12"}
_INTERLEAVED = {"YUYV": "COLOR_YUV2RGB_YUYV", "YVYU": "COLOR_YUV2RGB_YVYU", "UYVY": "COLOR_YUV2RGB_UYVY"}
FORMATS = (*_PACKED, *_SEMI_PLANAR, *_PLANAR, *_INTERLEAVED, "MJPEG")


def to_rgb(buffer: Pixels, stream: Mapping[str, Any]) -> Pixels:
    """Convert the buffer of one frame.

    Args:
        buffer: uint8 ``[bytes]`` as the camera wrote it, with the padding of its rows.
        stream: Picamera2's configuration of the stream: ``format``, ``size`` (width, height), ``stride`` (bytes a row).

    Returns:
        RGB ``[height, width, 3]``; a view of the buffer for formats that are RGB already.

    Raises:
        CameraFailed: The format is not known, or the buffer is too short.
    """
    name, (width, height), stride = stream["format"], stream["size"], stream["stride"]
    if name in _PACKED:
        depth, order = _PACKED[name]
        rows = _rows(buffer, height, stride)[:, : width * depth]
        return rows.reshape(height, width, depth)[..., order]
    if name in _SEMI_PLANAR:
        return _convert(_rows(buffer, height * 3 // 2, stride)[:, :width], _SEMI_PLANAR[name])
    if name in _PLANAR:
        luma = _rows(buffer, height, stride)[:, :width]
        chroma = _rows(buffer[height * stride :], height, stride // 2)[:, : width // 2]
        planes = np.concatenate([luma.ravel(), chroma.ravel()])
        return _convert(planes.reshape(height * 3 // 2, width), _PLANAR[name])
    if name in _INTERLEAVED:
        rows = _rows(buffer, height, stride)[:, : width * 2]
        return _convert(rows.reshape(height, width, 2), _INTERLEAVED[name])
    if name == "MJPEG":
        return _decode_jpeg(buffer)
    raise CameraFailed(f"the camera gives {name}, expected one of {', '.join(FORMATS)}; use another camera")


def _rows(buffer: Pixels, height: int, stride: int) -> Pixels:
    """Cut a buffer, which may be longer than its picture, into ``height`` rows of ``stride`` bytes."""
    if buffer.size < height * stride:
        raise CameraFailed(f"the camera gave {buffer.size} bytes, expected {height * stride}; open it again")
    return buffer[: height * stride].reshape(height, stride)


def _convert(picture: Pixels, code: str) -> Pixels:
    import cv2

    rgb: NDArray[Any] = cv2.cvtColor(np.ascontiguousarray(picture), getattr(cv2, code))
    return rgb.astype(np.uint8, copy=False)


def _decode_jpeg(buffer: Pixels) -> Pixels:
    import cv2

    bgr = cv2.imdecode(buffer, cv2.IMREAD_COLOR)
    if bgr is None:
        raise CameraFailed("the camera gave a damaged JPEG; open it again, or use another cable")
    return bgr[..., ::-1].astype(np.uint8, copy=False)
