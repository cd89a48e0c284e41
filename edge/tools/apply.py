"""``posenet-edge apply``: apply the configuration to the installed services, with as few restarts as possible."""

import argparse
import json
import os
import sysconfig
from dataclasses import fields
from pathlib import Path
from typing import Any

from edge.config.settings import sections
from edge.data_files import MODELS
from edge.errors import OutputFailed, Unavailable, UsageError
from edge.mqtt.credentials import make_tls
from edge.report import configuration
from edge.runtime import durable
from edge.runtime.command import Command
from edge.sense.inference.model_file import find_model
from edge.tools.dropins import report_dropin, sense_dropin
from edge.tools.systemctl import run_systemctl
from edge.tools.unit_files import APPLY_DROPIN, REPORT, SENSE

UNITS = Path("/etc/systemd/system")
APPLIED = Path("/var/lib/posenet-edge/applied.json")
_SENSE_SECTIONS = {"camera", "picamera", "video", "stills", "model"}
_SERVICES = (REPORT, SENSE)


def apply(arguments: argparse.Namespace) -> None:
    """Check the configuration, write the drop-ins, reload systemd, and restart or reload each service."""
    if os.geteuid() != 0:
        raise UsageError("apply writes to /etc/systemd: run it as root (sudo posenet-edge apply)")
    if not (UNITS / SENSE).exists():
        raise Unavailable("the services are not installed on this machine; expected their units: run scripts/install")
    settings = configuration.load_for(arguments)
    find_model(settings.model.file, MODELS)
    make_tls(settings.mqtt)
    texts = {
        REPORT: report_dropin(settings, Path(sysconfig.get_path("purelib"))),
        SENSE: sense_dropin(settings),
    }
    rewritten = {unit for unit, text in texts.items() if _write(unit, text)}
    if rewritten:
        _systemctl("daemon-reload")
    restart = rewritten | to_restart(_applied(), settings.as_dict())
    for unit in _SERVICES:
        _systemctl("restart" if unit in restart else "reload-or-restart", "--no-block", unit)
        print(f"{unit}: {'restarted' if unit in restart else 'reloaded'}")
    _store(APPLIED, json.dumps(settings.as_dict(), indent=1, default=str), "the next apply restarts what it need not")


def to_restart(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Services for which a reload is not enough; ``before`` is what was applied last, empty if nothing was."""
    if not before:
        return set(_SERVICES)
    live = _live()
    found = set()
    for section, values in json.loads(json.dumps(after, default=str)).items():
        # Sections that may occur several times (lists) need only a reload.
        for name, value in values.items() if isinstance(values, dict) else ():
            if value != before.get(section, {}).get(name) and (section, name) not in live:
                found.add(SENSE if section in _SENSE_SECTIONS else REPORT)
    return found


def _live() -> set[tuple[str, str]]:
    """Section and key of each setting for which a reload is enough."""
    return {
        (name, entry.name)
        for name, section in sections().items()
        for entry in fields(section)
        if entry.metadata.get("live")
    }


def _applied() -> dict[str, Any]:
    try:
        found = json.loads(APPLIED.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(unit: str, text: str) -> bool:
    """Write the drop-in if it differs; returns whether it did."""
    path = UNITS / f"{unit}.d" / APPLY_DROPIN
    try:
        if path.read_bytes() == text.encode():
            return False
    except OSError:
        pass
    _store(path, text, "nothing was restarted")
    return True


def _store(path: Path, text: str, consequence: str) -> None:
    try:
        durable.make_folder(path.parent)
        durable.write(path, text.encode(), 0o644)
    except OSError as error:
        raise OutputFailed(f"{path}: {error.strerror}; {consequence}") from error


def _systemctl(*words: str) -> None:
    result = run_systemctl(*words)
    if result.returncode != 0:
        raise Unavailable(f"systemctl {' '.join(words)}: {result.stderr.strip() or result.returncode}")


COMMAND = Command(apply, "")
