"""A webcam, through PyAV and the kernel's Video4Linux2."""

import errno
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from edge.errors import CameraBarred, CameraFailed, NoSource, PosenetEdgeError, Unavailable
from edge.sense.camera.base import Picture, Pictures, Source
from edge.sense.camera.damage import is_whole, refuse_damage
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.files.clip import load
from edge.sense.camera.rotate import Pixels
from edge.sense.camera.v4l2 import devices
from edge.sense.camera.v4l2.controls import set_controls
from edge.sense.camera.v4l2.formats import (
    H264,
    MOTION_JPEG,
    READABLE,
    Offer,
    choose,
    describe_sizes,
    list_offers,
)
from edge.sense.camera.v4l2.grabber import Grabber, Shot, StreamDecoder

_log = logging.getLogger(__name__)

_DEFAULT_SIZE = "640x480"


def attempts(size: str, rate: float, offers: Sequence[Offer] = ()) -> list[dict[str, str]]:
    """List FFmpeg options to open a webcam with; a webcam refuses with EINVAL what it cannot do.

    Raw pixels are preferred up to 640x480 at 30 frames a second: they have no artefacts and need no decoding. Above
    that USB 2 is too slow for them, and Motion JPEG is preferred.

    Args:
        size: ``WIDTHxHEIGHT``.
        rate: Frames/s.
        offers: What the driver offers; empty: it does not tell.

    Returns:
        The best first; the last leaves size and rate to the webcam.
    """
    width, height = (int(side) for side in size.split("x"))
    prefers_jpeg = width * height > 640 * 480 or rate > 30
    # AVFMT_FLAG_NONBLOCK (it has no name as an option), because a read that blocks in the kernel cannot be ended.
    base = {"fflags": "+4"}
    wish = base | {"video_size": size, "framerate": f"{rate:g}"}
    if offers:
        chosen = choose(offers, (width, height), prefers_jpeg)
        best = [wish | {"input_format": name, "video_size": f"{wide}x{high}"} for name, (wide, high) in chosen]
    else:
        motion_jpeg = wish | {"input_format": MOTION_JPEG}
        best = [motion_jpeg, wish] if prefers_jpeg else [wish, motion_jpeg]
    return [*best, base | {"video_size": size}, base]


_GROUP = "add the user to the video group: 'sudo usermod -aG video $USER', log in again"
_UNPLUGGED = CameraFailed, " was unplugged; plug it in again"
_ABSENT = NoSource, ": no such device; plug a webcam, 'ls /dev/video*' lists what there is"
_FAILURES: dict[int | None, tuple[type[PosenetEdgeError], str]] = {
    errno.ENOENT: _ABSENT,
    errno.ENOTDIR: _ABSENT,
    errno.EPERM: (CameraBarred, f" is {devices.BARRED}"),
    errno.EACCES: (CameraFailed, f": permission denied; {_GROUP}"),
    errno.EBUSY: (CameraFailed, " is busy; end the program that uses it ('sudo fuser -v /dev/video*' names it)"),
    errno.ENOTTY: (NoSource, " is no video device, expected a webcam such as /dev/video0"),
    errno.ENODEV: _UNPLUGGED,
    errno.ENXIO: _UNPLUGGED,
    errno.EIO: (
        CameraFailed,
        " had an input/output error, so a transfer failed; check the USB cable, the port or hub, and the power supply",
    ),
}
_WITHOUT_WRITER = (errno.EBUSY, errno.EINVAL, errno.EIO)
"""Errors of a loopback to which no program writes, of all its versions."""


def failure(path: Path, error: Exception, device: devices.Device | None = None) -> PosenetEdgeError:
    """Translate what opening or reading a device raised.

    Args:
        path: Of the device.
        error: What was raised.
        device: What is known of it.

    Returns:
        The error to raise.
    """
    number = getattr(error, "errno", None)
    if device and device.is_loopback and number in _WITHOUT_WRITER:
        return CameraFailed(f"{quoted(path)} is a loopback {devices.NO_WRITER} ({reason(error)})")
    if number in (errno.EACCES, errno.EPERM) and (real := devices.outside(path)):
        return _outside(path, real)
    other = CameraFailed, f" cannot be used ({reason(error)}); try another webcam or camera.size"
    kind, text = _FAILURES.get(number, other)
    return kind(quoted(path) + text)


def _outside(path: Path, real: Path) -> NoSource:
    return NoSource(
        f"{quoted(path)} is {quoted(real)}, and the sandbox opens nothing but /dev/video*; "
        "name the camera by its /dev/videoN, or by a link to that, as in /dev/v4l/by-id"
    )


