"""What is published has the shape PoseNet users know, follows its schema, and leaves out what it was told to."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from edge import wire
from edge.config.settings import PublishSettings
from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES
from edge.report.messages.health import health_payload
from edge.report.messages.message import as_json
from edge.report.messages.poses import poses_payload as payload_of
from edge.report.messages.quantize import quantize
from edge.report.messages.schema import SCHEMAS
from tests.support.outbox import OUTBOX
from tests.support.wire_lines import FRAMES, STATUSES

EVERYTHING = PublishSettings(min_pose_score=0.0, min_keypoint_score=0.0)


def poses_payload(frame: wire.FrameLine, mode: str, settings: PublishSettings) -> dict[str, Any]:
    """As the loop makes it."""
    return payload_of(quantize(frame), mode, settings)


def check(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as it arrives, after its schema was held against it."""
    arrived = json.loads(as_json(payload))
    Draft202012Validator(SCHEMAS[name]).validate(arrived)
    return arrived


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@given(FRAMES)
def test_every_frame_gives_a_valid_message(frame: wire.FrameLine) -> None:
    for settings in (EVERYTHING, PublishSettings(), PublishSettings(weak_keypoints="leave_out")):
        for mode in ("multi", "single"):
            check("poses", poses_payload(frame, mode, settings))
    assert check("poses", poses_payload(frame, "multi", replace(EVERYTHING, positions="normalised")))


def test_several_people(frame_line: wire.FrameLine) -> None:
    message = check("poses", poses_payload(frame_line, "multi", EVERYTHING))
    assert message["image"] == {"width": 640, "height": 480}
    assert (message["sequence"], message["time"]) == (7, 1_700_000_000.123)
    assert [(pose["id"], pose["score"]) for pose in message["poses"]] == [(3, 0.75), (12, 0.05)]
    keypoints = message["poses"][0]["keypoints"]
    assert [point["part"] for point in keypoints] == list(KEYPOINT_NAMES)
    assert keypoints[3] == {"part": "leftEar", "position": {"x": 30.0, "y": 15.2}, "score": 0.188}


def test_one_person_is_a_pose_and_nobody_is_null(frame_line: wire.FrameLine) -> None:
    message = check("poses", poses_payload(frame_line, "single", EVERYTHING))
    assert message["pose"]["score"] == 0.75
    assert "poses" not in message
    empty = check("poses", poses_payload(replace(frame_line, persons=()), "single", EVERYTHING))
    assert empty["pose"] is None


def test_weak_poses_are_left_out(frame_line: wire.FrameLine) -> None:
    for floor, expected in ((0.05, [0.75, 0.05]), (0.06, [0.75]), (0.76, [])):
        settings = replace(EVERYTHING, min_pose_score=floor)
        message = check("poses", poses_payload(frame_line, "multi", settings))
        assert [pose["score"] for pose in message["poses"]] == expected


def test_weak_keypoints_are_kept_or_left_out_as_set(frame_line: wire.FrameLine) -> None:
    settings = replace(EVERYTHING, min_keypoint_score=0.5)
    kept = check("poses", poses_payload(frame_line, "multi", settings))["poses"][0]["keypoints"]
    assert len(kept) == KEYPOINT_COUNT
    settings = replace(settings, weak_keypoints="leave_out")
    strong = check("poses", poses_payload(frame_line, "multi", settings))["poses"][0]["keypoints"]
    assert strong == [point for point in kept if point["score"] >= 0.5]
    assert 0 < len(strong) < KEYPOINT_COUNT


def test_the_body_has_no_face(frame_line: wire.FrameLine) -> None:
    message = check("poses", poses_payload(frame_line, "multi", replace(EVERYTHING, share="body")))
    parts = [point["part"] for point in message["poses"][0]["keypoints"]]
    assert len(parts) == 12
    assert not [part for part in parts if re.search("nose|Eye|Ear", part)]


@given(FRAMES)
def test_no_number_is_finer_than_stated(frame: wire.FrameLine) -> None:
    message = check("poses", poses_payload(frame, "multi", EVERYTHING))
    for pose in message["poses"]:
        for point in pose["keypoints"]:
            x, y = point["position"]["x"], point["position"]["y"]
            assert (round(x, 1), round(y, 1), round(point["score"], 3)) == (x, y, point["score"])
            assert -frame.width <= x <= 2 * frame.width
            assert -frame.height <= y <= 2 * frame.height
        assert round(pose["score"], 3) == pose["score"]


def test_normalised_positions_are_fractions_of_the_picture(frame_line: wire.FrameLine) -> None:
    pixels = check("poses", poses_payload(frame_line, "multi", EVERYTHING))
    fractions = check("poses", poses_payload(frame_line, "multi", replace(EVERYTHING, positions="normalised")))
    for plain, scaled in zip(pixels["poses"][0]["keypoints"], fractions["poses"][0]["keypoints"], strict=True):
        assert scaled["position"]["x"] == pytest.approx(plain["position"]["x"] / 640, abs=1e-5)
        assert scaled["position"]["y"] == pytest.approx(plain["position"]["y"] / 480, abs=1e-5)


ABOUT: dict[str, Any] = {
    "blindness": None, "clock": None, "suggested_rotate": None, "time": 1.5, "uptime": 2.5,
    "name": "Hall", "software": "1.2.3", **OUTBOX,
}  # fmt: skip


def test_health_says_what_sense_said(status_line: wire.StatusLine) -> None:
    message = check("health", health_payload(status_line, {"too_long": 2}, 10, 1, {"unknown_word": 1}, **ABOUT))
    assert message["state"] == "running"
    assert message["source"] == "stills"
    assert message["model"] == {"height": 257, "width": 353, "output_stride": 16, "quantization": "int8"}
    assert message["inference_ms"] == 6.2
    assert message["lines_rejected"] == {"too_long": 2}
    assert (message["messages_sent"], message["messages_dropped"]) == (10, 1)
    assert message["frames_damaged"] == 4
    assert (message["frames_dropped"], message["lines_dropped"], message["camera_failures"]) == (3, 2, 1)


@pytest.mark.parametrize(("reason", "word"), [("", "no"), ("dark", "dark"), (None, None)])
def test_health_says_whether_the_camera_sees(reason: str | None, word: str | None) -> None:
    message = check("health", health_payload(None, {}, 0, 0, {}, **(ABOUT | {"blindness": reason})))
    assert message["blindness"] == word


def test_health_knows_nothing_of_a_silent_room() -> None:
    message = check("health", health_payload(None, {}, 0, 0, {}, **ABOUT))
    assert message["state"] == "silent"
    assert message["frame_rate"] is message["model"] is message["frames"] is None


@given(STATUSES)
def test_every_status_gives_valid_health(status: wire.StatusLine) -> None:
    check("health", health_payload(status, dict.fromkeys(wire.REASONS, 3), 0, 0, {}, **ABOUT))


@pytest.mark.parametrize("change", [{"picture": "..."}, {"version": 1}, {"pose": None}, {"sequence": -1}])
def test_the_schema_refuses_what_is_not_said(frame_line: wire.FrameLine, change: dict[str, Any]) -> None:
    message = poses_payload(frame_line, "multi", EVERYTHING) | change
    assert not Draft202012Validator(SCHEMAS["poses"]).is_valid(message)


def test_names_are_published_in_any_language() -> None:
    message = check("health", health_payload(None, {}, 0, 0, {}, **(ABOUT | {"name": "Küche 😀"})))
    assert message["name"] == "Küche 😀"
