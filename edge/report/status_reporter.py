"""Publish ``state`` and ``health``, and write the line of ``systemctl status``."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge import __version__, wire
from edge.mqtt.publisher import Publisher
from edge.report.analytics.engine import Engine
from edge.report.camera_orientation import OrientationMonitor
from edge.report.commands.overrides import SettingsInForce
from edge.report.leak_bound import HEALTH_EVERY
from edge.report.light_level import LightLevel
from edge.report.messages.health import REPORT_STAGE_MS, REPORT_STAGES, health_expires, health_payload
from edge.report.messages.message import as_json
from edge.report.messages.state import STATE_MESSAGE, StateThrottle, switch_state
from edge.report.outbox.outbox import Outbox
from edge.runtime import incidents
from edge.runtime.clock_sync import clock_state
from edge.runtime.installation import version_on_disk
from edge.runtime.sd_notify import Notifier
from edge.runtime.stage_times import StageTimes
from edge.runtime.status_text import Relation, ReportStatus

log = logging.getLogger(__name__)

_SILENT_AFTER_S = 5.0
"""Time without a status line after which nothing is known of ``sense``; twice what it takes for a frame comes on top
where it is too slow, as it says nothing while it works on one."""


@dataclass
class StatusReporter:
    """``hear`` the status lines of ``sense``, and ``check`` regularly whether something is to be published.

    Attributes:
        settings: Read at each check.
        publisher: Of ``state`` and ``health``.
        outbox: Of the events.
        notifier: Of the status line.
        identity: Device id, the name of a device that has none.
        rejected_lines: Counts by reason, as they change.
        refused_commands: Counts by reason, as they change.
        clock: Monotonic, s.
        instance: Number of this start.
        stages: Times of this process's own stages.
    """

    settings: SettingsInForce
    publisher: Publisher
    outbox: Outbox
    notifier: Notifier
    identity: str
    rejected_lines: Mapping[str, int]
    refused_commands: Mapping[str, int]
    clock: Callable[[], float]
    instance: int = 0
    stages: StageTimes = field(default_factory=lambda: StageTimes(tuple(REPORT_STAGES)))

    def __post_init__(self) -> None:
        self._started = self.clock()
        self._throttle = StateThrottle()
        self._line: wire.StatusLine | None = None
        self._heard_at = 0.0
        self._published_at = -math.inf
        self._published_state: tuple[object, ...] = ()
        self._orientation = OrientationMonitor()
        self._light = LightLevel()
        self._logged_rotate: int | None = None
        self.measured: dict[str, Any] | None = None
        """A payload of ``health`` that is at most ``HEALTH_EVERY`` old, where ``metrics.listen`` asks for it."""
        self._measured_at = -math.inf
        self._uptime = -math.inf

    def hear(self, line: wire.StatusLine) -> None:
        """Remember the last status line."""
        if line.uptime < self._uptime:
            incidents.count("sense_restarts")
        self._uptime = line.uptime
        self._line, self._heard_at = line, self.clock()
        self._orientation.hear(line)
        self._light.hear(line)
        rotate = self._suggested_rotate()
        if rotate is not None and rotate != self._logged_rotate:
            log.warning("hardly anybody is seen upright: set camera.rotate = %d, or hang the camera upright", rotate)
        self._logged_rotate = rotate

    def check(self, engine: Engine) -> None:
        """Publish what is due."""
        now = self.clock()
        if self._throttle.wants(now):
            self._publish_state(engine, now)
        if self._line and now - self._heard_at > _SILENT_AFTER_S + 2 * self._line.lateness:
            self._line = None
            self._light.hear(None)
        state = self._line.state if self._line else "silent"
        blindness = engine.blindness(now) if self._line else None
        is_same = (state, blindness) == self._published_state
        if now - self._published_at >= (self.settings.current.mqtt.health_interval if is_same else HEALTH_EVERY):
            self._published_state, self._published_at = (state, blindness), now
            expires = health_expires(self.settings.current.mqtt.health_interval)
            self.publisher.publish_retained("health", as_json(self._health(blindness, now)), expires)
            # If the broker dies too, no last will takes this back.
            self.publisher.publish_retained("availability", b"online", expires)
        if self.settings.current.metrics.listen and now - self._measured_at >= HEALTH_EVERY:
            self.measured, self._measured_at = self._health(blindness, now), now
        self.notifier.status(status_line(self.publisher, self.settings.current.publish.share, state))

    def _publish_state(self, engine: Engine, now: float) -> None:
        # A pause that was asked for is no proof that the camera is shut; only the word of ``sense`` counts.
        state = {
            **engine.state(now),
            "light": self._light.percent,
            "paused": self._line.state == "paused" if self._line else None,
            "sensitivity": self.settings.current.people.sensitivity,
            "places_source": "command" if "places" in self.settings.overridden else "settings",
            "profile": self.settings.profile.name,
            "switch": switch_state(self.settings.current, self.settings.off),
        }
        if self._throttle.due(state, now):
            payload = as_json(STATE_MESSAGE.build(time=time.time(), **state))
            self.publisher.publish_retained("state", payload, STATE_MESSAGE.expires)

    def _suggested_rotate(self) -> int | None:
        camera = self.settings.current.camera
        return self._orientation.suggested_rotate(camera.rotate, camera.mirror)

    def _health(self, blindness: str | None, now: float) -> dict[str, Any]:
        return health_payload(
            self._line,
            self.rejected_lines,
            self.publisher.messages_sent,
            self.publisher.messages_dropped,
            self.refused_commands,
            blindness=blindness,
            clock=clock_state(),
            report_stages=self.stages.percentiles(REPORT_STAGE_MS),
            suggested_rotate=self._suggested_rotate() if self._line else None,
            time=time.time(),
            uptime=now - self._started,
            instance=self.instance,
            events_kept=len(self.outbox),
            events_lost=self.outbox.lost,
            outbox=self.outbox.place,
            name=self.settings.current.device.name or self.identity,
            software=__version__,
            software_on_disk=version_on_disk(),
        )


def status_line(publisher: Publisher, share: str, sense: str) -> str:
    """The line of ``systemctl status``. sense: state of ``sense``."""
    relation: Relation = "looking"
    if publisher.twin:
        relation = "twin"
    elif publisher.connected:
        relation = "refused" if publisher.refusal else "connected"
    reason = publisher.refusal or publisher.trouble
    return ReportStatus(relation, publisher.address, share, sense, reason).render()
