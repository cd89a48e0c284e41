"""What waits for the network is bounded, and what a broken connection took along does not count."""

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from edge.mqtt.publisher import InFlight


def message(rc: MQTTErrorCode = MQTTErrorCode.MQTT_ERR_SUCCESS) -> mqtt.MQTTMessageInfo:
    made = mqtt.MQTTMessageInfo(1)
    made.rc = rc
    return made


def test_it_is_full_until_the_network_took_some() -> None:
    waiting = InFlight()
    given = []
    while not waiting.full:
        given.append(message())
        assert waiting.add(given[-1])
        assert len(given) <= 16
    given[0]._set_as_published()
    assert not waiting.full


def test_what_was_lost_while_it_waited_makes_room() -> None:
    waiting = InFlight()
    given = [message() for _ in range(16)]
    assert all(waiting.add(each) for each in given)
    assert waiting.full
    for each in given:
        each.rc = MQTTErrorCode.MQTT_ERR_CONN_LOST
    assert not waiting.full


@pytest.mark.parametrize("qos", [0, 1])
def test_what_is_said_into_a_broken_connection_is_lost(qos: int) -> None:
    """As paho answers between the loss of a connection and the moment when that is noticed."""
    waiting = InFlight()
    assert not waiting.add(mqtt.Client(CallbackAPIVersion.VERSION2).publish("posenet/hall/poses", b"{}", qos))
    assert not waiting.full
