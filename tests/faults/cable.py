"""A network of two namespaces whose cable can lose packets, be slow, or be pulled: packets pass through this process.

The kernel's own network emulation is a module that not every machine has.
"""

import ctypes
import fcntl
import os
import pathlib
import random
import select
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

SENSOR, BROKER = "10.77.0.1", "10.77.0.2"
"""Addresses in the two namespaces."""
_CLONE_NEWNET = 0x40000000
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 1, 0x1000
_DEVICE = "cable"
_TURN_S = 0.05
_Made = TypeVar("_Made")


class Cable:
    """Two namespaces, ``sensor`` and ``broker``, between ``with`` and its end, and what passes between them.

    Attributes:
        loss: Share of the packets that are lost, 0..1.
        bits_per_s: What passes in each direction; infinite by default.
        cut: Directions in which nothing passes, of ``to_broker`` and ``to_sensor``.
    """

    def __init__(self) -> None:
        self.loss, self.bits_per_s = 0.0, float("inf")
        self.cut: set[str] = set()
        self._names = {side: f"posenet-{os.getpid()}-{side}" for side in ("sensor", "broker")}
        self._chance = random.Random(0)
        self._over = threading.Event()
        self._ends: list[int] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        ends = {}
        for side, address in (("sensor", SENSOR), ("broker", BROKER)):
            name = self._names[side]
            _ip(f"netns add {name}")
            ends[side] = self.inside(side, _tunnel)
            _ip(f"-n {name} addr add {address}/24 dev {_DEVICE}")
            for device in ("lo", _DEVICE):
                _ip(f"-n {name} link set {device} up")
        self._ends = list(ends.values())
        for direction, source, sink in (("to_broker", "sensor", "broker"), ("to_sensor", "broker", "sensor")):
            thread = threading.Thread(target=self._carry, args=[direction, ends[source], ends[sink]], daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            os.close(end)
        for name in self._names.values():
            _ip(f"netns del {name}")

    def inside(self, side: str, make: Callable[[], _Made]) -> _Made:
        """Return what ``make`` makes in a namespace: sockets and processes that are made there stay there."""

        def enter() -> _Made:
            with pathlib.Path(f"/run/netns/{self._names[side]}").open() as namespace:
                if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
            return make()

        # A namespace is a thread's own, and so is its end.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(enter).result()

    def command(self, side: str) -> list[str]:
        """Words before a command that make it run in a namespace."""
        return ["ip", "netns", "exec", self._names[side]]

    def _carry(self, direction: str, source: int, sink: int) -> None:
        free_at = time.monotonic()
        while not self._over.is_set():
            if not select.select([source], [], [], _TURN_S)[0]:
                continue
            packet = os.read(source, 65536)
            if direction in self.cut or self._chance.random() < self.loss:
                continue
            free_at = max(free_at, time.monotonic()) + 8 * len(packet) / self.bits_per_s
            if self._over.wait(max(0.0, free_at - time.monotonic())):
                return
            os.write(sink, packet)


def _tunnel() -> int:
    """Make a network device of the namespace that this thread is in, and return where its packets come and go."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", _DEVICE.encode(), _IFF_TUN | _IFF_NO_PI))
    return device


def _ip(arguments: str) -> None:
    subprocess.run(["ip", *arguments.split()], check=True, capture_output=True, text=True)
