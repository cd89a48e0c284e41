"""A client of the configured MQTT broker, for ``report`` and the tools."""

import contextlib
import logging
import math
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import paho.mqtt.client as paho
from paho.mqtt.client import topic_matches_sub
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.config.settings import MqttSettings
from edge.errors import BadSetting, BrokerUnavailable
from edge.mqtt.connection import ANSWER_WITHIN_S, TAKEN_OVER, Connection
from edge.mqtt.credentials import make_tls, read_password
from edge.mqtt.limits import Limits
from edge.runtime import incidents
from edge.runtime.backoff import Backoff
from edge.runtime.log_once import LogOnce

log = logging.getLogger(__name__)

_STABLE_AFTER_S = 30.0
"""Connection age, s, after which the reconnect back-off is reset."""
_LONGEST_DELAY_S = 5.0
"""Longest time between two attempts, so that the broker's return is noticed soon; a refused attempt costs little."""
_PROTOCOLS = {
    "auto": (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311),
    "5": (MQTTProtocolVersion.MQTTv5,),
    "3.1.1": (MQTTProtocolVersion.MQTTv311,),
}
_SUBSCRIPTION_QOS = 1
_MAX_UNANSWERED = 20
"""Messages of QoS 1 that wait for the broker's answer at most, as paho has it."""
MAX_PAYLOAD_BYTES = 1 << 16
MAX_WAITING = 64
_MAX_WAITING_BYTES = 1 << 22
"""Bytes that wait for one subscription at most, besides a first message."""
_ASK_AGAIN_S = 1.0
"""Seconds between two times of asking for what is retained, after too much of it came at once."""
_LOOK_S = (30.0, 600.0)
"""Seconds until a preferred broker is first tried again while another one is used, and the most between two tries."""


class Message(NamedTuple):
    """Message that matched a subscription."""

    topic: str
    payload: bytes
    retained: bool
    """It was at the broker before this subscription; False for a message that is published now."""


OnMessage = Callable[[Message], None]


class _Subscription:
    """A topic or filter, its handler, and how much waits for it."""

    def __init__(self, topic: str, on_message: OnMessage, max_bytes: int, max_waiting: int) -> None:
        self.topic, self.on_message, self.max_bytes, self._max_waiting = topic, on_message, max_bytes, max_waiting
        self.waiting = self._bytes = 0
        self.overflowed = False

    def admit(self, size: int) -> bool:
        """Take up a message of this size; False if too many wait, or too much."""
        if self.waiting >= self._max_waiting or (self.waiting and self._bytes + size > _MAX_WAITING_BYTES):
            self.overflowed = True
            return False
        self.waiting += 1
        self._bytes += size
        return True

    def release(self, size: int) -> None:
        """Let go of a message that ``admit`` took."""
        self.waiting -= 1
        self._bytes -= size


class Subscriptions:
    """Topics with their handlers: ``put`` is called by the network's thread, ``dispatch`` by the one that handles.

    Messages are handed over in order. Each subscription has room of its own, so a flood on one costs no other anything.
    """

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        """Bound each subscription to ``max_waiting`` messages."""
        self._max_waiting = max_waiting
        self._subscriptions: list[_Subscription] = []
        self._waiting: queue.Queue[tuple[_Subscription, Message]] = queue.Queue()
        self._lock = threading.Lock()
        """Held for each count of what waits."""

    @property
    def topics(self) -> list[str]:
        """Every topic or filter that is subscribed to."""
        return list(dict.fromkeys(each.topic for each in self._subscriptions))

    def add(self, topic: str, on_message: OnMessage, max_bytes: int, max_waiting: int = 0) -> None:
        """Hand messages on ``topic`` of at most ``max_bytes`` to ``on_message`` from now on."""
        self._subscriptions.append(_Subscription(topic, on_message, max_bytes, max_waiting or self._max_waiting))

    def put(self, message: Message) -> None:
        """Queue a message for each handler; it is dropped if it is too large or too many wait."""
        size = len(message.payload)
        for each in list(self._subscriptions):
            if not topic_matches_sub(each.topic, message.topic):
                continue
            with self._lock:
                admitted = size <= each.max_bytes and each.admit(size)
            if admitted:
                self._waiting.put_nowait((each, message))
            else:
                incidents.count("received_dropped")

    def dispatch(self, timeout: float = 0.0) -> None:
        """Hand over the waiting messages in order, waiting up to ``timeout`` s for the first."""
        for _ in range(self._waiting.qsize() or int(timeout > 0)):
            try:
                subscription, message = self._waiting.get(timeout > 0, timeout)
            except queue.Empty:
                return
            with self._lock:
                subscription.release(len(message.payload))
            subscription.on_message(message)

    def take_overflowed(self) -> list[str]:
        """Topics of which something was dropped and nothing waits any more: what is retained there can be asked for."""
        found = [each for each in self._subscriptions if each.overflowed and not each.waiting]
        for each in found:
            each.overflowed = False
        return list(dict.fromkeys(each.topic for each in found))


