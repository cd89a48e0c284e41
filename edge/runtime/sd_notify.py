"""Tells systemd how a service is, over the socket it names (sd_notify(3)); does nothing anywhere else."""

import os
import socket
import time
from collections.abc import Callable, Mapping


class Notifier:
    """``ready``, ``status``, ``alive``, ``reloading`` and ``stopping``, as ``Type=notify`` and ``WatchdogSec=`` want.

    ``alive`` may be called as often as one likes: it is passed on a few times within each watchdog period.
    """

    def __init__(
        self, environment: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.monotonic
    ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # An @ stands for the zero byte with which an abstract address begins.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._clock = clock
        self._period = int(environment.get("WATCHDOG_USEC") or 0) / 1e6 / 4
        self._alive_at = -self._period
        self._said = ""

    @property
    def listened_to(self) -> bool:
        """Whether systemd started this process and wants to hear of it."""
        return bool(self._address)

    def ready(self) -> None:
        """The service is up (or up again after a reload)."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """One line for ``systemctl status``; the same line is not said twice."""
        if text != self._said:
            self._said = text
            self._send(f"STATUS={text}")

    def alive(self) -> None:
        """Something was completed; without this for ``WatchdogSec`` the service is killed."""
        if self._period and self._clock() - self._alive_at >= self._period:
            self._alive_at = self._clock()
            self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """The configuration is being read anew; ``ready`` follows."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={int(time.monotonic() * 1e6)}")

    def stopping(self) -> None:
        """The service is on its way down."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            try:
                out.connect(self._address)
                out.send(message.encode())
            except OSError:
                # Nobody listens any more; a sensor goes on without being watched.
                return
