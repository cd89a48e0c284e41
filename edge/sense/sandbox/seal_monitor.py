"""Keeps an eye on the seal: shuts the process in, in two stages, and tests once a minute whether it still is."""

import logging
import time
from collections.abc import Callable

from edge.sense.sandbox.confine import Confinement, confine_running
from edge.sense.sandbox.self_test import check_seal

log = logging.getLogger(__name__)

_STREAMS = (0, 1, 2)
"""On a desk, where standard output goes is the choice of whoever typed the command."""
CHECK_EVERY = 60.0
"""Seconds between two tests of the cell."""


class SealMonitor:
    """``breaches`` is what the last test found: words of ``edge.wire.BREACHES``, none where the cell is sealed."""

    def __init__(
        self,
        confinement: Confinement,
        installed: bool,
        check: Callable[..., tuple[str, ...]] = check_seal,
        shut: Callable[[], tuple[str, ...]] = confine_running,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """installed: run by systemd, where more must hold than on a desk. check, shut, clock: for tests."""
        self._confinement = confinement
        self._installed = installed
        self._check = check
        self._shut = shut
        self._clock = clock
        self._running = False
        self._checked_at = clock() - CHECK_EVERY
        self.breaches: tuple[str, ...] = ()
        for missing in confinement.missing:
            log.info("seal: %s", missing)
        self.look()

    def look(self) -> None:
        """Tests the cell, if the last time was long enough ago; says what changed."""
        if self._clock() - self._checked_at < CHECK_EVERY:
            return
        self._checked_at = self._clock()
        breaches = self._check(
            running=self._running,
            installed=self._installed,
            known=self._confinement.breaches,
            spared=() if self._installed else _STREAMS,
        )
        if breaches != self.breaches:
            log.warning("not sealed: %s" if breaches else "sealed again%s", ", ".join(breaches))
        self.breaches = breaches

    def camera_opened(self) -> None:
        """From here on no program may be started; libcamera had its chance to start its helpers."""
        if not self._running:
            for missing in self._shut():
                log.info("seal: %s", missing)
            self._running = True
            self._checked_at = self._clock() - CHECK_EVERY

    def why_new_process(self) -> str:
        """Why a new process might open a camera that this cell cannot; empty where there is no reason to try."""
        return self._confinement.why_outdated()

    @property
    def barred(self) -> tuple[str, ...]:
        """Nodes of cameras that are there and that the unit's device rules keep from this process."""
        return self._confinement.barred
