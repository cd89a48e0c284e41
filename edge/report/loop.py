"""The loop of ``report``: lines of ``sense`` in, MQTT messages out."""

import logging
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from edge import wire
from edge.errors import RESTART, Told
from edge.mqtt.publisher import Publisher
from edge.report.analytics.engine import Engine, settings_followed
from edge.report.analytics.event import EVENT_RATE, Event
from edge.report.commands.camera_switch import CameraSwitch
from edge.report.commands.dispatcher import Commands
from edge.report.commands.overrides import OVERRIDES, SettingsInForce
from edge.report.commands.restart import Restart
from edge.report.commands.state_store import StateStore
from edge.report.device_id import device_id
from edge.report.former_names import FormerNames
from edge.report.homeassistant.discovery import Discovery
from edge.report.ingress.gate import Gate
from edge.report.messages.event import event_payload
from edge.report.messages.message import VERSION, as_json
from edge.report.messages.places import places_payload
from edge.report.messages.poses import POSES, poses_payload
from edge.report.messages.quantize import quantize
from edge.report.metrics import serving
from edge.report.outbox.outbox import Outbox
from edge.report.status_reporter import StatusReporter
from edge.report.twin import TwinWatch
from edge.runtime import durable, incidents
from edge.runtime.service import Service
from edge.runtime.token_bucket import TokenBucket

log = logging.getLogger(__name__)

_TURN_S = 0.25
"""Longest wait for a line, so that a stop is noticed soon."""


class Lines(Protocol):
    """Source of lines: ``edge.report.ingress.line_server``, or a player of recorded ones."""

    def poll(self, timeout: float) -> list[bytes]:
        """Lines that arrived, waiting up to ``timeout`` s for the first."""

    def send_command(self, word: str) -> None:
        """Send one of ``edge.wire.WORDS_DOWN`` to ``sense``, now and whenever it connects."""


class Report:
    """Publish what the lines say until ``stopping`` is set."""

    def __init__(self, service: Service, lines: Lines, clock: Callable[[], float] = time.monotonic) -> None:
        """Lay out the parts; nothing is connected yet.

        Args:
            service: Settings and signals.
            lines: Where lines come from, and commands to ``sense`` go.
            clock: That of the lines, s.

        Raises:
            BadSetting: The password or a TLS file cannot be used.
        """
        of_file, self._stopping, self._notifier, self._reload = service
        self._lines = lines
        self._clock = clock
        store = StateStore()
        self._settings = SettingsInForce(of_file, store)
        self._camera = CameraSwitch(store, lines.send_command, self._settings.pausing)
        settings = self._settings.current
        identity = device_id(settings.device)
        topic = f"{settings.mqtt.topic}/{identity}"
        self._publisher = Publisher(settings.mqtt, topic, f"posenet-edge-{identity}", VERSION)
        self._outbox = Outbox(settings.outbox, self._publisher, durable.state_folder())
        self._gate = Gate(settings, clock)
        self._engine, self._engine_settings = Engine(settings, self._settings.off), settings_followed(settings)
        self._event_rate = TokenBucket(EVENT_RATE, 2 * EVENT_RATE)
        self._restart = Restart(self._notifier.is_tended, lines.send_command, self._stopping)
        overrides = {name: partial(self._override, name) for name in OVERRIDES}
        others = {"camera": self._camera.command, "profile": self._choose_profile, "restart": self._restart.command}
        commands = Commands(topic, {**overrides, **others}, {"switch": self._switch})
        if settings.command.enabled:
            commands.subscribe(self._publisher)
        instance = random.getrandbits(31)
        self._twin = TwinWatch(self._publisher, topic, instance)
        rejected, refused = self._gate.rejected, commands.refused
        self._status = StatusReporter(
            self._settings,
            self._publisher,
            self._outbox,
            self._notifier,
            identity,
            rejected,
            refused,
            clock,
            instance,
        )
        self._discovery = Discovery(self._publisher, identity, settings.homeassistant.prefix)
        self._former_names = FormerNames(settings, self._publisher, store)
        self._announce()

    @property
    def has_room(self) -> bool:
        """The message that a line leads to could leave for the broker at once."""
        return self._publisher.has_room

    def run(self) -> None:
        """Publish until stopped, then publish ``offline``.

        Raises:
            OutputFailed: It cannot listen at ``metrics.listen``.
            Told: ``command/restart`` asked for a restart.
        """
        with serving(self._settings.current.metrics.listen, lambda: self._status.measured):
            self._run()
        if self._restart.asked:
            raise Told(RESTART)

    def _run(self) -> None:
        self._publisher.start()
        self._notifier.ready()
        try:
            while not self._stopping.is_set():
                for line in self._lines.poll(_TURN_S):
                    self._hear(line)
                self._outbox.send()
                self._former_names.check(time.monotonic())
                self._publisher.dispatch()
                self._discovery.check(time.monotonic())
                self._twin.check(time.monotonic())
                self._status.check(self._engine)
                # A broker that is away is no reason for a restart, so each turn counts as progress.
                self._notifier.alive()
                if self._reload.wanted():
                    self._settings.reload(self._reload.settings())
                    self._follow_settings()
                    self._announce()
        finally:
            self._notifier.stopping()
            self._former_names.close()
            self._outbox.close()
            self._publisher.stop()

    def _hear(self, raw: bytes) -> None:
        timed = self._status.stages.timed
        with timed("gate"):
            line = self._gate.admit(raw)
        if isinstance(line, wire.FrameLine):
            frame = quantize(line)
            settings = self._settings.current
            if settings.publish.share != "events":
                with timed("publish"):
                    payload = poses_payload(frame, settings.decode.mode, settings.publish)
                    self._publisher.publish("poses", as_json(payload), expires=POSES.expires)
            with timed("analytics"):
                events = self._engine.see(frame)
            for event in events:
                self._publish_event(event, frame.time)
        elif isinstance(line, wire.StatusLine):
            self._status.hear(line)
            self._engine.hear(line)

    def _publish_event(self, event: Event, happened: float) -> None:
        if self._event_rate.take(1, self._clock()):
            log.debug("event %s", event.kind)
            self._outbox.put(event_payload(event, happened, self._engine.people))
        else:
            incidents.count("events_over_rate")

    def _override(self, name: str, payload: bytes) -> None:
        self._settings.override(name, payload)
        self._follow_settings()
        self._announce()

    def _choose_profile(self, payload: bytes) -> None:
        profile = self._settings.find_profile(payload)
        if profile.paused:
            # A pause must not wait for the disk.
            self._camera.follow(profile.name)
        self._settings.choose(profile)
        self._follow_settings()

    def _switch(self, name: str, payload: bytes) -> None:
        self._settings.switch(name, payload)
        self._follow_settings()

    def _follow_settings(self) -> None:
        """Take over what changed in the settings in force; counts stay."""
        settings, off = self._settings.current, self._settings.off
        self._gate.follow(settings)
        self._camera.follow(self._settings.pausing)
        if settings_followed(settings) != self._engine_settings:
            self._engine, self._engine_settings = Engine(settings, off), settings_followed(settings)
        else:
            self._engine.switch(off, settings.people.sensitivity)

    def _announce(self) -> None:
        """Publish what is retained until the settings change: entities, and places."""
        settings = self._settings.current
        # What is switched off keeps its entities, which are unavailable meanwhile: it keeps its name and its history.
        self._discovery.announce(settings, Engine(settings).keys)
        source = "command" if "places" in self._settings.overridden else "settings"
        payload = places_payload(settings, source, time.time())
        self._publisher.publish_retained("places", as_json(payload))
