"""What one browser has yet to be sent."""

import asyncio
from collections import deque

from edge.tools.view.message import Message

_MOST = 500
"""Messages that may wait for a slow browser, poses aside."""


class ClientQueue:
    """A listener of the hub: a slot for the latest poses of one device, and a bounded row for the rest of all."""

    def __init__(self, device: str) -> None:
        """To be made in the event loop that will take from it."""
        self._device = device
        self._loop = asyncio.get_running_loop()
        self._any = asyncio.Event()
        self._poses: Message | None = None
        self._rest: deque[Message] = deque(maxlen=_MOST)

    def __call__(self, message: Message) -> None:
        """From any thread."""
        if message.kind != "poses" or message.device == self._device:
            self._loop.call_soon_threadsafe(self._put, message)

    async def take(self, seconds: float) -> list[Message]:
        """All that waits, after waiting for it at most so long."""
        try:
            await asyncio.wait_for(self._any.wait(), seconds)
        except TimeoutError:
            return []
        self._any.clear()
        taken = [*self._rest, *([self._poses] if self._poses else [])]
        self._rest.clear()
        self._poses = None
        return taken

    def _put(self, message: Message) -> None:
        if message.kind == "poses":
            self._poses = message
        else:
            self._rest.append(message)
        self._any.set()
