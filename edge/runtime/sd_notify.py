"""Notify systemd, or ``posenet-edge run``, of the state of a service (sd_notify(3)); without either, do nothing."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Mapping

RUN_SOCKET = "POSENET_EDGE_RUN_SOCKET"
"""Environment variable with the address at which ``posenet-edge run`` listens in place of systemd."""


class Notifier:
    """Sends what a unit with ``Type=notify`` and ``WatchdogSec=`` expects, to systemd or to ``posenet-edge run``.

    ``alive`` may be called at any rate: it is passed on four times within each watchdog period.
    """

    def __init__(
        self, environment: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.monotonic
    ) -> None:
        systemd = environment.get("NOTIFY_SOCKET", "")
        address = systemd or environment.get(RUN_SOCKET, "")
        self.listened_to = bool(systemd)
        """True if systemd started this process and expects notifications."""
        self.is_tended = bool(address)
        """True if systemd or ``posenet-edge run`` started this process, and starts it again when it ends."""
        # An @ stands for the zero byte with which an abstract address begins.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._clock = clock
        self._period = int(environment.get("WATCHDOG_USEC") or 0) / 1e6 / 4
        self._alive_at = -self._period
        self._sent_status = ""

    def ready(self) -> None:
        """Notify that the service is up, or up again after a reload."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """Set the line that ``systemctl status`` shows; an unchanged line is not sent again."""
        if text != self._sent_status:
            self._sent_status = text
            self._send(f"STATUS={text}")

    def alive(self) -> None:
        """Notify of progress; without any for ``WatchdogSec`` systemd kills the service."""
        if self._period and self._clock() - self._alive_at >= self._period:
            self._alive_at = self._clock()
            self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """Notify that the configuration is being reloaded; ``ready`` must follow."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={int(time.monotonic() * 1e6)}")

    def stopping(self) -> None:
        """Notify that the service is stopping."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # Where systemd does not listen any more, the service goes on without its watchdog.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out, contextlib.suppress(OSError):
            out.sendto(message.encode(), self._address)
