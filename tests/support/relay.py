"""A TCP relay of the test's own, between a client and a broker, that treats what passes badly."""

import contextlib
import selectors
import socket
import threading
import time
from typing import Self


class Relay:
    """Between ``with`` and its end, connects whoever comes to ``port`` with the broker.

    Attributes:
        port: Where to connect to.
        swallowing: Bytes vanish in both directions, and new connections get no answer, as on a link that is dead and
            that nobody has noticed yet.
        refusing: Whoever comes is turned away.
        slice_bytes: Passed on at once, with a pause of a millisecond after each; 0: all that there is.
    """

    def __init__(self, broker_port: int) -> None:
        self._broker_port = broker_port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.swallowing, self.refusing, self.slice_bytes = False, False, 0
        self._ends: list[socket.socket] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def hang_up(self) -> None:
        """End every connection, in the midst of whatever is said."""
        for end in list(self._ends):
            with contextlib.suppress(OSError):  # it has ended already
                end.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._selector.select(0.05):
                if key.fileobj is self._server:
                    self._connect(self._server.accept()[0])
                # Where both ends can be read, the first may have closed the second.
                elif isinstance(key.fileobj, socket.socket) and key.fileobj.fileno() >= 0:
                    self._pass_on(key.fileobj, key.data)

    def _connect(self, client: socket.socket) -> None:
        if self.refusing:
            client.close()
            return
        try:
            broker = socket.create_connection(("127.0.0.1", self._broker_port))
        except OSError:
            client.close()
            return
        self._selector.register(client, selectors.EVENT_READ, broker)
        self._selector.register(broker, selectors.EVENT_READ, client)
        self._ends += client, broker

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        received = b""
        with contextlib.suppress(OSError):
            received = source.recv(65536)
        if not received:
            for end in (source, target):
                self._selector.unregister(end)
                self._ends.remove(end)
                end.close()
        elif not self.swallowing:
            self._hand_on(target, received)

    def _hand_on(self, target: socket.socket, data: bytes) -> None:
        step = self.slice_bytes or len(data)
        with contextlib.suppress(OSError):  # the other side has hung up, which is read next
            for start in range(0, len(data), step):
                target.sendall(data[start : start + step])
                if self.slice_bytes:
                    time.sleep(0.001)
