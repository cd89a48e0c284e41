"""What a broker takes and does, as it says in its answer to CONNECT (MQTT 5, section 3.2.2.3)."""

from dataclasses import dataclass
from typing import Any, Self

from paho.mqtt.enums import MQTTProtocolVersion


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one connection; the defaults are those of MQTT 3.1.1, which has no words for them."""

    expires: bool = False
    """It takes a retained message away when the time that the message says is over."""

    @classmethod
    def of(cls, protocol: int, _properties: Any) -> Self:
        """Read the properties of CONNACK."""
        return cls(expires=protocol == MQTTProtocolVersion.MQTTv5)
