"""Decide whether the camera may be open: only if ``report`` allows it and, where required, the process is sealed."""

from edge.sense.line_sender import LineSender
from edge.sense.sandbox.seal_monitor import SealMonitor


class CameraPermission:
    """Combines the last word from ``report`` with the state of the seal."""

    def __init__(self, line_sender: LineSender, seal: SealMonitor, require_seal: bool) -> None:
        self._line_sender = line_sender
        self._seal = seal
        self._require_seal = require_seal
        self._word = ""

    def update(self) -> None:
        """Test the seal, if that is due, and listen for a word from ``report``."""
        self._seal.look()
        self._word = self._line_sender.listen()

    def update_seal(self) -> None:
        """Test the seal alone, if that is due: opening the camera may have made it so."""
        self._seal.look()

    @property
    def refused(self) -> bool:
        """True if the camera must be shut because the process is not sealed."""
        return self._require_seal and bool(self._seal.breaches)

    @property
    def paused(self) -> bool:
        """True if ``report`` has asked for a pause."""
        return self._word == "pause"

    @property
    def granted(self) -> bool:
        """True if the camera may be open; never before the first word."""
        return self._word == "resume" and not self.refused
