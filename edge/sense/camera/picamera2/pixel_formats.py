"""Convert the pixel formats of libcamera to RGB."""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import CameraFailed
from edge.sense.camera.damage import is_whole, refuse_damage
from edge.sense.camera.rotate import Pixels

_log = logging.getLogger(__name__)

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


def to_rgb(buffer: Pixels, stream: Mapping[str, Any]) -> Pixels | None:
    """Convert the buffer of one frame.

    Args:
        buffer: uint8 ``[bytes]`` as the camera wrote it, with the padding of its rows.
        stream: Picamera2's configuration of the stream: ``format``, ``size`` (width, height), ``stride`` (bytes a row).

    Returns:
        RGB ``[height, width, 3]``; a view of the buffer for formats that are RGB already. None for a damaged frame.

    Raises:
        CameraFailed: The format is not known.
    """
    try:
        return _convert_any(buffer, stream)
    except _Damaged as error:
        _log.debug("damaged frame: %s", error)
        return None


class _Damaged(Exception):
    """A frame is too short, or no whole JPEG."""


def _convert_any(buffer: Pixels, stream: Mapping[str, Any]) -> Pixels:
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
        raise _Damaged(f"{buffer.size} bytes, expected {height * stride}")
    return buffer[: height * stride].reshape(height, stride)


def _convert(picture: Pixels, code: str) -> Pixels:
    import cv2

    rgb: NDArray[Any] = cv2.cvtColor(np.ascontiguousarray(picture), getattr(cv2, code))
    return rgb.astype(np.uint8, copy=False)


def _decode_jpeg(buffer: Pixels) -> Pixels:
    try:
        import av
        import av.error
    except ImportError:
        return _decode_jpeg_leniently(buffer)
    # A new one for each frame, which remembers none before.
    decoder = av.CodecContext.create("mjpeg", "r")
    refuse_damage(decoder)
    try:
        frame = next((frame for frame in decoder.decode(av.Packet(buffer.tobytes())) if is_whole(frame)), None)
    except av.error.FFmpegError as error:
        raise _Damaged(f"JPEG: {error}") from error
    if frame is None:
        raise _Damaged("no whole JPEG")
    rgb: NDArray[Any] = frame.to_ndarray(format="rgb24")
    return rgb.astype(np.uint8, copy=False)


def _decode_jpeg_leniently(buffer: Pixels) -> Pixels:
    """Decode without PyAV; what is missing of a frame that was cut off becomes grey."""
    import cv2

    bgr = cv2.imdecode(buffer, cv2.IMREAD_COLOR)
    if bgr is None:
        raise _Damaged("no JPEG")
    return bgr[..., ::-1].astype(np.uint8, copy=False)
