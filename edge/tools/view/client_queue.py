"""Queue of messages for one browser."""

import asyncio
from collections import deque

from edge.tools.view.message import Message

_PASSED_ON = ("poses", "event", "places", "summary", "gone", "broker", "ready")
"""What the page shows; ``state`` and ``health`` are in the summary."""
_MAX_WAITING = 500
"""Greatest number of messages that wait for a slow browser, without poses."""


class ClientQueue:
    """Listener of the hub that keeps the latest poses of one device, and a bounded queue of all other messages."""

    def __init__(self, device: str) -> None:
        """Create it in the event loop that takes from it."""
        self._device = device
        self._loop = asyncio.get_running_loop()
        self._not_empty = asyncio.Event()
        self._poses: Message | None = None
        self._rest: deque[Message] = deque(maxlen=_MAX_WAITING)

    def __call__(self, message: Message) -> None:
        """Add a message; may be called from any thread."""
        if message.kind in _PASSED_ON and (message.kind != "poses" or message.device == self._device):
            self._loop.call_soon_threadsafe(self._put, message)

    async def take(self, seconds: float) -> list[Message]:
        """Wait for messages for at most ``seconds``; returns all that are queued."""
        try:
            await asyncio.wait_for(self._not_empty.wait(), seconds)
        except TimeoutError:
            return []
        self._not_empty.clear()
        taken = [*self._rest, *([self._poses] if self._poses else [])]
        self._rest.clear()
        self._poses = None
        return taken

    def _put(self, message: Message) -> None:
        if message.kind == "poses":
            self._poses = message
        else:
            self._rest.append(message)
        self._not_empty.set()
