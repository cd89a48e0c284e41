"""The round: every check in order, each with what it needs, none stopped by another's trouble."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from edge.config.settings import Settings
from edge.tools.doctor import one_frame, packages, sense_status
from edge.tools.doctor.broker_steps import check_broker
from edge.tools.doctor.configuration import check_applied, check_model, check_secrets, read_settings
from edge.tools.doctor.finding import Finding, unknown
from edge.tools.doctor.kernel import check_clock, check_memory_limit, check_watchdog
from edge.tools.doctor.machine import Machine, last_line
from edge.tools.doctor.power import check_power, check_temperature
from edge.tools.doctor.services import REPORT, SENSE, Unit, check_units, read_units
from edge.tools.doctor.storage import check_disk, check_wear

Step = Callable[[], Finding | Iterable[Finding]]
Says = Callable[[str], None]


def walk(machine: Machine, path: Path | None, assignments: list[str], says: Says) -> Iterator[Finding]:
    """Every finding, as it is made. says: is told what is looked at next."""
    settings, finding = read_settings(path, assignments)
    yield finding
    again = ([f"--config={path}"] if path else []) + [f"--set={text}" for text in assignments]
    for check, look in _steps(machine, settings, again):
        says(check)
        yield from _careful(check, look)


def _steps(machine: Machine, settings: Settings | None, again: list[str]) -> Iterator[tuple[str, Step]]:
    """What is looked at, in order; without settings only what needs none. again: options for another ``sense``."""
    units, problem = read_units(machine.run)
    sense, report = units.get(SENSE), units.get(REPORT)
    if settings:
        yield "password and keys", partial(check_secrets, settings)
        yield "model", partial(check_model, settings)
    if settings and sense and sense.installed:
        yield "applied", partial(check_applied, settings, machine)
    yield "services", partial(check_units, units, problem)
    yield "Python and its libraries", partial(_libraries, machine, sense, settings)
    yield "camera", partial(_camera, machine, sense, again)
    if settings:
        yield "broker", partial(check_broker, machine, settings, report, sense)
    yield "clock", partial(check_clock, machine)
    yield "power", partial(check_power, machine)
    yield "temperature", partial(check_temperature, machine)
    yield "disk /", partial(check_disk, machine, "/")
    yield "disk /var", partial(check_disk, machine, "/var")
    yield "SD card", partial(check_wear, machine)
    yield "memory limit", partial(check_memory_limit, machine)
    yield "watchdog", partial(check_watchdog, machine)


def _careful(check: str, look: Step) -> Iterator[Finding]:
    """What ``look`` finds; its own failure is a finding too, and hides no other."""
    try:
        found = look()
        yield from [found] if isinstance(found, Finding) else found
    except Exception as error:
        if os.environ.get("POSENET_EDGE_TRACEBACK"):
            raise
        yield unknown(
            check,
            f"a bug in this check: {type(error).__name__}: {error}",
            "please report it with what POSENET_EDGE_TRACEBACK=1 in the environment shows",
        )


def _libraries(machine: Machine, sense: Unit | None, settings: Settings | None) -> Iterator[Finding]:
    """In the Python that the service runs, else in this one."""
    python = (sense.program if sense else "") or sys.executable
    answer = packages.probe(machine.run, python)
    yield packages.check_python(answer)
    yield packages.check_runtime(answer)
    if settings:
        yield packages.check_camera_library(machine, python, settings.camera.source)


def _camera(machine: Machine, sense: Unit | None, again: list[str]) -> Iterator[Finding]:
    """Asks the running service; else looks once, in the service's sandbox or, without one, shut in by itself."""
    if sense and sense.installed:
        if not sense.resting:
            status = sense["StatusText"]
            yield from (
                sense_status.check_camera(status),
                sense_status.check_frames(status),
                sense_status.check_seal(status),
            )
        elif machine.admin:
            yield from _in_its_sandbox(machine)
        else:
            yield unknown("camera", "sense is not running, and only root may look in its sandbox", "run doctor as root")
        return
    seen = one_frame.look(one_frame.on_a_desk(again))
    yield from one_frame.check_look(seen, "a sense that shut itself in", installed=False)


def _in_its_sandbox(machine: Machine) -> Iterator[Finding]:
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
    yield from one_frame.check_look(seen, "a sense in the service's sandbox", installed=True)
