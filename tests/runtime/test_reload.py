"""A reload takes what it can, names what it cannot, and a broken file changes nothing."""

import logging
import threading
from dataclasses import fields, replace

import pytest

from edge.config.settings import (
    CameraSettings,
    DecodeSettings,
    MqttSettings,
    PublishSettings,
    Settings,
    restarted_by,
    sections,
)
from edge.errors import BadSetting
from edge.report.ingress.gate import line_rate
from edge.runtime.reload import Reload, merge_live
from edge.runtime.sd_notify import Notifier

OTHER = Settings(
    camera=CameraSettings(rotate=90, mirror=True),
    decode=DecodeSettings(score_threshold=0.5),
    publish=PublishSettings(share="events"),
)


def test_live_settings_change_and_the_rest_is_named() -> None:
    merged, waiting = merge_live(Settings(), OTHER, "sense")
    assert merged == replace(OTHER, camera=CameraSettings())
    assert waiting == ["camera.rotate", "camera.mirror"]
    assert merge_live(OTHER, OTHER, "sense") == (OTHER, [])


def test_a_service_follows_what_restarts_the_other_and_does_not_complain_of_it() -> None:
    wanted = replace(OTHER, camera=CameraSettings(frame_rate=30.0, rotate=90), mqtt=MqttSettings(host="b.lan"))
    merged, waiting = merge_live(Settings(), wanted, "report")
    assert (merged.camera, merged.mqtt, waiting) == (wanted.camera, Settings().mqtt, ["mqtt.host"])
    # The gate's bound is of these settings: it is the one that check-config and audit print.
    assert line_rate(merged) == line_rate(wanted) > line_rate(Settings())


def test_each_setting_that_is_not_live_restarts_a_service() -> None:
    for name, section in sections().items():
        for entry in fields(section):
            restarts = restarted_by(name, entry.name)
            assert restarts in ("sense", "report") if not entry.metadata.get("live") else not restarts, entry.name


def test_what_names_topics_or_opens_devices_is_never_live() -> None:
    live = {
        f"{name}.{entry.name}"
        for name, section in sections().items()
        for entry in fields(section)
        if entry.metadata.get("live")
    }
    assert {"publish.share", "decode.score_threshold"} <= live
    assert not live & {"device.id", "mqtt.topic", "mqtt.host", "camera.source", "model.file", "model.threads"}


def test_a_broken_configuration_is_said_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    asked = threading.Event()
    answers: list[Settings | BadSetting] = [BadSetting("config.toml: camera.rotat: no such key"), OTHER]

    def load() -> Settings:
        answer = answers.pop(0)
        if isinstance(answer, BadSetting):
            raise answer
        return answer

    caplog.set_level(logging.INFO)
    reload = Reload("sense", Settings(), load, Notifier({}), asked)
    assert not reload.wanted()
    asked.set()
    assert reload.wanted()
    assert not reload.wanted()
    assert reload.settings() == Settings()
    assert "camera.rotat" in caplog.records[0].message
    assert reload.settings().publish.share == "events"
    assert "needs a restart: camera.rotate, camera.mirror" in caplog.records[1].message


def test_what_is_asked_for_while_one_looks_is_not_lost() -> None:
    class AskedJustAfter(threading.Event):
        def is_set(self) -> bool:
            was = super().is_set()
            self.set()
            return was

    reload = Reload("sense", Settings(), Settings, Notifier({}), AskedJustAfter())
    assert not reload.wanted()
    assert reload.wanted()
