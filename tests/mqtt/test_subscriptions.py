"""What comes from the network: matched, bounded, and handed over in the loop's own thread."""

import threading
from typing import Any

import paho.mqtt.publish

from edge.config.settings import MqttSettings
from edge.mqtt.client import Message, Subscriptions
from edge.mqtt.publisher import Publisher
from edge.runtime import incidents
from edge.tools.mosquitto import Mosquitto
from tests.support.hasty import Hasty
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until


def test_each_goes_where_its_topic_belongs_and_in_order() -> None:
    subscriptions = Subscriptions()
    one, many = list[Message](), list[Message]()
    subscriptions.add("a/b", one.append, 8)
    subscriptions.add("a/+", many.append, 8)
    assert subscriptions.topics == ["a/b", "a/+"]
    said = [Message("a/b", b"1", False), Message("a/c", b"2", True), Message("b/b", b"3", False)]
    for message in said:
        subscriptions.put(message)
    assert (one, many) == ([], [])
    subscriptions.dispatch()
    assert (one, many) == (said[:1], said[:2])


def test_what_is_too_large_or_too_much_is_dropped() -> None:
    subscriptions = Subscriptions()
    heard = list[Message]()
    subscriptions.add("#", heard.append, 3)
    subscriptions.put(Message("a", b"1234", False))
    for number in range(1000):
        subscriptions.put(Message("a", b"%d" % number, False))
    subscriptions.dispatch()
    assert [message.payload for message in heard] == [b"%d" % number for number in range(64)]
    subscriptions.put(Message("a", b"123", False))
    subscriptions.dispatch()
    assert heard[-1].payload == b"123"


def test_what_floods_one_subscription_is_not_lost_to_another() -> None:
    subscriptions = Subscriptions()
    flood, commands = list[Message](), list[Message]()
    before = incidents.counted["received_dropped"]
    subscriptions.add("homeassistant/#", flood.append, 8)
    subscriptions.add("posenet/hall/command/+", commands.append, 8)
    for _ in range(1000):
        subscriptions.put(Message("homeassistant/x", b"", True))
    subscriptions.put(Message("posenet/hall/command/camera", b"pause", False))
    assert incidents.counted["received_dropped"] - before == 1000 - 64
    assert subscriptions.take_overflowed() == [], "not while some wait"
    subscriptions.dispatch()
    assert [message.payload for message in commands] == [b"pause"]
    assert subscriptions.take_overflowed() == ["homeassistant/#"]
    assert subscriptions.take_overflowed() == []


def test_what_is_retained_beyond_the_bound_is_asked_for_again(broker: Mosquitto) -> None:
    """As old discovery messages are: each is taken away when it is heard."""
    topics = [f"old/{number}" for number in range(167)]
    messages: list[Any] = [(topic, b"there", 1, True) for topic in topics]
    paho.mqtt.publish.multiple(messages, port=broker.port)
    heard = set[str]()
    ours = Publisher(MqttSettings(port=broker.port), "posenet/hall", "posenet-edge-hall", 1, backoff=Hasty())

    def hear(message: Message) -> None:
        if message.payload:
            heard.add(message.topic)
            ours.publish_retained_at(message.topic, b"")

    ours.subscribe("old/+", hear)
    ours.start()
    try:
        wait_until(lambda: ours.connected)
        wait_until(lambda: ours.dispatch() or heard == set(topics))
    finally:
        ours.stop()


def test_a_subscription_outlives_the_connection(broker: Mosquitto) -> None:
    heard: list[tuple[Message, threading.Thread]] = []
    ours = Publisher(MqttSettings(port=broker.port), "posenet/hall", "posenet-edge-hall", 1, backoff=Hasty())
    ours.subscribe("house/early", lambda message: heard.append((message, threading.current_thread())))
    ours.start()
    try:
        wait_until(lambda: ours.connected)
        ours.subscribe("house/late", lambda message: heard.append((message, threading.current_thread())))
        broker.stop()
        wait_until(lambda: not ours.connected)
        broker.start()
        wait_until(lambda: ours.connected)
        with Subscriber(broker.port, "house/#") as house:
            for name in ("early", "late", "unasked"):
                house.publish(f"house/{name}", b"word")

            def all_here() -> bool:
                ours.dispatch()
                return len(heard) == 2

            wait_until(all_here)
    finally:
        ours.stop()
    assert {message.topic for message, _ in heard} == {"house/early", "house/late"}
    assert {thread for _, thread in heard} == {threading.current_thread()}
