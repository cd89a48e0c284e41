"""A TCP relay before a broker that treats what passes badly."""

import select
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self


class Relay:
    """Between ``with`` and its end, passes connections to ``port`` on to ``target``, both on loopback.

    Attributes:
        slice_bytes: Passed at once, with a pause of a millisecond after each; 0: all that there is.
        swallows: What comes in vanishes, as on a link that is dead without anybody knowing.
    """

    def __init__(self, target: int) -> None:
        self.slice_bytes, self.swallows = 0, False
        self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._over = threading.Event()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection, in the midst of whatever is said."""
        for pair in self._pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._over.is_set():
                near, _ = self._server.accept()
                with suppress(ConnectionRefusedError):
                    far = socket.create_connection(("127.0.0.1", self._target))
                    self._pairs.append((near, far))
                    threading.Thread(target=self._pass, args=[near, far], daemon=True).start()
                    continue
                near.close()

    def _pass(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with suppress(OSError), near, far:
            while not self._over.is_set():
                for end in select.select([near, far], [], [], 0.1)[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    if not self.swallows:
                        self._hand_on(other[end], data)

    def _hand_on(self, end: socket.socket, data: bytes) -> None:
        step = self.slice_bytes or len(data)
        for start in range(0, len(data), step):
            end.sendall(data[start : start + step])
            if self.slice_bytes:
                time.sleep(0.001)
