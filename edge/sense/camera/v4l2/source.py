"""A webcam, through PyAV and the kernel's Video4Linux2."""

import errno
import logging
import os
import threading
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from edge.errors import CameraBarred, CameraFailed, NoSource, PosenetEdgeError
from edge.sense.camera.base import Clock, Picture, Pictures, Source
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.files.clip import load
from edge.sense.camera.rotate import Pixels
from edge.sense.camera.v4l2 import devices
from edge.sense.latest import Latest

_log = logging.getLogger(__name__)

_MAX_DAMAGED = 10
"""Damaged frames in a row that count as a failure; a few are usual."""
POLL_INTERVAL_S = 0.005
"""Between two reads of a device that has no frame; a webcam delivers one every 33 ms."""


def attempts(size: str, rate: float) -> list[dict[str, str]]:
    """List FFmpeg options to open a webcam with; a webcam refuses with EINVAL what it cannot do.

    Raw pixels are preferred up to 640x480 at 30 frames a second: they have no artefacts and need no decoding. Above
    that USB 2 is too slow for them, and Motion JPEG is preferred.

    Args:
        size: ``WIDTHxHEIGHT``.
        rate: Frames/s.

    Returns:
        The best first; the last leaves size and rate to the webcam.
    """
    width, height = (int(side) for side in size.split("x"))
    # AVFMT_FLAG_NONBLOCK (it has no name as an option), because a read that blocks in the kernel cannot be ended.
    base = {"fflags": "+4"}
    wish = base | {"video_size": size, "framerate": f"{rate:g}"}
    motion_jpeg = wish | {"input_format": "mjpeg"}
    both = [motion_jpeg, wish] if width * height > 640 * 480 or rate > 30 else [wish, motion_jpeg]
    return [*both, base | {"video_size": size}, base]


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
    errno.EIO: _UNPLUGGED,
}


def failure(path: Path, error: Exception) -> PosenetEdgeError:
    """Translate what opening or reading a device raised."""
    other = CameraFailed, f" cannot be used ({reason(error)}); try another webcam or camera.size"
    kind, text = _FAILURES.get(getattr(error, "errno", None), other)
    return kind(quoted(path) + text)


class Packet(NamedTuple):
    """One frame as the device delivered it."""

    data: bytes
    """Encoded or raw."""
    captured_at: float
    """Its arrival, monotonic s."""


class Grabber:
    """A thread that reads an opened PyAV container, which must not block, and keeps only the latest packet.

    The kernel queues some thirty frames and then drops the *new* ones, so a device must be read at its own rate, also
    while no frame is wanted.

    A packet may be memory of the driver, which is freed when the container is closed. Its bytes are copied at once, so
    that only this thread ever holds one, and ``stop`` returns when it holds none.
    """

    def __init__(self, container: Any, clock: Clock) -> None:
        self._container = container
        self._clock = clock
        self._latest: Latest[Packet] = Latest()
        self._error: OSError | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webcam", daemon=True)
        self._thread.start()

    def take(self, timeout: float) -> Packet | None:
        """Take the latest frame.

        Args:
            timeout: Longest wait, s.

        Returns:
            None where no new frame came.

        Raises:
            OSError: The device is gone.
        """
        packet = self._latest.take(timeout)
        if packet is None and self._error is not None:
            raise self._error
        return packet

    def stop(self) -> None:
        """End the thread; the container may be closed afterwards."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while self._error is None and not self._ending.is_set():
            try:
                self._read()
            except BlockingIOError:
                self._ending.wait(POLL_INTERVAL_S)
            except Exception as reason:
                # Without its traceback, which would keep the packet.
                number = getattr(reason, "errno", None)
                self._error = OSError(number, os.strerror(number)) if number else OSError(f"{type(reason).__name__}")
        self._latest.close()

    def _read(self) -> None:
        """Read until the device has no more frames; raises BlockingIOError then."""
        for packet in self._container.demux(video=0):
            if self._ending.is_set():
                return
            # A frame that was damaged on the way arrives empty, which a decoder takes for the end of the stream.
            if packet.size:
                self._latest.put(Packet(bytes(packet), self._clock.now()))
        raise OSError(errno.ENODEV, "no more frames")


class V4l2Source(Source):
    """Frames from a webcam at ``camera.size`` (or 640x480), or a size near that."""

    kind: ClassVar[str] = "v4l2"

    _container: Any = None
    _grabber: Grabber | None = None

    def _open(self) -> None:
        av = load()
        try:
            device = devices.query(self._path)
        except (OSError, ValueError) as error:
            raise failure(self._path, error) from error
        if not device.captures:
            raise NoSource(
                f"{quoted(self._path)} is {quoted(device.card)} ({device.driver}), which gives no frames; "
                "expected a webcam, try another /dev/video*"
            )
        self._container = self._container_of(av)
        self._container.streams.video[0].codec_context.thread_count = 1
        self._grabber = Grabber(self._container, self._clock)

    def _container_of(self, av: Any) -> Any:
        refusal: Exception | None = None
        wishes = attempts(self._settings.camera.size or "640x480", self._settings.camera.frame_rate)
        for options in wishes:
            try:
                container = av.open(str(self._path), format="v4l2", options=options, timeout=self._patience)
            except av.error.FFmpegError as error:
                refusal = error
                if error.errno != errno.EINVAL:
                    break
            else:
                if options is not wishes[0]:
                    _log.info("%s refused %s and was opened with %s", quoted(self._path), wishes[0], options)
                return container
        assert refusal is not None
        raise failure(self._path, refusal) from refusal

    def _close(self) -> None:
        grabber, self._grabber = self._grabber, None
        container, self._container = self._container, None
        if grabber is not None:
            grabber.stop()
        if container is not None:
            container.close()

    def _pictures(self) -> Pictures:
        av = load()
        decoder = self._container.streams.video[0].codec_context
        damaged = 0
        while (packet := self._packet()) is not None:
            pixels = _decode(av, decoder, packet)
            if pixels is None:
                damaged += 1
                if damaged >= _MAX_DAMAGED:
                    raise CameraFailed(
                        f"{quoted(self._path)} gave {damaged} damaged frames in a row; try another cable or USB port"
                    )
                continue
            damaged = 0
            yield Picture(pixels, packet.captured_at)
            self._limit_rate(packet.captured_at)

    def _packet(self) -> Packet | None:
        """Take the latest packet; None once ``stopping`` is set."""
        assert self._grabber is not None
        try:
            return self._wait_for(self._grabber.take, quoted(self._path))
        except CameraFailed:
            raise
        except OSError as error:
            raise failure(self._path, error) from error


def _decode(av: Any, decoder: Any, packet: Packet) -> Pixels | None:
    """Decode one packet to RGB ``[height, width, 3]``; None where it is damaged."""
    try:
        for frame in decoder.decode(av.Packet(packet.data)):
            pixels: Pixels = frame.to_ndarray(format="rgb24")
            return pixels
    except av.error.FFmpegError as error:
        _log.debug("damaged frame: %s", error)
    return None
