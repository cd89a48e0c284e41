"""Keep the discovery messages at the broker as the settings have them, and take away what they no longer have."""

import json
import logging
from collections.abc import Collection
from typing import Any, NamedTuple

from edge.config.settings import Settings
from edge.mqtt.client import Message
from edge.mqtt.publisher import Publisher
from edge.report.homeassistant.components import Component
from edge.report.homeassistant.messages import (
    Messages,
    device_topic,
    discovery_filters,
    discovery_messages,
    is_ours,
    owner,
)
from edge.report.messages.message import as_json

log = logging.getLogger(__name__)

LARGEST = 1 << 18
"""Bytes of a discovery message that is read back: room for hundreds of zones."""
_MOST_WAITING = 2048
"""Discovery messages that wait to be read: more than a sensor with the most places has."""
_ASKS_AGAIN = 1.0
"""Seconds after which a question that was not answered is asked again: it is lost with a connection."""
_LISTENS_AT_MOST = 10.0
"""Seconds after which it is announced although the broker does not answer, or others do not fall silent."""
_MOST_TAKEN = 256
"""Topics of others that are remembered, and"""
_MOST_WARNED = 8
"""those whose they are: anybody may write any number of them."""
_PLATFORMS = ("binary_sensor", "sensor", "event", "switch", "select", "device_automation")


class Waits(NamedTuple):
    """Seconds."""

    listens: float = 1.0
    """At least, before anything is announced: some brokers hand out what they keep a little later."""
    settles: float = 2.0
    """Silence on the topics between taking something away and announcing."""
    again: float = 10.0
    """Silence on the topics after which the announcement is repeated."""


