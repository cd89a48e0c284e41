"""Monitor the seal: apply the second stage of the sandbox, and test the sandbox every minute."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from edge.sense.sandbox.confine import Confinement, confine_running
from edge.sense.sandbox.self_test import check_seal

log = logging.getLogger(__name__)

_STREAMS = (0, 1, 2)
"""Standard streams, which a user who starts ``sense`` by hand may redirect to files."""
CHECK_INTERVAL_S = 60.0
"""Time between two tests of the sandbox."""


@dataclass
class SealMonitor:
    """Periodic test of the sandbox, for the first time when it is made.

    Attributes:
        confinement: Result of the first stage.
        installed: Run by systemd, where more must hold than for a process that was started by hand.
        check: Tests the sandbox.
        confine: Applies the second stage.
        clock: Monotonic, s.
    """

    confinement: Confinement
    installed: bool
    check: Callable[..., tuple[str, ...]] = check_seal
    confine: Callable[[], tuple[str, ...]] = confine_running
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._running = False
        self._checked_at = -math.inf
        self.breaches: tuple[str, ...] = ()
        """Result of the last test: words of ``edge.wire.BREACHES``, empty if the sandbox is sealed."""
        for missing in self.confinement.missing:
            log.info("seal: %s", missing)
        self.look()

    def look(self) -> None:
        """Test the sandbox if the last test is ``CHECK_INTERVAL_S`` old; log a change."""
        if self.clock() - self._checked_at < CHECK_INTERVAL_S:
            return
        self._checked_at = self.clock()
        breaches = self.check(
            running=self._running,
            installed=self.installed,
            known=self.confinement.breaches,
            ignored=() if self.installed else _STREAMS,
        )
        if breaches != self.breaches:
            log.warning("not sealed: %s" if breaches else "sealed again%s", ", ".join(breaches))
        self.breaches = breaches

    def camera_opened(self) -> None:
        """Apply the second stage, in which no program can be started; libcamera has started its helpers by now."""
        if not self._running:
            for missing in self.confine():
                log.info("seal: %s", missing)
            self._running = True
            self._checked_at = -math.inf
