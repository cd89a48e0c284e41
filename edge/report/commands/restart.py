"""Restart over MQTT: both services end, and whoever started them starts them again."""

import logging
import threading
import time
from collections.abc import Callable

from edge.config.shapes import show
from edge.errors import BadSetting
from edge.report.commands.dispatcher import TooSoon
from edge.wire import RESTART

log = logging.getLogger(__name__)

APART_S = 300.0
"""Time for which ``report`` must have run before it takes the command. A restart takes a few seconds, so whoever keeps
asking for one takes some hundredths of the time at most."""


class Restart:
    """``command/restart``; ``asked`` tells that this process ends because of it."""

    def __init__(
        self,
        is_tended: bool,
        send: Callable[[str], None],
        stopping: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to count the time.

        Args:
            is_tended: Somebody starts this process again when it ends.
            send: Takes one of ``edge.wire.WORDS_DOWN`` to ``sense``.
            stopping: Set to end this process.
            clock: Monotonic, s.
        """
        self._is_tended = is_tended
        self._send = send
        self._stopping = stopping
        self._clock = clock
        self._started = clock()
        self.asked = False

    def command(self, payload: bytes) -> None:
        """Carry out ``command/restart``.

        Args:
            payload: ``restart``.

        Raises:
            TooSoon: This process has not run for ``APART_S`` yet.
            BadSetting: It is another payload, or nobody would start this process again.
        """
        word, ran = payload.decode("ascii", "replace"), self._clock() - self._started
        if word != RESTART:
            raise BadSetting(f"command/restart: expected {RESTART}, found {show(word)}")
        if not self._is_tended:
            raise BadSetting(
                "command/restart: nobody would start this process again; expected the installed services, or "
                "posenet-edge run"
            )
        if ran < APART_S:
            raise TooSoon(f"command/restart: found a start {ran:.0f} s ago, expected {APART_S:.0f} s between two")
        log.warning("command/restart: both services start again")
        self._send(RESTART)
        self.asked = True
        self._stopping.set()