class Discovery:
    """``announce`` at the start and when the settings changed; ``check`` now and then, after ``Publisher.dispatch``.

    Home Assistant knows an entity by platform, device id and key, whichever topic it came on. So a message on a second
    topic is a conflict and ignored, and taking the first topic away removes the entity. Home Assistant then clears that
    topic itself, hears that too, and removes by the same key whatever has been announced meanwhile. The order is
    therefore: hear what is there, take away what is no longer said, wait until the broker has handed all of that back
    and until Home Assistant has been silent about it, announce, and after a while announce once more.
    """

    def __init__(self, broker: Publisher, identity: str, prefix: str, waits: Waits | None = None) -> None:
        """Subscribe to this sensor's discovery topics, which start with ``prefix``."""
        self._broker, self._identity = broker, identity
        self._waits = waits or Waits()
        self._device_topic = device_topic(prefix, identity)
        self._wanted: tuple[Settings, Collection[str]] | None = None
        self._limits = broker.limits
        """Those that what is said was made for."""
        self._said: Messages = {}
        self._gone: dict[str, Component] = {}
        self.taken: dict[str, str] = {}
        """Topics of this sensor on which another device is announced, and whose it seems to be; they are left alone."""
        self._warned: set[str] = set()
        self._listening = True
        self._listening_since: float | None = None
        self._stirred = False
        """Something was heard on the topics since the last question, or since the last check."""
        self._stirred_at = 0.0
        self._cleared = False
        """Something was taken away, and what was announced since then has not been announced again."""
        self._questions = f"{prefix}/device/{identity}/echo/"
        self._question = 0
        self._asked_at: float | None = None
        self._answered = False
        self._answered_at: float | None = None
        self._unheard: set[str] = set()
        """Topics that were announced on, and not heard of since."""
        self._vanished = 0
        """Size of an announcement that the broker dropped without a word, bytes; 0: of none."""
        self._is_split = False
        broker.subscribe(f"{prefix}/status", self._hear_status)
        broker.subscribe(f"{self._questions}+", self._hear_answer)
        for topic in discovery_filters(prefix, identity):
            broker.subscribe(topic, self._hear_own, LARGEST, _MOST_WAITING)

    @property
    def listening(self) -> bool:
        """True while something is still to be announced, because it is not known yet what is there already."""
        return self._listening and bool(self._said)

    def announce(self, settings: Settings, keys: Collection[str]) -> None:
        """Announce what these settings have, and take back what only the former ones had. keys: those of ``state``."""
        language = settings.homeassistant.language
        if self._wanted and self._wanted[0].homeassistant.language != language:
            log.warning(
                "homeassistant.language is now %s: Home Assistant knows device triggers by their words, so automations "
                "that start from one need it to be chosen again there",
                language,
            )
        self._wanted, self._limits = (settings, keys), self._broker.limits
        before, self._said = self._said, self._messages(settings, keys)
        for topic in before.keys() - self._said.keys() - self.taken.keys():
            self._clear(topic)
        self._bury(before.get(self._device_topic, {}))
        for topic, message in self._said.items():
            if topic == self._device_topic or message != before.get(topic):
                self._say(topic)

    def _messages(self, settings: Settings, keys: Collection[str]) -> Messages:
        """Make the messages: if the one for all is more than the broker takes, one for each entity."""
        made = discovery_messages(settings, keys, self._identity, self._limits.expires)
        size = len(as_json(made.get(self._device_topic, {})))
        if self._broker.fits(self._device_topic, size) and not 0 < self._vanished <= size:
            return made
        if not self._is_split:
            log.warning(
                "%s: %d bytes, and the broker takes less: announced by one message for each entity, as with "
                "homeassistant.discovery = entities",
                *(self._device_topic, size),
            )
        self._is_split = True
        return discovery_messages(settings, keys, self._identity, self._limits.expires, "entities")

    def check(self, now: float) -> None:
        """Go on with what waits for the broker or for time to pass; now: monotonic s."""
        self._follow_broker()
        if not self._broker.connected or not self._said:
            # With discovery off nothing is asked either: some brokers hang up on who writes where it may not.
            return
        if self._stirred:
            self._stirred_at = now
        if self._listening:
            self._listen(now)
        else:
            self._stirred = False
            if self._cleared and now - self._stirred_at >= self._waits.again:
                self._cleared = False
                self._say_all(now)
            self._look_back(now)

    def _follow_broker(self) -> None:
        """Say what this broker can do with; it may be another, or of another mind, since the last connection."""
        if self._wanted and self._broker.limits != self._limits:
            self.announce(*self._wanted)

    def _look_back(self, now: float) -> None:
        """Find out whether the broker took what was announced: some drop what is too large for them without a word."""
        if not self._unheard or not self._answered:
            return
        if self._answered_at is None:
            self._answered_at = now
        if now - self._answered_at < self._waits.settles:
            return
        lost, self._unheard = self._unheard, set()
        sizes = {topic: len(as_json(self._said[topic])) for topic in lost if topic in self._said}
        if self._device_topic in sizes:
            self._vanished = sizes[self._device_topic]
            if self._wanted:
                self.announce(*self._wanted)
        elif sizes:
            topic = max(sizes, key=sizes.__getitem__)
            log.warning(
                "%s: the broker did not keep it; expected that it takes %d bytes (mosquitto: message_size_limit), and "
                "that this user may write and read there; %d topics",
                *(topic, sizes[topic], len(sizes)),
            )

    def _listen(self, now: float) -> None:
        if self._listening_since is None:
            self._listening_since = now
        listened = now - self._listening_since
        settled = listened >= self._waits.listens and (
            not self._cleared or now - self._stirred_at >= self._waits.settles
        )
        # Where nothing but the answer came since the question, all that was there before has been heard; and who may
        # not read there is never answered.
        known = self._answered and not self._stirred and settled
        if known or listened >= _LISTENS_AT_MOST:
            self._listening = False
            self._say_all(now)
        elif self._stirred if self._answered else self._asked_at is None or now - self._asked_at >= _ASKS_AGAIN:
            self._ask(now)

    def _ask(self, now: float) -> None:
        """Send something that the broker hands back after all that it has handed out before."""
        self._stirred = self._answered = False
        self._asked_at, self._answered_at = now, None
        self._question += 1
        # An empty one is not kept.
        self._broker.publish_retained_at(f"{self._questions}{self._question}", b"")

    def _hear_answer(self, message: Message) -> None:
        if message.topic == f"{self._questions}{self._question}":
            self._answered = True

    def _listen_anew(self) -> None:
        self._listening, self._listening_since, self._asked_at, self._answered = True, None, None, False

    def _clear(self, topic: str) -> None:
        self._broker.publish_retained_at(topic, b"")
        self._stirred = self._cleared = True
        self._listen_anew()

    def _say_all(self, now: float) -> None:
        self._unheard = self._said.keys() - self.taken.keys()
        for topic in self._said:
            self._say(topic)
        self._ask(now)

    def _say(self, topic: str) -> None:
        if self._listening or topic in self.taken:
            return
        message = self._said[topic]
        payload = as_json(message)
        if topic == self._device_topic:
            with_gone = as_json(message | {"components": self._gone | message["components"]})
            payload = with_gone if self._broker.fits(topic, len(with_gone)) else payload
        self._broker.publish_retained_at(topic, payload)

    def _bury(self, before: dict[str, Any]) -> bool:
        """Remember the components that ``before`` had and that are no more, and tell whether there was any."""
        # Home Assistant keeps what is merely missing; a component with nothing but its platform removes it.
        now = self._said.get(self._device_topic, {}).get("components", {})
        parts = before.get("components")
        lost = {
            key: {"platform": part["platform"]}
            for key, part in (parts.items() if isinstance(parts, dict) else ())
            if isinstance(part, dict) and len(part) > 1 and part.get("platform") in _PLATFORMS and key not in now
        }
        self._gone |= lost
        return bool(lost)

    def _hear_own(self, message: Message) -> None:
        """Find out what is on this sensor's discovery topics: its own, from before this start, or another device's."""
        self._follow_broker()
        self._stirred = True
        topic = message.topic
        self._unheard.discard(topic)
        if not message.payload:
            self._hear_removal(message)
        elif not is_ours(message.payload, self._identity):
            self._leave(topic, owner(message.payload))
        else:
            self.taken.pop(topic, None)
            if message.retained and topic not in self._said:
                self._clear(topic)
            elif message.retained and topic == self._device_topic and self._bury(json.loads(message.payload)):
                self._say(topic)
            else:
                self._broker.hear_back(message)

    def _hear_removal(self, message: Message) -> None:
        topic = message.topic
        if self.taken.pop(topic, ""):
            self._listen_anew()
        elif topic in self._said and self._cleared:
            # Home Assistant took away what it had by the other way, and with it what was announced since.
            self._say(topic)
        elif topic in self._said:
            self._broker.hear_back(message)

    def _leave(self, topic: str, whose: str) -> None:
        if topic in self.taken or len(self.taken) < _MOST_TAKEN:
            self.taken[topic] = whose
        self._broker.release(topic)
        if whose not in self._warned and len(self._warned) < _MOST_WARNED:
            self._warned.add(whose)
            lost = "what this sensor has for it is not announced" if topic in self._said else "it is left alone"
            log.warning(
                "%s: found %s, expected only this sensor: the id %s is taken there; %s. Set device.id to another",
                *(topic, whose, self._identity, lost),
            )

    def _hear_status(self, message: Message) -> None:
        """Home Assistant has started, and may have missed everything."""
        if message.payload == b"online" and not message.retained:
            self._broker.republish()
