"""Former names of this sensor: what still stands at the broker under them is taken back.

Topics contain the device id, ``mqtt.topic`` and ``homeassistant.prefix``. After a change of one of these a broker would
keep what was retained under the former names for ever, and Home Assistant would keep entities that nobody feeds. So
names under which something may stand are noted in the state folder. A sensor that finds others than its own there asks
what the broker still has under them, takes back what is its own, and crosses them out.
"""

import contextlib
import json
import logging
from collections.abc import Iterator
from typing import NamedTuple, Self

from edge.config.settings import Settings
from edge.errors import BadSetting, BrokerUnavailable
from edge.mqtt.client import Client, unique_client_id
from edge.mqtt.publisher import RETAINED, Publisher
from edge.mqtt.retained import Retained
from edge.report.commands.state_store import StateStore
from edge.report.device_id import device_id, machine_digits
from edge.report.homeassistant.messages import discovery_filters, is_available_at, is_ours
from edge.report.messages.message import as_json

log = logging.getLogger(__name__)

_NOTE = "names"
"""File in the state folder."""
_MOST = 8
"""Former names that are remembered."""
_LISTENS_S = 60.0
"""Time to listen under former names. Where two sensors had one id, this one's last word there was ``offline``, and the
other says that it is online only some seconds later. This is also twice the usual ``mqtt.health_interval``."""
_GIVES_UP_S = 300.0
"""Time after which a broker that does not answer about former names is not asked again until the next start."""


class Names(NamedTuple):
    """Names under which a sensor publishes, and where."""

    host: str
    root: str
    identity: str
    prefix: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return those of these settings."""
        mqtt = settings.mqtt
        return cls(mqtt.host, mqtt.topic, device_id(settings.device), settings.homeassistant.prefix)

    @property
    def topic(self) -> str:
        """The first parts of the sensor's own topics."""
        return f"{self.root}/{self.identity}"


class FormerNames:
    """``check`` now and then; ``close`` at the end."""

    def __init__(
        self, settings: Settings, publisher: Publisher, store: StateStore, listens: float = _LISTENS_S
    ) -> None:
        """Read the note. listens: time to listen under former names, s."""
        self._settings, self._publisher, self._store, self._listens = settings, publisher, store, listens
        self._names = Names.of(settings)
        self._former = read_note(store.get(_NOTE))
        self._noted = False
        self.visit: Visit | None = None

    def check(self, now: float) -> None:
        """Go on with what waits for the broker; now: monotonic s."""
        if not self._noted:
            if self._publisher.connected:
                self._note_own()
        elif self._former:
            try:
                self._look(now)
            except BadSetting as error:
                self._give_up(str(error))

    def close(self) -> None:
        """End the connection, if there is one."""
        if self.visit:
            self.visit.close()
            self.visit = None

    def _note_own(self) -> None:
        """Note the names of now, before anything else can happen to them; those at another broker are out of reach."""
        elsewhere = [each for each in self._former if each.host != self._names.host]
        for each in elsewhere:
            log.info(
                "the broker is %s now; if %s is another one, what it retains under %s stays there until posenet-edge "
                "forget --set mqtt.host=%s, with mqtt.topic, device.id and homeassistant.prefix as they were",
                *(self._names.host, each.host, each.topic, each.host),
            )
        self._former = [each for each in self._former if each not in (self._names, *elsewhere)][-_MOST:]
        self._noted = True
        self._write()

    def _write(self) -> None:
        content = as_json({"machine": machine_digits(), "names": [*self._former, self._names]})
        if content != self._store.get(_NOTE):
            self._store.set(_NOTE, content)

    def _look(self, now: float) -> None:
        self.visit = self.visit or Visit(self._settings, self._names, self._former[0], self._listens, now)
        outcome = self.visit.turn(now)
        if outcome:
            log.info("%s", outcome)
            self.close()
            del self._former[0]
            self._write()
        elif now - self.visit.begun > self._listens + _GIVES_UP_S:
            self._give_up("the broker does not say what it retains there")

    def _give_up(self, why: str) -> None:
        log.warning("former names (%s): %s; tried again at the next start", self._former[0].topic, why)
        self.close()
        # The note still has them.
        self._former = []


