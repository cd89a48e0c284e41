"""Messages given to paho that the network has not taken yet; paho's own queue for those of QoS 0 has no bound."""

from collections import deque

from paho.mqtt.client import MQTTMessageInfo

_MOST = 16


class InFlight:
    """Those of one connection: ``add`` each, while it is not ``full``."""

    def __init__(self) -> None:
        self._messages: deque[MQTTMessageInfo] = deque()

    @property
    def full(self) -> bool:
        """Whether no other should be given now."""
        while self._messages and is_over(self._messages[0]):
            self._messages.popleft()
        return len(self._messages) >= _MOST

    def add(self, message: MQTTMessageInfo) -> bool:
        """False if it was lost already: the connection broke a moment ago, and nobody has noticed yet."""
        if message.rc:
            return False
        self._messages.append(message)
        return True


def is_over(message: MQTTMessageInfo) -> bool:
    """Whether it was written, or never will be: for what a broken connection took along, paho raises."""
    try:
        return message.is_published()
    except (RuntimeError, ValueError):
        return True
