"""Limits of a broker, as its answer to CONNECT tells them (MQTT 5, section 3.2.2.3)."""

from dataclasses import dataclass
from typing import Any, Self

from paho.mqtt.enums import MQTTProtocolVersion


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one connection; the defaults are those of MQTT 3.1.1, which has no words for them."""

    expires: bool = False
    """It takes a retained message away when the time that the message says is over."""
    packet: int = 0
    """Largest packet that it takes, bytes; 0: it names none."""
    qos: int = 2
    """Highest quality of service of a message."""
    retains: bool = True
    """It takes retained messages."""
    unanswered: int = 65535
    """Messages of QoS 1 that may wait for its answer (Receive Maximum)."""

    @classmethod
    def of(cls, protocol: int, properties: Any) -> Self:
        """Read the properties of CONNACK."""
        if protocol != MQTTProtocolVersion.MQTTv5:
            return cls()
        return cls(
            expires=True,
            packet=getattr(properties, "MaximumPacketSize", 0),
            qos=getattr(properties, "MaximumQoS", 2),
            retains=bool(getattr(properties, "RetainAvailable", 1)),
            unanswered=getattr(properties, "ReceiveMaximum", 65535),
        )


def in_words(reason: object, properties: Any) -> str:
    """Name a reason code, with the broker's own words if it adds any; short, since they may be anything."""
    own = "".join(letter for letter in getattr(properties, "ReasonString", "") if letter.isprintable())[:80]
    return f"{reason} ({own})" if own else str(reason)
