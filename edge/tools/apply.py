"""``posenet-edge apply``: apply the configuration to the installed services, with as few restarts as possible."""

import argparse
import json
import os
import sysconfig
from pathlib import Path
from typing import Any

from edge.config.settings import restarted_by, sections
from edge.errors import BadSetting, OutputFailed, Unavailable, UsageError
from edge.report import configuration
from edge.report.device_id import KEPT, device_id
from edge.runtime import durable
from edge.runtime.command import Command
from edge.runtime.installation import install_command
from edge.tools.dropins import METRICS_FOLDER, report_dropin, sense_dropin, view_dropin
from edge.tools.named_files import check_named_files, digests
from edge.tools.systemctl import run_systemctl
from edge.tools.unit_files import APPLY_DROPIN, REPORT, SENSE, VIEW

UNITS = Path("/etc/systemd/system")
APPLIED = Path("/var/lib/posenet-edge/applied.json")
DIGESTS = "digests"
"""Where APPLIED has what ``edge.tools.named_files.digests`` told, beside the sections."""
_SERVICES = (REPORT, SENSE)
_UNIT = {"report": REPORT, "sense": SENSE}


def apply(arguments: argparse.Namespace) -> None:
    """Check the configuration, write the drop-ins, reload systemd, and restart or reload each service."""
    if os.geteuid() != 0:
        raise UsageError("apply writes to /etc/systemd: run it as root (sudo posenet-edge apply)")
    if not (UNITS / SENSE).exists():
        raise Unavailable(f"the services are not installed on this machine; expected their units: {install_command()}")
    settings = configuration.load_for(arguments)
    check_named_files(settings)
    listen = settings.metrics.listen
    if listen.startswith("unix:") and Path(listen.removeprefix("unix:")).parent != Path(METRICS_FOLDER):
        raise BadSetting(
            f"metrics.listen: found {listen}; expected unix:{METRICS_FOLDER}/NAME for the installed service"
        )
    texts = {
        REPORT: report_dropin(settings, Path(sysconfig.get_path("purelib"))),
        SENSE: sense_dropin(settings),
    }
    if (UNITS / VIEW).exists():
        texts[VIEW] = view_dropin(settings)
    rewritten = {unit for unit, text in texts.items() if write_dropin(unit, text)}
    if rewritten:
        systemctl("daemon-reload")
    if not settings.device.id:
        _store(KEPT, f"{device_id(settings.device)}\n", "the id changes when the host is renamed")
    applied = settings.as_dict() | {DIGESTS: digests(settings)}
    restart = rewritten | to_restart(last_applied(), applied)
    for unit in _SERVICES:
        systemctl("restart" if unit in restart else "reload-or-restart", "--no-block", unit)
        print(f"{unit}: {'restarted' if unit in restart else 'reloaded'}")
    if VIEW in texts and {REPORT, VIEW} & restart:
        # It has the same broker, and runs where that is wanted.
        systemctl("try-restart", "--no-block", VIEW)
    _store(APPLIED, json.dumps(applied, indent=1, default=str), "the next apply restarts what it need not")


def to_restart(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Services for which a reload is not enough; ``before`` is what was applied last, empty if nothing was."""
    if not before:
        return set(_SERVICES)
    after = json.loads(json.dumps(after, default=str))
    # Sections that may occur several times (lists), and those of the detectors, need only a reload.
    changed = {
        restarted_by(section, key)
        for section in sections()
        for key, value in after[section].items()
        if value != before.get(section, {}).get(key)
    }
    changed |= {restarted_by(*key.split(".")) for key in changed_files(before, after.get(DIGESTS, {}))}
    return {_UNIT[service] for service in changed if service}


def changed_files(before: dict[str, Any], now: dict[str, str]) -> list[str]:
    """Settings whose files have another content than when they were applied. now: of ``digests``."""
    known = before.get(DIGESTS)
    return [key for key, digest in now.items() if digest != (known if isinstance(known, dict) else {}).get(key)]


def last_applied() -> dict[str, Any]:
    """Read the settings that were applied last, and the digests of their files; empty if nothing was."""
    try:
        found = json.loads(APPLIED.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_dropin(unit: str, text: str) -> bool:
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


def systemctl(*words: str) -> None:
    """Run systemctl.

    Raises:
        Unavailable: It failed.
    """
    result = run_systemctl(*words)
    if result.returncode != 0:
        raise Unavailable(f"systemctl {' '.join(words)}: {result.stderr.strip() or result.returncode}")


COMMAND = Command(apply, "")
