"""A thread that reads a webcam and keeps only the latest frame.

The kernel queues some thirty frames and then drops the *new* ones, so a device must be read as fast as it gives,
also while nobody wants a frame.
"""

import errno
import os
import threading
from typing import Any, NamedTuple

from edge.sense.camera.base import Clock

_POLL = 0.005
"""Seconds between two looks at a device that has nothing; a webcam gives a frame every 33 ms."""


class Packet(NamedTuple):
    """One frame as the device gave it. data: encoded or raw. captured_at: arrival, monotonic, s."""

    data: bytes
    captured_at: float


class Grabber:
    """Reads packets from an opened PyAV container, which must not block, until it is stopped.

    A packet may be the driver's own memory, which closing takes away: its bytes are copied at once, so that only
    this thread ever holds one, and ``stop`` returns when it holds none.
    """

    def __init__(self, container: Any, clock: Clock) -> None:
        self._container = container
        self._clock = clock
        self._changed = threading.Condition()
        self._latest: Packet | None = None
        self._error: OSError | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webcam", daemon=True)
        self._thread.start()

    def take(self, timeout: float) -> Packet | None:
        """The latest frame, once; None where none came within ``timeout`` s; OSError where the device is gone."""
        with self._changed:
            self._changed.wait_for(lambda: self._latest or self._error, timeout)
            packet, self._latest = self._latest, None
            if packet is None and self._error is not None:
                raise self._error
            return packet

    def stop(self) -> None:
        """End the thread; the container may be closed afterwards."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        error: OSError | None = None
        while error is None and not self._ending.is_set():
            try:
                self._read()
            except BlockingIOError:
                self._ending.wait(_POLL)
            except Exception as reason:
                # Without its traceback, which would keep the packet.
                number = getattr(reason, "errno", None)
                error = OSError(number, os.strerror(number)) if number else OSError(f"{type(reason).__name__}")
        with self._changed:
            self._error = error
            self._changed.notify()

    def _read(self) -> None:
        """Read until the device has nothing more; raises BlockingIOError then."""
        for packet in self._container.demux(video=0):
            if self._ending.is_set():
                return
            # A frame damaged on the way arrives empty; decoding it would tell the decoder that this was the end.
            if packet.size:
                self._put(Packet(bytes(packet), self._clock.now()))
        raise OSError(errno.ENODEV, "no more frames")

    def _put(self, packet: Packet) -> None:
        with self._changed:
            self._latest = packet
            self._changed.notify()