class Visit:
    """One look at what stands under former names, over a connection of its own.

    A broker may hang up on who reads or writes where it may not; that shall not be the connection that publishes.
    """

    def __init__(self, settings: Settings, names: Names, former: Names, listens: float, now: float) -> None:
        """Connect in the background.

        Args:
            settings: The broker, and whether there is discovery.
            names: Those of now.
            former: The others.
            listens: Time to listen, s.
            now: Monotonic s.

        Raises:
            BadSetting: The password or a TLS file cannot be used.
        """
        self.begun = now
        self._former = former
        self._has_other_topic = former.topic != names.topic
        self._client = Client(settings.mqtt.in_order[0], unique_client_id("former"), max_waiting=4096)
        self._own = [f"{former.topic}/{each}" for each in RETAINED] if self._has_other_topic else []
        filters: list[str] = []
        if settings.homeassistant.discovery != "off" and former[2:] != names[2:]:
            filters += discovery_filters(former.prefix, former.identity)
        self.retained = Retained(self._client, [*self._own, *filters], f"{names.topic}/echo", listens)
        self._to_clear: list[str] | None = None
        self._count = 0
        self._client.start()

    def turn(self, now: float) -> str:
        """Go on: listen, then take back one message in each turn.

        Args:
            now: Monotonic s.

        Returns:
            How it ended, in a sentence; empty until then.
        """
        self._client.dispatch()
        if self._to_clear is None:
            if not self.retained.heard(now):
                return ""
            if self._is_somebody_there():
                return (
                    f"former name {self._former.topic}: left alone, another sensor has it now; if there is none: "
                    f"posenet-edge forget --force --set mqtt.topic={self._former.root} "
                    f"--set device.id={self._former.identity}"
                )
            self._to_clear = list(self._ours())
        if self._to_clear:
            with contextlib.suppress(BrokerUnavailable):
                self._client.clear_retained(self._to_clear[0])
                self._count += 1
                del self._to_clear[0]
            return ""
        where = f"{self._former.topic} and {self._former.prefix}/+/{self._former.identity}"
        return f"former names {where}: {self._count} messages taken back that the broker retained"

    def close(self) -> None:
        """Disconnect."""
        self._client.stop()

    def _is_somebody_there(self) -> bool:
        """Tell whether another sensor has taken the former topics: it says that it is online, or anything else."""
        if not self._has_other_topic:
            return False
        availability = self._own[0]
        last = self.retained.found | self.retained.said
        others = [payload for topic, payload in self.retained.said.items() if topic in self._own[1:]]
        return last.get(availability, b"") not in (b"", b"offline") or any(others)

    def _ours(self) -> Iterator[str]:
        """Topics whose messages are its own; first those for Home Assistant, so that it takes the entities away."""
        retained = self.retained.found | self.retained.said
        availability = f"{self._former.topic}/availability"
        for topic, payload in retained.items():
            is_own = topic not in self._own and is_ours(payload, self._former.identity)
            if is_own and is_available_at(payload, availability):
                yield topic
        yield from (topic for topic in self._own if retained.get(topic))


def read_note(content: bytes | None) -> list[Names]:
    """Read the names of a note; none of one that was written on another machine, as on a copied card."""
    try:
        note = json.loads(content or b"{}")
        if note.get("machine") != machine_digits():
            return []
        found = [Names(*each) for each in note["names"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []
    return [each for each in found if all(map(_is_name, each))]


def _is_name(part: object) -> bool:
    return isinstance(part, str) and part.isprintable() and not {"", "+", "#"} & {part, *part}
