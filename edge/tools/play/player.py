"""Source of lines for ``report`` that plays frames at a given speed, in place of the line server."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from edge import wire
from edge.errors import BadRecording, Unavailable
from edge.tools.progress import Progress

_READY_WITHIN_S = 10.0
_POLL_S = 0.02
_LINGER_S = 1.0
"""Time on the scene's clock after the last frame, in which the last state is published."""


class Player:
    """Replacement of the line server: ``poll`` gives each frame's line when due, and sets ``stopping`` at the end.

    ``clock`` is the scene's: seconds since its first frame, ``speed`` times as fast as real time. It advances only in
    ``poll``, and never past the next line. So a line is never stale at any speed, and what takes 2 s in the scene takes
    2 s for the detectors.
    """

    def __init__(
        self,
        frames: Iterator[wire.FrameLine],
        speed: float,
        stopping: threading.Event,
        ready: Callable[[], bool],
        real: Callable[[], float] = time.monotonic,
        speaker: str = "posenet-edge",
    ) -> None:
        """Take the first frame.

        Args:
            frames: ``monotonic`` is in s from 0.
            speed: Of the scene's clock, relative to real time.
            stopping: Set at the end of the frames.
            ready: Whether a line can be published now; otherwise the scene waits.
            real: Clock, for tests.
            speaker: Name of the program in progress messages.
        """
        self._frames = frames
        self._speed = speed
        self._stopping = stopping
        self._ready = ready
        self._real = real
        self._began = self._polled = self._was_ready = real()
        self._now = 0.0
        self._due = 0.0
        self._progress = Progress(speaker, real)
        self.played = 0
        self.problem: BadRecording | None = None
        """The error that ended the frames early."""
        self._next = self._take()

    def clock(self) -> float:
        """Seconds on the scene's clock."""
        return self._now

    def poll(self, timeout: float) -> list[bytes]:
        """Wait for the next line for at most ``timeout`` s.

        Returns:
            The line, if it is due.

        Raises:
            Unavailable: There was no connection to the broker for 10 s.
        """
        if not self._is_ready():
            self._stopping.wait(min(_POLL_S, timeout))
            before, self._polled = self._polled, self._real()
            self._began += self._polled - before
            return []
        at = self._began + self._due / self._speed
        self._stopping.wait(min(timeout, max(0.0, at - self._real())))
        self._polled = self._real()
        reached = self._due if self._polled >= at else min(self._due, (self._polled - self._began) * self._speed)
        self._now = max(self._now, reached)
        self._progress.say(f"{self._now:.0f} s, {self.played} frames")
        if self._now < self._due:
            return []
        if self._next is None:
            self._stopping.set()
            return []
        line = wire.encode(replace(self._next, time=time.time()))
        self.played += 1
        self._next = self._take()
        return [line]

    def send_command(self, _word: str) -> None:
        """Do nothing: there is no camera to close."""

    def _is_ready(self) -> bool:
        if self._ready():
            self._was_ready = self._real()
        elif self._real() - self._was_ready > _READY_WITHIN_S:
            raise Unavailable(
                f"no connection to the broker for {_READY_WITHIN_S:.0f} s; expected one at mqtt.host and mqtt.port"
            )
        else:
            return False
        return True

    def _take(self) -> wire.FrameLine | None:
        """Take the next frame and set the time when it is due."""
        try:
            frame = next(self._frames, None)
        except BadRecording as error:
            self.problem, frame = error, None
        self._due = frame.monotonic if frame else self._due + _LINGER_S
        return frame
