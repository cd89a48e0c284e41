"""``python -m scripts.message_docs``: write the parts of docs/messages.md that follow from the declarations.

Between two marks on that page stand tables of topics and fields, and an example of each message. The examples are
built from a scripted scene by the functions that build what is published.
"""

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from edge import wire
from edge.errors import UsageError
from edge.report import configuration
from edge.report.analytics.engine import Engine
from edge.report.analytics.registry import EVENTS
from edge.report.fields import Field
from edge.report.messages.event import LATE, event_payload
from edge.report.messages.health import health_payload
from edge.report.messages.message import as_json
from edge.report.messages.places import places_payload
from edge.report.messages.poses import poses_payload
from edge.report.messages.quantize import quantize
from edge.report.messages.schema import MESSAGES
from edge.report.messages.state import EXPIRES, STATE_MESSAGE, switch_state
from edge.tools.simulate.scenes import frames, scene

PAGE = Path("docs/messages.md")
COMMAND = "python -m scripts.message_docs"
_WIDTH = 120
_BEGAN = 1_796_050_800.0
"""s since 1970 at which the scene of the examples begins."""
_SETTINGS: dict[str, Any] = {
    "zone": [{"name": "sofa", "polygon": [[0.1, 0.4], [0.9, 0.4], [0.9, 1.0], [0.1, 1.0]]}],
    "line": [{"name": "door", "start": [0.1, 0.5], "end": [0.1, 0.9]}],
    "rule": [{"name": "reach", "when": "left_wrist above nose"}],
}
_STATUS: dict[str, Any] = {
    "state": "running", "source": "picamera2", "model_height": 257, "model_width": 353, "output_stride": 16,
    "quantization": "int8", "model_choice": "set", "frames": 5421, "frames_dropped": 3, "frame_rate": 14.8,
    "fit_ms": 0.41, "invoke_ms": 31.2,
    "decode_ms": 0.52, "latency_ms": 47.5, "breaches": (), "found": wire.Found(31), "brightness": 0.82,
    "contrast": 0.28, "sharpness": 1.6,
    "attention": "on", "looks_near": 12, "looks_turned": 180, "duty": "full", "duty_rate": 15.0, "frames_spared": 3204,
    "temperature": 51.5, "uptime": 366.0,
    "memory": 92.0,
    "stages": tuple(wire.Percentiles(*times) for times in (
        (0.4, 0.6, 0.9), (31.2, 33.8, 41.0), (0.5, 0.8, 1.1), (0.6, 0.9, 1.4), (47.5, 55.1, 88.2))),
}  # fmt: skip


def example_status(**values: Any) -> wire.StatusLine:
    """Make a status line of a sensor that is well.

    Args:
        values: Other values, by field.

    Returns:
        The line; a field of which nothing is said here has its least value.
    """
    least = {name: low for name, (low, _) in wire.RANGES.items()}
    known = least | _STATUS | values
    return wire.StatusLine(**{entry.name: known[entry.name] for entry in fields(wire.StatusLine)})


def examples() -> dict[str, dict[str, Any]]:
    """Build a message for each topic, from a scene in which somebody falls and gets up.

    Returns:
        The payloads, by the names of the messages.
    """
    settings = configuration.lay_over(configuration.load(), _SETTINGS, "example")
    engine = Engine(settings)
    found: dict[str, dict[str, Any]] = {}
    for number, (at, persons) in enumerate(frames(scene("fall-get-up"), 15.0)):
        time = _BEGAN + at
        frame = quantize(wire.FrameLine(number, at, time, 640, 480, persons))
        for event in engine.see(frame):
            if event.kind == "fall_recovered":
                of_outbox = {"run": "5e1fb03a", "sequence": 17}
                found["event"] = found["late"] = event_payload(event, time, engine.people) | of_outbox
                found["poses"] = poses_payload(frame, "multi", settings.publish)
                said = {
                    **engine.state(at), "light": 80, "paused": False, "sensitivity": "normal",
                    "places_source": "settings", "profile": "home", "switch": switch_state(settings),
                }  # fmt: skip
                found["state"] = STATE_MESSAGE.build(time=time, **said)
    found["places"] = places_payload(settings, "settings", _BEGAN)
    found["health"] = health_payload(
        example_status(), {"stale": 2}, 5419, 1, {}, blindness="", clock="synced", suggested_rotate=None, time=_BEGAN,
        uptime=372.5, name="Hall", software="0.2.0", software_on_disk="0.2.0", events_kept=0, events_lost=0,
        outbox="ram",
        report_stages=[wire.Percentiles(*times) for times in ((0.2, 0.4, 0.6), (0.4, 0.85, 1.2), (0.5, 0.9, 1.3))],
    )  # fmt: skip
    found["health"]["memory"] = 31
    return {name: json.loads(as_json(found[name])) for name in MESSAGES}


def generated() -> dict[str, str]:
    """Make the generated parts of the page, by their names."""
    texts = {"topics": _topics()}
    for name, payload in examples().items():
        if name == LATE.name:
            continue  # as an event
        fields = _table(MESSAGES[name].rows())
        kinds = f"\n\n{_kinds()}" if name == "event" else ""
        texts[name] = f"{fields}{kinds}\n\n```json\n{_layout(payload)}\n```"
    return texts


def renew(page: str) -> str:
    """Replace the generated parts of the page.

    Args:
        page: Its text.

    Returns:
        The text as it should be.

    Raises:
        UsageError: It has no marks for one of the parts.
    """
    for name, text in generated().items():
        begin, end = f"<!-- {name}: by {COMMAND} -->", f"<!-- end of {name} -->"
        if begin not in page or end not in page:
            raise UsageError(f"{PAGE}: found no marks for {name}; expected the lines {begin} and {end}")
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}"
    return page


def _topics() -> str:
    lines = ["| topic | retained | QoS | expires after | |", "|---|---|---|---|---|"]
    for name, message in MESSAGES.items():
        topic = f"{name}/<kind>" if message.details else name
        expires = f"{message.expires} s" if message.expires else ""
        retained = "yes" if message.retained else ""
        lines.append(f"| `{topic}` | {retained} | {message.qos} | {expires} | {message.meaning} |")
    lines.append(
        f"| `availability` | yes | 1 | `online`: {EXPIRES} s | "
        "`online` or `offline`: the bare word, not JSON; `offline` is also the last will. |"
    )
    return "\n".join(lines)


def _table(rows: dict[str, Field]) -> str:
    lines = ["| field | values | unit | null | meaning |", "|---|---|---|---|---|"]
    for path, part in rows.items():
        null = "yes" if part.nullable else ""
        lines.append(f"| `{path}` | {part.in_words()} | {part.unit} | {null} | {part.help} |")
    return "\n".join(lines)


def _kinds() -> str:
    lines = ["| kind | when | details |", "|---|---|---|"]
    for kind, event in EVENTS.items():
        told = "; ".join(f"`{name}`: {part.in_words()}" for name, part in event.details.items())
        lines.append(f"| `{kind}` | {event.help} | {told} |")
    return "\n".join(lines)


def _layout(value: Any, indent: str = "") -> str:
    """Write JSON with a line for each entry, unless all of them fit into one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= _WIDTH or not isinstance(value, dict | list):
        return flat
    below = indent + "  "
    if isinstance(value, dict):
        parts = [f"{below}{json.dumps(key)}: {_layout(part, below)}" for key, part in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{below}{_layout(part, below)}" for part in value) + f"\n{indent}]"


def main() -> int:
    """Bring the page in the checkout up to date."""
    PAGE.write_text(renew(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
