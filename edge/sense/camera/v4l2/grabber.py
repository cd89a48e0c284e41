"""Read a webcam at its own rate and keep only what came last: a packet, or a frame where all have to be decoded."""

import errno
import logging
import os
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from edge.sense.camera.base import Clock
from edge.sense.camera.damage import is_whole
from edge.sense.latest import Latest

_log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.005
"""Between two reads of a device that has no frame; a webcam delivers one every 33 ms."""


class Shot(NamedTuple):
    """One frame as it came from the device."""

    captured_at: float
    """Its arrival, monotonic s."""
    data: bytes = b""
    """Encoded or raw; empty where it was damaged on the way, or is decoded."""
    frame: Any = None
    """PyAV's, where it is decoded."""


class StreamDecoder:
    """Decodes a stream in which a frame needs those before it (H.264): every packet, in order.

    After a packet that was damaged or cannot be decoded no frame is given until the next one that needs no other: those
    between show in part what is long gone. They are no damage of their own; where none comes that needs no other, the
    camera gives no frames, and is opened again.
    """

    def __init__(self, av: Any, context: Any) -> None:
        """Decode with ``context``, PyAV's of the stream, which has not been used."""
        self._av = av
        self._context = context
        # No frame waits for a later one; a webcam sends them in the order in which they are shown.
        context.flags |= av.codec.context.Flags.low_delay
        self._whole = False
        self._began = False

    def __call__(self, data: bytes, captured_at: float) -> Shot | None:
        """Decode a packet.

        Args:
            data: As the device gave it; empty where it was damaged on the way.
            captured_at: Monotonic s.

        Returns:
            The frame that is complete now, or that one was damaged; None where there is neither.
        """
        if not data:
            return self._damaged(captured_at)
        try:
            frames = self._context.decode(self._av.Packet(data))
        except self._av.error.FFmpegError as error:
            _log.debug("packet that cannot be decoded: %s", error)
            return self._damaged(captured_at)
        if not all(map(is_whole, frames)):
            return self._damaged(captured_at)
        self._whole = self._whole or any(frame.key_frame for frame in frames)
        if not self._whole or not frames:
            return None
        self._began = True
        return Shot(captured_at, frame=frames[-1])

    def _damaged(self, captured_at: float) -> Shot | None:
        self._whole = False
        # A stream that is joined between two frames that need no other is not damaged.
        return Shot(captured_at) if self._began else None


class Grabber:
    """A thread that reads an opened PyAV container, which must not block, and keeps only the latest frame.

    The kernel queues some thirty frames and then drops the *new* ones, so a device must be read at its own rate, also
    while no frame is wanted.

    A packet may be memory of the driver, which is freed when the container is closed. Its bytes are copied at once, so
    that only this thread ever holds one, and ``stop`` returns when it holds none.
    """

    def __init__(
        self, container: Any, clock: Clock, unpack: Callable[[bytes, float], Shot | None] | None = None
    ) -> None:
        """Begin to read.

        Args:
            container: PyAV's.
            clock: For the time of each frame.
            unpack: A ``StreamDecoder``, where every packet has to be decoded.
        """
        self._container = container
        self._clock = clock
        self._unpack = unpack or (lambda data, captured_at: Shot(captured_at, data))
        self._latest: Latest[Shot] = Latest()
        self._error: OSError | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webcam", daemon=True)
        self._thread.start()

    def take(self, timeout: float) -> Shot | None:
        """Take the latest frame.

        Args:
            timeout: Longest wait, s.

        Returns:
            None where no new frame came.

        Raises:
            OSError: The device is gone.
        """
        shot = self._latest.take(timeout)
        if shot is None and self._error is not None:
            raise self._error
        return shot

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
            # At its end a container gives one packet without data and time; one that was damaged on the way, or has
            # not as many bytes as its size needs, comes empty too, but with its time.
            if packet.size or packet.pts is not None:
                shot = self._unpack(bytes(packet), self._clock.now())
                if shot is not None:
                    self._latest.put(shot)
        raise OSError(errno.ENODEV, "no more frames")