def unique_client_id(tool: str) -> str:
    """An MQTT client id that no other client has: a broker disconnects the older of two equal ones."""
    return f"posenet-edge-{tool}-{os.urandom(4).hex()}"


class Client:
    """Connection to the broker that reconnects whenever it is lost, in a thread of its own.

    Where several brokers are configured, it is the first that accepts this client, in order of preference; while
    that is not the most preferred, those before it are tried now and then, and returned to.

    ``connect`` (or ``with``) raises if the broker cannot be reached now; ``start`` retries until it can. Received
    messages are queued until ``dispatch`` passes them to their handlers in the caller's thread.
    """

    loss_log_suffix = "trying again"
    """End of the log message about a lost connection."""

    def __init__(
        self,
        settings: MqttSettings,
        client_id: str,
        backoff: Backoff | None = None,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """Read the password and the TLS files.

        Args:
            settings: The broker, and how to reach it.
            client_id: MQTT client id; see ``unique_client_id``.
            backoff: Delays between two attempts.
            max_waiting: Messages of each subscription that wait for ``dispatch`` at most; more are dropped.

        Raises:
            BadSetting: The password or a TLS file cannot be used.
        """
        self._brokers = settings.in_order
        self._number = -1
        self._use(0)
        self._preferred = Backoff(*_LOOK_S)
        """Delays between two looks for a broker that is preferred to the one in use."""
        self._moving = False
        """It leaves its broker for a preferred one."""
        self._stopping = threading.Event()
        self._lock = threading.RLock()
        """Held for each use of ``_paho_client``."""
        self._paho_client: paho.Client | None = None
        """Client that the broker has accepted; None while there is no connection."""
        self.limits = Limits()
        """Limits of the last connection's broker."""
        self.taken_over = 0
        """Times that the broker said that another client has come with this client's id; only MQTT 5 says that."""
        self.trouble = ""
        """Why there is no connection, as far as that is known; empty while there is one."""
        self._client_id = client_id
        self._read_files()
        self._backoff = backoff or Backoff(first=0.5, longest=_LONGEST_DELAY_S)
        self._protocols = deque(_PROTOCOLS[settings.protocol])
        self._subscriptions = Subscriptions(max_waiting)
        self._asked_again_at = -math.inf
        self._overflow_log = LogOnce(log)
        self._granted = False
        self._answered = threading.Event()
        self._log_once = LogOnce(log)
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def connected(self) -> bool:
        """True while there is a connection that the broker has accepted."""
        return self._paho_client is not None

    def connect(self) -> None:
        """Connect now, and reconnect whenever the connection is lost.

        Raises:
            BrokerUnavailable: The broker cannot be reached now, or refuses this client.
        """
        self._run(self._open_first())

    def start(self) -> None:
        """Connect in the background, as soon as the broker can be reached."""
        self._run(None)

    def stop(self) -> None:
        """Disconnect."""
        self._stopping.set()
        self._leave()
        if self._thread:
            self._thread.join(1.0)

    def subscribe(
        self, topic: str, on_message: OnMessage, max_bytes: int = MAX_PAYLOAD_BYTES, max_waiting: int = 0
    ) -> None:
        """Subscribe to ``topic``, now and after each reconnect.

        Args:
            topic: A topic or a filter with + and #.
            on_message: Called by ``dispatch`` with each message.
            max_bytes: Larger payloads are dropped.
            max_waiting: Messages that wait for ``dispatch`` at most; 0: as for the client.
        """
        self._subscriptions.add(topic, on_message, max_bytes, max_waiting)
        with self._lock:
            if self._paho_client:
                self._send_subscribe(self._paho_client, [topic])

    def subscriptions_granted(self) -> bool:
        """Wait for the broker's answer to the last subscription; False if it refused that or did not answer."""
        return self._answered.wait(ANSWER_WITHIN_S) and self._granted

    def dispatch(self, timeout: float = 0.0) -> None:
        """Pass the received messages to their handlers, waiting up to ``timeout`` s for the first.

        Where too much came at once, the broker is asked again for what it retains there.
        """
        self._subscriptions.dispatch(timeout)
        now = time.monotonic()
        if now - self._asked_again_at >= _ASK_AGAIN_S and (topics := self._subscriptions.take_overflowed()):
            self._asked_again_at = now
            self._overflow_log.log(
                logging.WARNING, f"broker {self.address}: too much at once on {', '.join(topics)}; asking again"
            )
            with self._lock:
                if self._paho_client:
                    self._send_subscribe(self._paho_client, topics)

    def publish_to(self, topic: str, payload: bytes) -> bool:
        """Publish a non-retained message (QoS 1); False while there is no connection."""
        with self._lock:
            return bool(self._paho_client and not self._paho_client.publish(topic, payload, qos=1).rc)

    def clear_retained(self, topic: str) -> None:
        """Delete the retained message on ``topic``; wait for the broker's acknowledgement.

        Raises:
            BrokerUnavailable: The connection is lost, or the broker does not answer.
        """
        with self._lock:
            sent = self._paho_client and self._paho_client.publish(topic, b"", qos=1, retain=True)
        with contextlib.suppress(RuntimeError, ValueError):  # paho's, for a message that is lost
            if sent:
                sent.wait_for_publish(ANSWER_WITHIN_S)
                if sent.is_published():
                    return
        raise BrokerUnavailable(self.address, "does not answer", "try again when it does")

    def _use(self, number: int) -> bool:
        """Turn to the broker of this number in order of preference; True if that is another one than before."""
        changed = number != self._number
        self._number = number
        self._settings = self._brokers[number]
        self.address = f"{self._settings.host}:{self._settings.port_in_force}"
        return changed

    def _leave(self) -> None:
        """Disconnect from the broker in use."""
        with self._lock:
            if self._paho_client:
                self._paho_client.disconnect()

    def _read_files(self) -> None:
        """Read the password and the TLS files, which may have been renewed since."""
        self._password = read_password(self._settings)
        self._tls = make_tls(self._settings)

    def _make_paho_client(self, protocol: MQTTProtocolVersion) -> paho.Client:
        """Make a configured client that is not connected."""
        # paho's clean_session is for 3.1.1 only; MQTT 5 starts clean by default.
        client = paho.Client(
            CallbackAPIVersion.VERSION2, self._client_id, protocol=protocol, reconnect_on_failure=False
        )
        if self._settings.username or self._password:
            client.username_pw_set(self._settings.username, self._password)
        if self._tls:
            client.tls_set_context(self._tls)
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_accepted(self, client: paho.Client, limits: Limits) -> None:
        """On CONNACK (lock held): store the client and subscribe."""
        self._paho_client, self.limits, self.trouble = client, limits, ""
        # paho's own setter refuses this as soon as it is known.
        client._max_inflight_messages = min(_MAX_UNANSWERED, limits.unanswered)
        if topics := self._subscriptions.topics:
            self._send_subscribe(client, topics)

    def _send_subscribe(self, client: paho.Client, topics: list[str]) -> None:
        self._answered.clear()
        client.subscribe([(topic, _SUBSCRIPTION_QOS) for topic in topics])

    def _run(self, connection: Connection | None) -> None:
        self._thread = threading.Thread(target=self._stay_connected, args=[connection], name="broker", daemon=True)
        self._thread.start()

    def _open(self) -> Connection:
        """Open a connection with the first protocol version that works, starting with the last one that did."""
        try:
            self._read_files()
        except BadSetting as error:
            raise BrokerUnavailable(self.address, f"not tried ({error})", "mend that") from error
        failure: BrokerUnavailable | None = None
        for protocol in list(self._protocols):
            client = self._make_paho_client(protocol)
            connection = Connection(client, self._settings, self._lock, self._stopping, self._on_accepted)
            try:
                connection.open()
            except BrokerUnavailable as error:
                if self._gives_in(error.reason):
                    return self._open()
                if not error.perhaps_protocol:
                    raise
                failure = error
                self._protocols.rotate(-1)
            else:
                return connection
        assert failure
        raise failure

    def _open_first(self, number: int = 0) -> Connection:
        """Connect to the first broker, from this number on, that accepts this client.

        Returns:
            The open connection.

        Raises:
            BrokerUnavailable: None does; of the most preferred one.
        """
        self._use(number)
        try:
            return self._open()
        except BrokerUnavailable:
            if number + 1 < len(self._brokers) and not self._stopping.is_set():
                with contextlib.suppress(BrokerUnavailable):
                    return self._open_first(number + 1)
            raise

    def _stay(self, connection: Connection) -> None:
        """Serve a connection until it ends, or a preferred broker is back."""
        over = threading.Event()
        if self._number:
            threading.Thread(target=self._look_for_preferred, args=[over], name="preferred broker", daemon=True).start()
        else:
            self._preferred.reset()
        try:
            connection.stay()
        finally:
            over.set()

    def _look_for_preferred(self, over: threading.Event) -> None:
        while not self._preferred.wait(over):
            for settings in self._brokers[: self._number]:
                try:
                    with Client(settings, f"{self._client_id}-looks"):
                        pass
                except (BadSetting, BrokerUnavailable):
                    continue
                if not over.is_set():
                    self._moving = True
                    self._leave()
                return

    def _gives_in(self, _reason: str) -> bool:
        """Change what the broker refused for this reason, and tell whether it should be asked again at once."""
        return False

    def _stay_connected(self, connection: Connection | None) -> None:
        while not self._stopping.is_set():
            opened = time.monotonic()
            try:
                if connection is None:
                    connection = self._open_first()
                    version = "5" if self._protocols[0] == MQTTProtocolVersion.MQTTv5 else "3.1.1"
                    self._log_once.over(logging.INFO, f"connected to broker {self.address} (MQTT {version})")
                self._stay(connection)
                problem, found = f"broker {self.address}: connection lost", "connection lost"
            except BrokerUnavailable as error:
                self._gives_in(error.reason)
                self.taken_over += error.reason == TAKEN_OVER
                problem, found = str(error), error.found
            with self._lock:
                self._paho_client, self.trouble = None, found
            if self._stopping.is_set():
                break
            if self._moving:
                log.info("leaving broker %s, as a preferred one is back", self.address)
                self._moving, connection = False, None
                continue
            incidents.count("broker_lost" if connection else "broker_unavailable")
            self._log_once.log(logging.WARNING, f"{problem}; {self.loss_log_suffix}")
            if connection and time.monotonic() - opened > _STABLE_AFTER_S:
                self._backoff.reset()
            connection = None
            self._backoff.wait(self._stopping)

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        self._granted = not any(reason.is_failure for reason in reasons)
        self._answered.set()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self._subscriptions.put(Message(message.topic, bytes(message.payload), message.retain))
