"""What is published, built from numbers that passed the gate; ``edge.report.messages.schema`` describes the same."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from edge.config.settings import PublishSettings, Settings
from edge.geometry.ground_plane import find_floor
from edge.pose import FACE_NAMES, KEYPOINT_NAMES, Person
from edge.report.analytics.event import Event
from edge.report.messages.quantize import HEALTH_DIGITS
from edge.wire import FrameLine, StatusLine

VERSION = 1
"""Of the published messages' shape."""


def poses_payload(frame: FrameLine, mode: str, settings: PublishSettings) -> dict[str, Any]:
    """The message on ``poses``: an array ``poses`` in ``multi`` mode, ``pose`` (null: nobody) in ``single`` mode.

    frame: as ``quantize`` left it. Without the face where only the body is shared, without poses
    weaker than ``min_pose_score``; positions are px of the camera frame or 0..1 of its sides.
    """
    normalised = settings.positions == "normalised"
    floor = settings.min_keypoint_score if settings.weak_keypoints == "leave_out" else 0.0
    hidden = FACE_NAMES if settings.share == "body" else frozenset[str]()

    def place(x: float, y: float) -> dict[str, float]:
        return {"x": round(x / frame.width, 5), "y": round(y / frame.height, 5)} if normalised else {"x": x, "y": y}

    def shape(person: Person) -> dict[str, Any]:
        return {
            "id": person.id,
            "score": person.pose.score,
            "keypoints": [
                {"part": part, "position": place(x, y), "score": score}
                for part, (x, y, score) in zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True)
                if score >= floor and part not in hidden
            ],
        }

    strong = [shape(person) for person in frame.persons if person.pose.score >= settings.min_pose_score]
    payload: dict[str, Any] = {
        "version": VERSION,
        "sequence": frame.sequence,
        "time": frame.time,
        "image": {"width": frame.width, "height": frame.height},
        "positions": settings.positions,
    }
    if mode == "single":
        payload["pose"] = strong[0] if strong else None
    else:
        payload["poses"] = strong
    return payload


def state_payload(state: Mapping[str, Any], time: float) -> dict[str, Any]:
    """The message on ``state``: all that is known, at ``time`` (s since 1970); null is what is not known."""
    return {"version": VERSION, "time": time, **state}


def places_payload(settings: Settings, asked: bool, time: float) -> dict[str, Any]:
    """The message on ``places``: where zones and the like are, as the sections of the settings have it.

    asked: they were asked for over MQTT, and are not those of the settings. time: s since 1970.
    """
    return {
        "version": VERSION,
        "time": time,
        **{name: [asdict(part) for part in getattr(settings, name)] for name in ("zone", "line", "ignore")},
        "floor": asdict(settings.floor) if find_floor(settings.floor) else None,
        "asked": asked,
    }


def event_payload(event: Event, time: float) -> dict[str, Any]:
    """The message on ``event/<kind>``, at ``time`` (s since 1970)."""
    return {
        "version": VERSION,
        "time": time,
        "kind": event.kind,
        "id": event.person,
        "zone": event.zone,
        "confidence": round(event.confidence, 2),
        **event.details,
    }


def health_payload(
    status: StatusLine | None,
    rejected: Mapping[str, int],
    sent: int,
    unsent: int,
    refused: Mapping[str, int],
    **about: Any,
) -> dict[str, Any]:
    """The message on ``health``; what only the sensing room knows is null while that is silent (status None).

    rejected, refused: lines and commands, counted by reason. about: ``time``, ``uptime``, ``name``, ``software``.
    """

    def told(name: str) -> Any:
        value = getattr(status, name) if status else None
        return value if value is None or name not in HEALTH_DIGITS else round(value, HEALTH_DIGITS[name])

    model = status and {
        "height": status.model_height,
        "width": status.model_width,
        "output_stride": status.output_stride,
        "quantization": status.quantization,
    }
    return {
        "version": VERSION,
        **about,
        "state": status.state if status else "silent",
        "source": told("source"),
        "sealed": None if status is None else not status.breaches,
        "breaches": told("breaches"),
        "model": model,
        "frame_rate": told("frame_rate"),
        "inference_ms": told("invoke_ms"),
        "fit_ms": told("fit_ms"),
        "decode_ms": told("decode_ms"),
        "latency_ms": told("latency_ms"),
        "brightness": told("brightness"),
        "contrast": told("contrast"),
        "sharpness": told("sharpness"),
        "temperature": told("temperature"),
        "sense_uptime": told("uptime"),
        "frames": told("frames"),
        "frames_dropped": told("frames_dropped"),
        "lines_dropped": told("lines_dropped"),
        "camera_failures": told("camera_failures"),
        "lines_rejected": dict(sorted(rejected.items())),
        "poses_sent": sent,
        "poses_unsent": unsent,
        "commands_refused": dict(sorted(refused.items())),
    }


def as_json(payload: dict[str, Any]) -> bytes:
    """Compact JSON in UTF-8."""
    # What is built above holds no circles, and to look for them takes as long as all the rest.
    return json.dumps(
        payload, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
    ).encode()
