"""``posenet-edge top``: how sensors are, live in a terminal: rates, stage times, counts, memory, temperature."""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from edge.errors import Unavailable, UsageError
from edge.mqtt.client import Client, Message, unique_client_id
from edge.mqtt.connection import ANSWER_WITHIN_S
from edge.report import configuration
from edge.report.fields import Counts, Number
from edge.report.messages.health import HEALTH
from edge.runtime.command import Command, add_json
from edge.runtime.process import stop_on_signals
from edge.tools.describe import SEALS, span_in_words
from edge.tools.view.message import read
from edge.tools.view.terminal import QUIT, read_key, screen, write_screen

_TURN_S = 0.5
_UNITS = ("frame_rate", "temperature", "sense_memory", "memory")


class Sensors:
    """The last two ``health`` messages of each sensor below a prefix, and whether it is online."""

    def __init__(self, prefix: str, wanted: str) -> None:
        """Listen below ``prefix``; wanted: id of the only sensor that counts, empty: any."""
        self._prefix = f"{prefix}/"
        self._wanted = wanted
        self.healths: dict[str, list[dict[str, Any]]] = {}
        self.offline: set[str] = set()
        self.other_versions: set[str] = set()

    def hear(self, message: Message) -> None:
        """Take a message in; what is no valid one is passed over."""
        said = read(message.topic.removeprefix(self._prefix), message.payload, message.retained)
        if said is None or self._wanted not in ("", said.device):
            return
        if said.kind == "availability":
            (self.offline.discard if said.data["online"] else self.offline.add)(said.device)
        elif said.kind == "health":
            self.healths[said.device] = [*self.healths.get(said.device, []), said.data][-2:]
            self.other_versions.discard(said.device)
        elif said.kind == "other_version":
            self.other_versions.add(said.device)

    def draw(self, now: float) -> list[str]:
        """Draw each sensor that is known. now: s since 1970."""
        lines = [
            f"{device}  another version of posenet-edge than this: update the older one"
            for device in self.other_versions
        ]
        for device, healths in sorted(self.healths.items()):
            lines += [*draw(device, healths, device in self.offline, now), ""]
        return lines or ["no sensor has said how it is yet"]


def draw(device: str, healths: list[dict[str, Any]], offline: bool, now: float) -> list[str]:
    """Draw one sensor.

    Args:
        device: Its id.
        healths: Its last ``health`` messages, the newest last.
        offline: The broker has not heard of it lately.
        now: s since 1970.

    Returns:
        Lines without control characters.
    """
    health, before = healths[-1], healths[0]
    seal, state = SEALS[health["sealed"]], "OFFLINE" if offline else health["state"]
    lines = [
        f"{device}  {health['name']}  {state}, {seal}  up {span_in_words(health['uptime'])}  {health['software']}  "
        f"(said {span_in_words(now - health['time'])} ago)",
        "  " + "   ".join(f"{key} {_shown(health[key])} {_unit(key)}".rstrip() for key in _UNITS),
    ]
    lines.append(f"  {'stage, ms':<24}{'p50':>10}{'p95':>10}{'p99':>10}")
    for key, digits in (("stages", 1), ("report_stages", 2)):
        for stage, times in (health[key] or {}).items():
            lines.append(f"  {stage:<24}" + "".join(f"{time:>10.{digits}f}" for time in times.values()))
    lines.append(f"  {'count':<40}{'total':>12}{'a minute':>10}")
    earlier, passed = _counts(before), health["time"] - before["time"]
    for name, count in _counts(health).items():
        grown = count - earlier.get(name, 0)
        rate = f"{grown * 60 / passed:.1f}" if passed > 0 and grown >= 0 else "-"
        lines.append(f"  {name:<40}{count:>12}{rate:>10}")
    return lines


def _counts(health: Mapping[str, Any]) -> dict[str, int]:
    """Give each count that health declares, by name, with those by reason that were counted."""
    found: dict[str, int] = {}
    for key, field in HEALTH.fields.items():
        if isinstance(field, Counts):
            found |= {f"{key}.{word}": count for word, count in health[key].items()}
        elif isinstance(field, Number) and field.total and health.get(key) is not None:
            found[key] = health[key]
    return found


def _shown(value: Any) -> str:
    return "?" if value is None else str(value)


def _unit(key: str) -> str:
    return HEALTH.fields[key].unit


def top(arguments: argparse.Namespace) -> None:
    """Show the sensors until Ctrl-C or q; once with ``--once`` or ``--json``.

    Raises:
        UsageError: There is no terminal, and neither option.
        Unavailable: The broker cannot be reached, or no sensor is known there.
    """
    once = arguments.once or arguments.json
    if not once and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "standard input and output are not a terminal; expected one (ssh -t HOST ...), or --once or --json"
        )
    settings = configuration.load_for(arguments).mqtt
    sensors = Sensors(settings.topic, arguments.sensor or "")
    client = Client(settings, unique_client_id("top"), max_waiting=4096)
    for name in ("health", "availability"):
        client.subscribe(f"{settings.topic}/{arguments.sensor or '+'}/{name}", sensors.hear)
    stopping = stop_on_signals()
    with client:
        if not once:
            with screen():
                _loop(client, sensors, stopping.is_set)
            return
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while not (sensors.healths or sensors.other_versions) and time.monotonic() < deadline and not stopping.is_set():
            client.dispatch(_TURN_S)
        client.dispatch(_TURN_S)
    if not sensors.healths and not sensors.other_versions:
        whom = f"{settings.topic}/{arguments.sensor or '+'}/health"
        raise Unavailable(
            f"nothing on {whom} at {client.address}; expected a sensor there, check its id and mqtt.topic"
        )
    if arguments.json:
        print(json.dumps({device: healths[-1] for device, healths in sensors.healths.items()}, indent=1))
    else:
        print("\n".join(sensors.draw(time.time())).rstrip())


def _loop(client: Client, sensors: Sensors, is_over: Any) -> None:
    while not is_over():
        client.dispatch(_TURN_S)
        columns, rows = os.get_terminal_size()
        lines = ([] if client.connected else ["NO BROKER"]) + sensors.draw(time.time())
        write_screen([line[:columns] for line in lines[:rows]])
        if read_key(0.0) in QUIT:
            return


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sensor", nargs="?", metavar="ID", help="id of one sensor (default: all below mqtt.topic)")
    parser.add_argument("--once", action="store_true", help="print what is known, and end")
    add_json(parser)


COMMAND = Command(top, "--set mqtt.host=broker.lan", _add_arguments)
