"""Monitor the seal: apply the second stage of the sandbox, and test the sandbox every minute."""

import logging
import time
from collections.abc import Callable

from edge.sense.sandbox.confine import Confinement, confine_running
from edge.sense.sandbox.self_test import check_seal

log = logging.getLogger(__name__)

_STREAMS = (0, 1, 2)
"""Standard streams, which a user who starts ``sense`` by hand may redirect to files."""
CHECK_INTERVAL_S = 60.0
"""Time between two tests of the sandbox."""


class SealMonitor:
    """Periodic test of the sandbox.

    ``breaches`` is the result of the last test: words of ``edge.wire.BREACHES``, empty if the sandbox is sealed.
    """

    def __init__(
        self,
        confinement: Confinement,
        installed: bool,
        check: Callable[..., tuple[str, ...]] = check_seal,
        confine: Callable[[], tuple[str, ...]] = confine_running,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Test the sandbox for the first time.

        Args:
            confinement: Result of the first stage.
            installed: Run by systemd, where more must hold than for a process that was started by hand.
            check: For tests.
            confine: The second stage; for tests.
            clock: For tests.
        """
        self._confinement = confinement
        self._installed = installed
        self._check = check
        self._confine = confine
        self._clock = clock
        self._running = False
        self._checked_at = clock() - CHECK_INTERVAL_S
        self.breaches: tuple[str, ...] = ()
        for missing in confinement.missing:
            log.info("seal: %s", missing)
        self.look()

    def look(self) -> None:
        """Test the sandbox if the last test is ``CHECK_INTERVAL_S`` old; log a change."""
        if self._clock() - self._checked_at < CHECK_INTERVAL_S:
            return
        self._checked_at = self._clock()
        breaches = self._check(
            running=self._running,
            installed=self._installed,
            known=self._confinement.breaches,
            ignored=() if self._installed else _STREAMS,
        )
        if breaches != self.breaches:
            log.warning("not sealed: %s" if breaches else "sealed again%s", ", ".join(breaches))
        self.breaches = breaches

    def camera_opened(self) -> None:
        """Apply the second stage, in which no program can be started; libcamera has started its helpers by now."""
        if not self._running:
            for missing in self._confine():
                log.info("seal: %s", missing)
            self._running = True
            self._checked_at = self._clock() - CHECK_INTERVAL_S

    def restart_reason(self) -> str:
        """Reason why a new process might open a camera that this one cannot; empty if there is none."""
        return self._confinement.why_outdated()

    @property
    def barred(self) -> tuple[str, ...]:
        """Nodes of present cameras that the unit's device rules forbid to this process."""
        return self._confinement.barred
