"""All checks of doctor, in order, each with what it needs."""

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from edge.config.settings import Settings
from edge.runtime.status_text import SenseStatus
from edge.tools.checks.finding import Finding, unknown
from edge.tools.checks.machine import Machine, Unit, last_line
from edge.tools.checks.runner import Check
from edge.tools.doctor import one_frame, packages, sense_status
from edge.tools.doctor.broker import check_broker
from edge.tools.doctor.configuration import check_applied, check_model, check_secrets, read_settings
from edge.tools.doctor.kernel import check_clock, check_memory_limit, check_watchdog
from edge.tools.doctor.power import check_power, check_temperature
from edge.tools.doctor.services import check_units, read_units
from edge.tools.doctor.storage import check_disk, check_wear
from edge.tools.unit_files import REPORT, SENSE


def all_checks(machine: Machine, path: Path | None, assignments: list[str]) -> Iterator[Check]:
    """List the checks in order.

    Args:
        machine: Where to look.
        path: The configuration file, where one was named or is there.
        assignments: Settings on top of it, as ``section.key=value``.

    Yields:
        Each check; if the settings cannot be read, only those that need none.
    """
    settings, read = read_settings(path, assignments)
    yield Check("configuration", lambda: read)
    units, problem = read_units(machine.run)
    sense, report = units.get(SENSE), units.get(REPORT)
    if settings:
        yield Check("password and keys", partial(check_secrets, settings))
        yield Check("model", partial(check_model, settings))
    if settings and sense and sense.installed:
        yield Check("applied", partial(check_applied, settings, machine))
    yield Check("services", partial(check_units, units, problem))
    yield Check("Python and its libraries", partial(_libraries, machine, sense, settings))
    tells = settings is None or settings.people.blindness
    again = ([f"--config={path}"] if path else []) + [f"--set={text}" for text in assignments]
    yield Check("camera", partial(_camera, machine, sense, again, tells))
    if settings:
        yield Check("broker", partial(check_broker, machine, settings, report, sense))
    yield Check("clock", partial(check_clock, machine))
    yield Check("power", partial(check_power, machine))
    yield Check("temperature", partial(check_temperature, machine))
    yield Check("disk /", partial(check_disk, machine, "/"))
    yield Check("disk /var", partial(check_disk, machine, "/var"))
    yield Check("SD card", partial(check_wear, machine))
    yield Check("memory limit", partial(check_memory_limit, machine))
    yield Check("watchdog", partial(check_watchdog, machine))


def _libraries(machine: Machine, sense: Unit | None, settings: Settings | None) -> Iterator[Finding]:
    """Check the Python that the service runs, else this one."""
    python = (sense.program if sense else "") or sys.executable
    answer = packages.probe(machine.run, python)
    yield packages.check_python(answer)
    yield packages.check_runtime(answer)
    if settings:
        yield packages.check_camera_library(machine, python, settings.camera.source)


def _camera(machine: Machine, sense: Unit | None, again: list[str], tells_blindness: bool) -> Iterator[Finding]:
    """Ask the running sense. If it is down, run it for one frame: in the service's sandbox, or in one of its own."""
    if sense and sense.installed:
        if not (sense.resting or sense.waits_for):
            status = SenseStatus.parse(sense["StatusText"])
            yield from (
                sense_status.check_camera(status),
                sense_status.check_frames(status),
                sense_status.check_seal(status),
            )
        elif machine.admin:
            yield from _in_its_sandbox(machine, tells_blindness)
        else:
            yield unknown("camera", "sense is not running, and only root may look in its sandbox", "run doctor as root")
        return
    seen = one_frame.look(one_frame.on_a_desk(again))
    yield from one_frame.check_look(seen, "a sense that confined itself", False, tells_blindness)


def _in_its_sandbox(machine: Machine, tells_blindness: bool) -> Iterator[Finding]:
    answer = machine.run(["systemctl", "cat", SENSE])
    unit = f"posenet-doctor-{os.getpid()}.service"
    try:
        command = one_frame.sandboxed(answer.out, unit)
    except ValueError as error:
        yield unknown("camera", f"{SENSE} cannot be looked at: {error}; {last_line(answer.err)}")
        return
    try:
        seen = one_frame.look(command)
    finally:
        one_frame.stop_unit(machine.run, unit)
    yield from one_frame.check_look(seen, "a sense in the service's sandbox", True, tells_blindness)
