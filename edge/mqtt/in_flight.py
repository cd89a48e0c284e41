"""Bound on the messages that wait in paho for the network; paho's own queue for those of QoS 0 has none."""

from collections import deque

from paho.mqtt.client import MQTTMessageInfo

_MAX_MESSAGES = 16


class InFlight:
    """Messages of one connection that are not written yet: ``add`` each, while it is not ``full``."""

    def __init__(self) -> None:
        self._messages: deque[MQTTMessageInfo] = deque()

    @property
    def full(self) -> bool:
        """No other message should be given to paho now."""
        while self._messages and is_over(self._messages[0]):
            self._messages.popleft()
        return len(self._messages) >= _MAX_MESSAGES

    def add(self, message: MQTTMessageInfo) -> bool:
        """Remember a message; False if it is lost: the connection broke, and that is not noticed yet."""
        if message.rc:
            return False
        self._messages.append(message)
        return True


def is_over(message: MQTTMessageInfo) -> bool:
    """Tell whether a message was written, or never will be: paho raises for one that was lost with its connection."""
    try:
        return message.is_published()
    except (RuntimeError, ValueError):
        return True
