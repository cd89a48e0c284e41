"""A thread that reads a webcam and keeps only the latest frame.

The kernel queues some thirty frames and then drops the *new* ones, so a device must be read at its own rate, also
while no frame is wanted.
"""

import errno
import os
import threading
from typing import Any, NamedTuple

from edge.sense.camera.base import Clock
from edge.sense.latest import Latest

POLL_INTERVAL_S = 0.005
"""Between two reads of a device that has no frame; a webcam delivers one every 33 ms."""


class Packet(NamedTuple):
    """One frame as the device delivered it."""

    data: bytes
    """Encoded or raw."""
    captured_at: float
    """Its arrival, monotonic s."""


class Grabber:
    """Reads packets from an opened PyAV container, which must not block, until it is stopped.

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
