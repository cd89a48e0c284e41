"""Pause and resume: the camera is shut or opened by ``sense``, and stays so over restarts of both services.

It is shut while ``command/camera`` has paused it or the profile does: neither lifts a pause of the other.
"""

from collections.abc import Callable

from edge.config.shapes import show
from edge.errors import BadSetting
from edge.report.commands.state_store import StateStore
from edge.wire import PAUSE, RESUME

_STORED = "paused"


class CameraSwitch:
    """Passes the command to ``sense`` and stores it. Only ``sense`` knows whether the camera is shut."""

    def __init__(self, store: StateStore, send: Callable[[str], None], pausing: str = "") -> None:
        """Send ``sense`` what was asked last.

        Args:
            store: Where a pause is stored.
            send: Takes one of ``edge.wire.WORDS_DOWN`` there.
            pausing: Name of the profile that pauses the camera; empty: none.
        """
        self._store = store
        self._send = send
        self._pausing = pausing
        send(self._word)

    @property
    def _word(self) -> str:
        return PAUSE if self._pausing or self._store.get(_STORED) is not None else RESUME

    def follow(self, pausing: str) -> None:
        """Take over that the profile of this name pauses the camera, or none (empty)."""
        before, self._pausing = self._word, pausing
        if self._word != before:
            self._send(self._word)

    def command(self, payload: bytes) -> None:
        """Carry out ``command/camera``; on return it is stored.

        Args:
            payload: ``pause`` or ``resume``.

        Raises:
            BadSetting: It is neither, or the profile pauses the camera.
        """
        word = payload.decode("ascii", "replace")
        if word not in (PAUSE, RESUME):
            raise BadSetting(f"command/camera: expected {PAUSE} or {RESUME}, found {show(word)}")
        if word == RESUME and self._pausing:
            raise BadSetting(
                f"command/camera: found {RESUME} while the profile {self._pausing} pauses the camera; expected another "
                "profile first (command/profile)"
            )
        # A pause must not wait for the disk. ``state`` is published by this thread, so only after this has returned:
        # what it confirms is stored.
        if word == PAUSE:
            self._send(word)
        self._store.set(_STORED, b"" if word == PAUSE else None)
        if word == RESUME:
            self._send(word)
