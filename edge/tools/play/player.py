"""Hands frames to a reporting room as the wall would, at times of its own."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from edge import wire
from edge.errors import BadRecording, Unavailable
from edge.tools.progress import Progress

_READY_WITHIN = 10.0
_TURN = 0.02
_LINGER = 1.0
"""Seconds on the scene's clock after the last frame, in which the last state still goes out."""


class Player:
    """Stands where an inlet does: ``poll`` gives each frame's line when it is due, and at the end sets ``stopping``.

    ``clock`` is the scene's own: seconds since its first frame, ``speed`` times as many as pass. It moves only in
    ``poll``, and never past the next line. So a line is never stale however fast time goes, and what takes 2 s before
    the camera takes 2 s for the meanings.
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
        """frames: ``monotonic`` in s from 0. ready: whether a line could go on to the broker; else the scene waits."""
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
        """What ended the frames early."""
        self._next = self._take()

    def clock(self) -> float:
        """Seconds on the scene's clock."""
        return self._now

    def poll(self, timeout: float) -> list[bytes]:
        """The next line if it is due within ``timeout`` s; raises Unavailable if the broker is away for 10 s."""
        if not self._is_ready():
            self._stopping.wait(min(_TURN, timeout))
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
        """Nothing: there is no camera to be shut."""

    def _is_ready(self) -> bool:
        if self._ready():
            self._was_ready = self._real()
        elif self._real() - self._was_ready > _READY_WITHIN:
            raise Unavailable(
                f"no connection to the broker for {_READY_WITHIN:.0f} s; expected one at mqtt.host and mqtt.port"
            )
        else:
            return False
        return True

    def _take(self) -> wire.FrameLine | None:
        """The frame after this one, and when it is due."""
        try:
            frame = next(self._frames, None)
        except BadRecording as error:
            self.problem, frame = error, None
        self._due = frame.monotonic if frame else self._due + _LINGER
        return frame
