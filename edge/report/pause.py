"""Whether the camera is to be shut: kept over restarts, so that nobody is seen because a device was switched on."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)


class Pause:
    """``paused`` as it was last set, by this process or by one before it."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """environment: systemd names the service's own folder there; without one nothing is kept."""
        folder = environment.get("STATE_DIRECTORY")
        self._file = Path(folder) / "paused" if folder else None
        self.paused = bool(self._file and self._file.exists())

    def set(self, paused: bool) -> None:
        """Pause or resume, and keep that; where it cannot be kept it holds until the next start, and is said."""
        self.paused = paused
        if self._file is None:
            return
        try:
            if paused:
                self._file.touch()
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            log.warning(
                "%s: %s; the %s ends with this process", self._file, error.strerror, "pause" if paused else "resuming"
            )