class V4l2Source(Source):
    """Frames from a webcam at ``camera.size`` (or 640x480), or the nearest size that it offers."""

    kind: ClassVar[str] = "v4l2"

    _container: Any = None
    _grabber: Grabber | None = None
    _device: devices.Device | None = None
    _offers: Sequence[Offer] = ()

    def _open(self) -> None:
        av = load()
        try:
            self._device = device = devices.query(self._path)
        except (OSError, ValueError) as error:
            raise failure(self._path, error) from error
        if real := devices.outside(self._path):
            raise _outside(self._path, real)
        if device.refusal:
            raise NoSource(
                f"{quoted(self._path)} is {quoted(device.card)} ({device.driver}), {device.refusal}; "
                "expected a webcam, 'v4l2-ctl --list-devices' names the others"
            )
        self._prepare(device)
        self._container = self._container_of(av)
        context = self._container.streams.video[0].codec_context
        if context is None:
            offered = ", ".join(offer.fourcc for offer in self._offers) or "a format"
            raise Unavailable(
                f"{quoted(self._path)} gives {offered}, which the installed PyAV has no decoder for; "
                "pip install 'posenet-edge[video]', or use a webcam that gives MJPG or YUYV"
            )
        self._check_sides(context)
        context.thread_count = 1
        refuse_damage(context)
        self._note_size(context)
        stream = None
        if context.name == H264:
            _log.info("%s gives H.264 only: every frame has to be decoded", quoted(self._path))
            stream = StreamDecoder(av, context)
        self._grabber = Grabber(self._container, self._clock, stream)

    def _prepare(self, device: devices.Device) -> None:
        """Ask the driver what it offers, and set its controls."""
        try:
            with devices.opened(self._path) as handle:
                self._offers = list_offers(handle)
                for said in set_controls(handle, self._settings):
                    _log.warning("%s %s", quoted(self._path), said)
        except OSError as error:
            raise failure(self._path, error, device) from error
        if self._offers and not any(offer.input_format for offer in self._offers):
            names = ", ".join(offer.fourcc.strip() for offer in self._offers)
            raise CameraFailed(f"{quoted(self._path)} offers only {names}, expected {READABLE}; use another webcam")

    def _container_of(self, av: Any) -> Any:
        refusal: Exception | None = None
        camera = self._settings.camera
        wishes = attempts(camera.size or _DEFAULT_SIZE, camera.frame_rate, self._offers)
        for options in wishes:
            try:
                container = av.open(str(self._path), format="v4l2", options=options, timeout=self._patience)
            except av.error.ExitError as error:
                raise self._silent() from error
            except av.error.FFmpegError as error:
                refusal = error
                if error.errno != errno.EINVAL:
                    break
            else:
                if options is not wishes[0]:
                    _log.info("%s refused %s and was opened with %s", quoted(self._path), wishes[0], options)
                return container
        assert refusal is not None
        raise failure(self._path, refusal, self._device) from refusal

    def _check_sides(self, context: Any) -> None:
        """Refuse raw frames with an odd side in which two pixels share a colour: their length is counted in two ways.

        Raises:
            CameraFailed: They would all be taken for damaged.
        """
        pixels, width, height = context.format, context.width, context.height
        if context.name != "rawvideo" or pixels is None:
            return
        across, down = (-(-width // pixels.chroma_width(width)), -(-height // pixels.chroma_height(height)))
        if width % across or height % down:
            offered = describe_sizes(self._offers)
            raise CameraFailed(
                f"{quoted(self._path)} gives {width}x{height}, whose odd sides FFmpeg cannot read in {pixels.name}; "
                "expected even ones: set camera.size, or scale what is written to a loopback"
                + (f"; it offers {offered}" if offered else "")
            )

    def _note_size(self, context: Any) -> None:
        """Tell which size the driver gives in place of one that was set."""
        size, given = self._settings.camera.size, f"{context.width}x{context.height}"
        if size and size != given:
            offered = describe_sizes(self._offers)
            _log.warning(
                "%s gives %s in place of camera.size = %s%s",
                quoted(self._path),
                given,
                size,
                f"; it offers {offered}" if offered else "",
            )

    def _close(self) -> None:
        grabber, self._grabber = self._grabber, None
        container, self._container = self._container, None
        if grabber is not None:
            grabber.stop()
        if container is not None:
            container.close()

    def _pictures(self) -> Pictures:
        av = load()
        context = self._container.streams.video[0].codec_context
        remedy = f"try another cable or USB port, or a camera.size other than {context.width}x{context.height}"
        while (shot := self._shot()) is not None:
            pixels = _pixels(av, context, shot)
            if pixels is None:
                self.damage.damaged()
                self.damage.check(quoted(self._path), remedy)
                continue
            self.damage.whole()
            yield Picture(pixels, shot.captured_at)
            self._limit_rate(shot.captured_at)

    def _shot(self) -> Shot | None:
        """Take the latest frame; None once ``stopping`` is set."""
        assert self._grabber is not None
        try:
            return self._wait_for(self._grabber.take, quoted(self._path))
        except CameraFailed as error:
            if self._device and self._device.is_loopback:
                raise self._silent() from error
            raise
        except OSError as error:
            raise failure(self._path, error, self._device) from error

    def _silent(self) -> CameraFailed:
        """Error of a device that is open and gives nothing."""
        if self._device and self._device.is_loopback:
            return CameraFailed(f"{quoted(self._path)} is a loopback {devices.NO_WRITER}")
        return CameraFailed(
            f"{quoted(self._path)} gave no frame for {self._patience:g} s; check the cable, open it again"
        )


def _pixels(av: Any, decoder: Any, shot: Shot) -> Pixels | None:
    """Convert a frame to RGB ``[height, width, 3]``; None where it is damaged."""
    try:
        frame = shot.frame
        if frame is None and shot.data:
            frame = next(iter(decoder.decode(av.Packet(shot.data))), None)
        if frame is not None and is_whole(frame):
            pixels: Pixels = frame.to_ndarray(format="rgb24")
            return pixels
    except av.error.FFmpegError as error:
        _log.debug("damaged frame: %s", error)
    return None
