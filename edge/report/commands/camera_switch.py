"""Pause and resume: the camera is shut or opened by ``sense``, and stays so over restarts of both services."""

from collections.abc import Callable

from edge.config.shapes import show
from edge.errors import BadSetting
from edge.report.commands.state_store import StateStore
from edge.wire import WORDS_DOWN

PAUSE, RESUME = WORDS_DOWN
_STORED = "paused"


class CameraSwitch:
    """Passes the command to ``sense`` and stores it. Only ``sense`` knows whether the camera is shut."""

    def __init__(self, store: StateStore, send: Callable[[str], None]) -> None:
        """Send ``sense`` what was asked last; send: takes one of ``edge.wire.WORDS_DOWN`` there."""
        self._store = store
        self._send = send
        send(RESUME if store.get(_STORED) is None else PAUSE)

    def command(self, payload: bytes) -> None:
        """Carry out ``command/camera``; on return it is stored.

        Args:
            payload: ``pause`` or ``resume``.

        Raises:
            BadSetting: It is neither.
        """
        word = payload.decode("ascii", "replace")
        if word not in WORDS_DOWN:
            raise BadSetting(f"command/camera: expected {PAUSE} or {RESUME}, found {show(word)}")
        # A pause must not wait for the disk. ``state`` is published by this thread, so only after this has returned:
        # what it confirms is stored.
        if word == PAUSE:
            self._send(word)
        self._store.set(_STORED, b"" if word == PAUSE else None)
        if word == RESUME:
            self._send(word)
