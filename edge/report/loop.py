"""Walks each line through the room: inlet, gate, payload, broker."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from edge import __version__, wire
from edge.config.settings import Settings
from edge.config.shapes import show
from edge.errors import BadSetting
from edge.mqtt.password import read_password
from edge.mqtt.publisher import Publisher
from edge.mqtt.tls import make_tls
from edge.report.analytics.engine import Engine, meanings
from edge.report.analytics.event import EVENT_RATE, Event
from edge.report.commands.dispatcher import Commands
from edge.report.commands.overrides import OVERRIDES, Overrides
from edge.report.commands.state_store import StateStore
from edge.report.device_id import device_id
from edge.report.homeassistant.discovery import Discovery
from edge.report.ingress.gate import Gate
from edge.report.ingress.line_server import PAUSE, RESUME
from edge.report.leak_bound import HEALTH_EVERY
from edge.report.messages.payload import (
    as_json,
    event_payload,
    health_payload,
    places_payload,
    poses_payload,
    state_payload,
)
from edge.report.messages.quantize import quantize
from edge.report.messages.state_throttle import StateThrottle
from edge.runtime.service import Service
from edge.runtime.status_text import Relation, ReportStatus
from edge.runtime.token_bucket import TokenBucket

_TURN = 0.25
"""Longest wait for a line, s, so that a stop is heard soon."""
_POSES_EXPIRE = 2
"""Seconds; an older pose helps nobody."""
_EVENTS_EXPIRE = 60
"""Seconds; who reconnects later should not hear that a hand was raised a while ago."""
_SILENT_AFTER = 5.0
"""Seconds without a status line after which nothing is known of the sensing room."""


class Lines(Protocol):
    """Where lines come from: ``edge.report.ingress.line_server``, or who plays some."""

    def poll(self, timeout: float) -> list[bytes]: ...

    def send_command(self, word: str) -> None: ...


class Report:
    """The reporting room: ``run()`` works until ``stopping`` is set."""

    def __init__(self, service: Service, inlet: Lines, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: that of the lines. Raises BadSetting for a password or TLS file that cannot be used."""
        self._written, self._stopping, self._notifier, self._reload = service
        self._inlet = inlet
        self._kept = StateStore()
        self._wishes = Overrides(self._kept)
        self._settings = settings = self._wishes.over(self._written)
        inlet.send_command(RESUME if self._kept.get("paused") is None else PAUSE)
        self._clock = clock
        self._gate = Gate(settings, clock)
        self._watcher = Engine(settings)
        self._bulletin = StateThrottle()
        self._events = TokenBucket(EVENT_RATE, 2 * EVENT_RATE)
        self._started = self._clock()
        self._status: wire.StatusLine | None = None
        self._status_at = 0.0
        self._health_at = -settings.mqtt.health_interval
        self._told = ""
        self._identity = device_id(settings.device)
        self._name = settings.device.name or self._identity
        self._broker = Publisher(
            settings.mqtt,
            topic=f"{settings.mqtt.topic}/{self._identity}",
            client_id=f"posenet-edge-{self._identity}",
            password=read_password(settings.mqtt),
            tls=make_tls(settings.mqtt),
        )
        self._commands = None
        if settings.command.enabled:
            obey: dict[str, Callable[[bytes], None]] = {name: partial(self._grant, name) for name in OVERRIDES}
            obey["camera"] = self._shut_camera
            self._commands = Commands(self._broker, f"{settings.mqtt.topic}/{self._identity}", obey)
        self._discovery = Discovery(self._broker, self._identity, settings.homeassistant.prefix)
        self._announce()

    @property
    def has_room(self) -> bool:
        """Whether what a line says could leave for the broker at once."""
        return self._broker.has_room

    def run(self) -> None:
        """Publishes until it is stopped, then says ``offline``."""
        self._broker.start()
        self._notifier.ready()
        try:
            while not self._stopping.is_set():
                for line in self._inlet.poll(_TURN):
                    self._hear(line)
                self._broker.dispatch()
                self._discovery.check(time.monotonic())
                self._check_state()
                self._check_health()
                # A broker that is away is no reason to start this anew, so each turn counts as progress.
                self._notifier.alive()
                if self._reload.wanted():
                    self._take(self._reload.settings())
        finally:
            self._notifier.stopping()
            self._broker.stop()

    def _take(self, settings: Settings) -> None:
        """Other settings, as far as a reload changes them; what was counted stays."""
        self._written = settings
        before, self._settings = self._settings, self._wishes.over(settings)
        settings = self._settings
        self._name = settings.device.name or self._identity
        self._gate = Gate(settings, self._clock, self._gate.rejected)
        if meanings(settings) != meanings(before):
            self._watcher = Engine(settings)
        self._announce()

    def _announce(self) -> None:
        """What stands there until it changes: entities, and places."""
        self._discovery.announce(self._settings, self._watcher.keys)
        payload = places_payload(self._settings, "places" in self._wishes.granted, round(time.time(), 3))
        self._broker.publish_retained("places", as_json(payload))

    def _hear(self, raw: bytes) -> None:
        line = self._gate.admit(raw)
        if isinstance(line, wire.FrameLine):
            frame = quantize(line)
            if self._settings.publish.share != "events":
                payload = poses_payload(frame, self._settings.decode.mode, self._settings.publish)
                self._broker.publish("poses", as_json(payload), expires=_POSES_EXPIRE)
            for event in self._watcher.see(frame):
                self._tell(event, frame.time)
        elif isinstance(line, wire.StatusLine):
            self._status, self._status_at = line, self._clock()
            self._watcher.hear(line)

    def _tell(self, event: Event, happened: float) -> None:
        if self._events.take(1, self._clock()):
            payload = as_json(event_payload(event, happened))
            self._broker.publish(f"event/{event.kind}", payload, qos=1, expires=_EVENTS_EXPIRE)

    def _shut_camera(self, payload: bytes) -> None:
        word = payload.decode("ascii", "replace")
        if word not in (PAUSE, RESUME):
            raise BadSetting(f"command/camera: expected {PAUSE} or {RESUME}, found {show(word)}")
        # A camera that shall be shut is shut at once. ``state`` says so only after this has returned, because whatever
        # is published leaves by this thread: by then it is stored.
        if word == PAUSE:
            self._inlet.send_command(word)
        self._kept.set("paused", b"" if word == PAUSE else None)
        if word == RESUME:
            self._inlet.send_command(word)

    def _grant(self, wish: str, payload: bytes) -> None:
        self._wishes.ask(wish, payload, self._written)
        self._take(self._written)

    def _check_state(self) -> None:
        now = self._clock()
        if not self._bulletin.wants(now):
            return
        # Only what sense says counts: that it was asked to is no proof that the camera is shut.
        paused = self._status.state == "paused" if self._status else None
        state = {
            **self._watcher.state(now),
            "paused": paused,
            "sensitivity": self._settings.people.sensitivity,
            "places": "asked" if "places" in self._wishes.granted else "settings",
        }
        if self._bulletin.due(state, now):
            self._broker.publish_retained("state", as_json(state_payload(state, round(time.time(), 3))))

    def _check_health(self) -> None:
        """Says ``health`` when it is due, and soon when the state changed."""
        now = self._clock()
        if self._status and now - self._status_at > _SILENT_AFTER:
            self._status = None
        state = self._status.state if self._status else "silent"
        due = state != self._told and now - self._health_at >= HEALTH_EVERY
        if due or now - self._health_at >= self._settings.mqtt.health_interval:
            self._told, self._health_at = state, now
            self._broker.publish_retained("health", as_json(self._health(now)))
        self._notifier.status(self._in_words(state))

    def _in_words(self, state: str) -> str:
        """For ``systemctl status``, for ``doctor`` and ``audit``."""
        broker = self._broker
        relation: Relation = "looking"
        if broker.connected:
            relation = "refused" if broker.refused else "connected"
        return ReportStatus(relation, broker.address, self._settings.publish.share, state).render()

    def _health(self, now: float) -> dict[str, Any]:
        return health_payload(
            self._status,
            self._gate.rejected,
            self._broker.sent,
            self._broker.unsent,
            self._commands.refused if self._commands else {},
            time=round(time.time(), 3),
            uptime=round(now - self._started, 1),
            name=self._name,
            software=__version__,
        )
