"""The message on ``health``: how the sensor is.

docs/extending.md lists every place that a new value needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from edge import wire
from edge.image_quality import BLINDNESSES, MIN_BRIGHTNESS, MIN_CONTRAST, MIN_SHARPNESS
from edge.report.commands import dispatcher
from edge.report.fields import OFF_AT_FIRST, Counts, Entity, Flag, Group, Number, Text, WordList, Words
from edge.report.messages.message import SIDE, Message, from_line, time_field
from edge.report.messages.state import EXPIRES
from edge.runtime import incidents
from edge.runtime.clock_sync import SYNCHRONIZATIONS
from edge.runtime.footprint import resident_memory

SEES = "no"
"""The word of ``blindness`` while people can be seen; the others are ``edge.image_quality.BLINDNESSES``."""
_MEASURED = {"state_class": "measurement"}
_COUNTED = {"state_class": "total_increasing"}
_DIAGNOSTIC = {"entity_category": "diagnostic"}
_NOISY = {**_DIAGNOSTIC, **OFF_AT_FIRST}
"""For the search for a fault; the recorder need not keep it otherwise."""
_MS = {"device_class": "duration", "unit_of_measurement": "ms"}
_CELSIUS = {"device_class": "temperature", "unit_of_measurement": "°C"}

_FRAME_RATE = Entity("sensor", "Frame rate", {"unit_of_measurement": "frames/s", **_MEASURED, **_NOISY})
_INFERENCE_TIME = Entity("sensor", "Inference time", {**_MS, **_MEASURED, **_NOISY})
_TEMPERATURE = Entity("sensor", "Temperature", {**_CELSIUS, **_MEASURED, **_NOISY})
_FRAMES_DROPPED = Entity("sensor", "Frames dropped", {"icon": "mdi:filmstrip-off", **_COUNTED, **_NOISY})
_EVENTS_LOST = Entity("sensor", "Events lost", {"icon": "mdi:email-alert", **_COUNTED, **_NOISY})
_LINES_REJECTED = Entity("sensor", "Lines rejected", {"icon": "mdi:wall", **_COUNTED, **_NOISY}, reads="sum")
# Home Assistant's device class "safety" is on where it is unsafe.
_SEAL = Entity("binary_sensor", "Seal", {"device_class": "safety", **_DIAGNOSTIC}, reads="inverted")


def _number(name: str, meaning: str, step: float = 1, unit: str = "", entity: Entity | None = None) -> Number:
    """Declare a number of the status line ``name``; null while no such line arrives."""
    return from_line(name, step=step, unit=unit, help=meaning, entity=entity)


def _total(name: str, meaning: str, entity: Entity | None = None) -> Number:
    """Declare a count of the status line ``name``, since ``sense`` started."""
    return from_line(name, help=meaning, entity=entity, total=True)


_NUMBERS: Mapping[str, Number] = {
    "frame_rate": _number(
        "frame_rate",
        "frames done, spared ones of an empty room too, over the last two seconds",
        0.1,
        "1/s",
        _FRAME_RATE,
    ),
    "inference_ms": _number(
        "invoke_ms",
        "running the model; median of the last two seconds, as the next three",
        0.01,
        "ms",
        _INFERENCE_TIME,
    ),
    "fit_ms": _number("fit_ms", "bringing a frame to the size of the model's input", 0.01, "ms"),
    "decode_ms": _number("decode_ms", "decoding", 0.01, "ms"),
    "latency_ms": _number("latency_ms", "from the capture of a frame to its line", 0.1, "ms"),
    "brightness": _number(
        "brightness",
        f"of the brightest twentieth of a picture of the last second; below {MIN_BRIGHTNESS:g} it is dark",
        0.01,
        "0..1",
    ),
    "contrast": _number(
        "contrast",
        f"of the same picture, relative to its brightness; below {MIN_CONTRAST:g} the camera is covered",
        0.005,
        "0..1",
    ),
    "sharpness": _number(
        "sharpness", f"of the same picture, at the scale of the model; below {MIN_SHARPNESS:g} it is out of focus", 0.1
    ),
    "duty_rate": _number("duty_rate", "most frames at which the model looks now", 0.1, "1/s"),
    "temperature": _number(
        "temperature", "of the processor; null too where the machine does not tell", 0.1, "°C", _TEMPERATURE
    ),
    "sense_memory": _number("memory", "resident memory of `sense`", 1, "MB"),
    "sense_uptime": _number("uptime", "how long `sense` has run", 1, "s"),
    "frames": _total("frames", "done since `sense` started, spared ones of an empty room too"),
    "frames_dropped": _total(
        "frames_dropped",
        "replaced by a newer one before the model was free, since `sense` started",
        entity=_FRAMES_DROPPED,
    ),
    "frames_damaged": _total(
        "frames_damaged", "damaged ones that the camera or the clip gave, and that were left out, since `sense` started"
    ),
    "looks_near": _total(
        "looks_near",
        "second looks at people who are lost or go down, since `sense` started ([attention.md](attention.md))",
    ),
    "looks_turned": _total("looks_turned", "looks at the whole frame turned"),
    "looks_zoomed": _total("looks_zoomed", "frames of which only the people in it were looked at"),
    "frames_spared": _total(
        "frames_spared",
        "at which the model did not look, as nobody was there or the machine had too much to do ([duty.md](duty.md))",
    ),
    "lines_dropped": _total("lines_dropped", "lines that `report` was too slow or too absent to take"),
    "camera_failures": _total("camera_failures", "times that the camera failed or was not found"),
}
_NAMES_IN_STATUS = {"inference_ms": "invoke_ms", "sense_uptime": "uptime", "sense_memory": "memory"}
"""The names in a status line where they are others."""
_STAGES = {
    "fit": "bringing a view to the size of the model's input",
    "invoke": "running the model",
    "decode": "decoding",
    "track": "tracking and smoothing",
    "latency": "from the capture of a frame to its line",
}
PERCENTILES: Mapping[str, Number] = {
    name: Number(low=wire.STAGE_MS[0], high=wire.STAGE_MS[1], step=0.1, unit="ms", nullable=False)
    for name in wire.Percentiles._fields
}
REPORT_STAGES = {
    "gate": "parsing and checking a line",
    "analytics": "the detectors, of one frame",
    "publish": "writing the message on `poses` and handing it to the network",
}
"""Stages of ``report`` whose time is taken for each frame."""
REPORT_STAGE_MS = (0.0, 100.0)
_REPORT_PERCENTILE = Number(low=REPORT_STAGE_MS[0], high=REPORT_STAGE_MS[1], step=0.05, unit="ms", nullable=False)
_COUNT = Number(low=0, high=2**53 - 1, nullable=False, total=True)
HEALTH = Message(
    name="health",
    meaning="How the sensor is; what only `sense` knows is null while nothing is heard of it.",
    fields={
        "time": time_field("when this was said"),
        "clock": Words(
            allowed=SYNCHRONIZATIONS,
            help="whether a time service has set the clock of every `time`: without a battery it is wrong from boot "
            "until then; null where neither the kernel nor systemd-timesyncd tells",
        ),
        "uptime": Number(low=0, high=1e12, step=0.1, unit="s", nullable=False, help="how long `report` has run"),
        "instance": replace(_COUNT, help="chosen at random at each start, to tell two sensors of one id"),
        "name": Text(longest=64, nullable=False, help="friendly name of the sensor"),
        "software": Text(longest=64, nullable=False, help="version of posenet-edge"),
        "state": Words(
            allowed=(*wire.STATES, "silent"),
            nullable=False,
            help=f"`too_slow`: a frame takes more than {wire.TOO_SLOW_S:g} s to its line (`latency_ms`), so what is "
            "said is not of now; `paused`: the camera is shut because somebody asked for that; `no_camera`: gone, "
            "being looked for; `no_frames`: open, and gives none; `refused`: not sealed, and `camera.require_seal` "
            "keeps the camera shut; `ended`: the clip is over; `silent`: nothing heard of `sense` for 5 s, and two "
            "more frames where it is too slow",
        ),
        "source": Words(allowed=wire.SOURCES, help="kind of camera; `none` before one was opened"),
        "sealed": Flag(help="the test of the sandbox, once a minute, found nothing ([seal.md](seal.md))", entity=_SEAL),
        "breaches": WordList(allowed=wire.BREACHES, help="what that test found"),
        "model": Group(
            nullable=True,
            help="the model that runs",
            parts={
                "height": SIDE,
                "width": SIDE,
                "output_stride": Words(allowed=wire.STRIDES, nullable=False),
                "quantization": Words(allowed=wire.QUANTIZATIONS, nullable=False),
            },
        ),
        "model_choice": Words(
            allowed=wire.MODEL_CHOICES,
            help="why this model runs: `set`: the configuration names it; `camera`: the camera runs its own; with "
            '`model.file = "auto"`: `largest`: no larger one is shipped, `fits`: the largest that keeps 10 frames/s, '
            "`hot`, `slow`: a smaller one, as the machine was too hot or took too long, `too_slow`: even the smallest "
            "does not keep 10 frames/s ([duty.md](duty.md#which-model))",
        ),
        "blindness": Words(
            allowed=(SEES, *BLINDNESSES),
            help="why nobody can be seen ([analytics.md](analytics.md#a-camera-that-cannot-see)); null too without a "
            "picture, and with `people.blindness = false`",
        ),
        "suggested_rotate": Words(
            allowed=(0, 90, 180, 270),
            unit="degrees",
            help="value of `camera.rotate` with which people would stand upright, if hardly anybody does; null if "
            "nothing is wrong, or too little is known",
        ),
        **_NUMBERS,
        "stages": Group(
            nullable=True,
            help="times of the last thousand runs of each stage: half, 95 and 99 of 100 took no longer; 1000: or more",
            parts={stage: Group(parts=PERCENTILES, help=meaning) for stage, meaning in _STAGES.items()},
        ),
        "report_stages": Group(
            help="the same of the stages of `report`; 0 without a run, 100: or more",
            parts={
                stage: Group(parts=dict.fromkeys(PERCENTILES, _REPORT_PERCENTILE), help=meaning)
                for stage, meaning in REPORT_STAGES.items()
            },
        ),
        "attention": Words(
            allowed=wire.ATTENTIONS,
            help="`off`: no second looks are made, as `attention.looks` is 0 or the camera runs the network itself",
        ),
        "duty": Words(
            allowed=wire.DUTIES,
            help="why the model looks as often as it does: `full`: somebody may be there; `idle`: nobody is, and "
            "nothing moves; `hot`, `slow`: too hot, or too much to do, for every frame; `off`: at every frame, by "
            "`duty.enabled = false` or as the camera runs the network itself ([duty.md](duty.md))",
        ),
        "lines_rejected": Counts(
            allowed=wire.REASONS,
            help="lines refused at the gate, by reason; `stale` and `too_fast` may happen on a busy machine, anything "
            "else is a bug or an attack",
            entity=_LINES_REJECTED,
        ),
        "messages_sent": replace(_COUNT, help="poses and events given to the network since `report` started"),
        "messages_dropped": replace(_COUNT, help="poses dropped, as the broker was away or slow"),
        "events_kept": replace(_COUNT, help="events that wait for the broker's acknowledgement"),
        "events_lost": replace(
            _COUNT,
            help="events given up since `report` started: too many, too old, or refused by the broker",
            entity=_EVENTS_LOST,
        ),
        "outbox": Words(
            allowed=("ram", "disk"),
            nullable=False,
            help='where events are kept; `ram` with `outbox.keep = "disk"`: the disk cannot be written',
        ),
        "memory": Number(low=0, high=65536, unit="MB", nullable=False, help="resident memory of `report`"),
        "incidents": Counts(
            allowed=tuple(incidents.KINDS),
            help="what was lost, refused, tried again or started again beside that ([metrics.md](metrics.md#counters))",
        ),
        "commands_refused": Counts(
            allowed=dispatcher.REASONS, help="messages on `command/` that were no command, by reason"
        ),
    },
    optional=("instance",),
    retained=True,
    qos=1,
    expires=EXPIRES,
)
FROM_SENSE = (
    "state",
    "source",
    "breaches",
    "model",
    "model_choice",
    "blindness",
    "suggested_rotate",
    "attention",
    "duty",
    "stages",
    "report_stages",
    *_NUMBERS,
)
"""The fields that ``sense`` decides on, or has a hand in: a longer line takes ``report`` longer. ``sealed`` follows
from ``breaches``."""


def health_expires(interval: float) -> int:
    """Seconds after which the last ``health`` is not relied on, where it is said again after ``interval`` s."""
    return max(EXPIRES, round(3 * interval))


def health_payload(
    status: wire.StatusLine | None,
    rejected: Mapping[str, int],
    messages_sent: int,
    messages_dropped: int,
    refused: Mapping[str, int],
    *,
    blindness: str | None = None,
    clock: str | None = None,
    report_stages: Sequence[wire.Percentiles] = (wire.Percentiles(),) * len(REPORT_STAGES),
    **about: Any,
) -> dict[str, Any]:
    """Build the message.

    Args:
        status: The last status line of ``sense``; None while it is silent.
        rejected: Lines refused at the gate, by reason.
        messages_sent: Poses and events given to the network.
        messages_dropped: Poses that could not be.
        refused: Commands that were none, by reason.
        blindness: As ``edge.report.analytics.engine.Engine.blindness`` has it.
        clock: One of ``SYNCHRONIZATIONS``; None if it is not known.
        report_stages: Of each of ``REPORT_STAGES``.
        **about: ``time`` (s since 1970) of this message; ``uptime`` (s), ``name`` and ``software`` of this sensor;
            ``suggested_rotate`` of the camera, degrees, None for none; ``events_kept``, ``events_lost`` and ``outbox``.

    Returns:
        The payload.
    """
    model = status and {
        "height": status.model_height,
        "width": status.model_width,
        "output_stride": status.output_stride,
        "quantization": status.quantization,
    }
    return HEALTH.build(
        **about,
        clock=clock,
        state=status.state if status else "silent",
        source=status and status.source,
        sealed=status and not status.breaches,
        breaches=status and list(status.breaches),
        model=model,
        model_choice=status and status.model_choice,
        blindness=blindness if blindness is None else blindness or SEES,
        **{key: status and getattr(status, _NAMES_IN_STATUS.get(key, key)) for key in _NUMBERS},
        stages=status
        and {
            stage: {name: PERCENTILES[name].quantize(value) for name, value in times._asdict().items()}
            for stage, times in zip(wire.STAGES, status.stages, strict=True)
        },
        report_stages={
            stage: {name: _REPORT_PERCENTILE.quantize(value) for name, value in times._asdict().items()}
            for stage, times in zip(REPORT_STAGES, report_stages, strict=True)
        },
        attention=status and status.attention,
        duty=status and status.duty,
        lines_rejected=dict(sorted(rejected.items())),
        messages_sent=messages_sent,
        messages_dropped=messages_dropped,
        memory=resident_memory(),
        incidents={kind: number for kind, number in incidents.counted.items() if number},
        commands_refused=dict(sorted(refused.items())),
    )
