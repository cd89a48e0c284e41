"""Progress of long work, told on standard error."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType, TracebackType
from typing import Self, TypeVar

Item = TypeVar("Item")

_FIRST_S, _LONGEST_S = 2.0, 60.0
_TICK_S = 1.0


class Progress:
    """Tell how far something has come, once it takes more than 2 s, and then less and less often, up to once a minute.

    Work that has news again and again calls ``say``. Work that is busy within a step for long names its steps with
    ``begin``, inside of a ``with``: there a signal speaks for it. A signal and no thread, because ``audit`` forks.
    """

    def __init__(self, speaker: str = "posenet-edge", clock: Callable[[], float] = time.monotonic) -> None:
        """Start to count the time.

        Args:
            speaker: Stands in front of each line.
            clock: In seconds.
        """
        self._speaker = speaker
        self._clock = clock
        self.begin("")

    def begin(self, step: str) -> None:
        """Name what is done from now on."""
        self._step = step
        self._wait = _FIRST_S
        self._said_at = self._clock()

    def say(self, text: str) -> None:
        """Tell how far it has come, if it is time to."""
        if self._clock() - self._said_at >= self._wait:
            self._said_at = self._clock()
            self._wait = min(2 * self._wait, _LONGEST_S)
            # Not through sys.stderr: a signal may come in the midst of a line that is written there.
            with contextlib.suppress(OSError):
                os.write(2, f"{self._speaker}: {text}\n".encode())

    def count(self, what: str, items: Sequence[Item]) -> Iterator[Item]:
        """Give the items one by one, and tell of it as ``looking at photos: 12 of 70``."""
        self.begin(what)
        for number, item in enumerate(items, start=1):
            self.say(f"{what}: {number} of {len(items)}")
            yield item

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, _TICK_S, _TICK_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _tick(self, _number: int, _frame: FrameType | None) -> None:
        self.say(f"{self._step} ...")
