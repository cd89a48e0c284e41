"""Checks of the installed units, as systemd knows them."""

from edge.runtime.installation import install_command
from edge.tools.checks.finding import Finding, bad, good, unknown, warning
from edge.tools.checks.machine import Runner, Unit, last_line, read_properties
from edge.tools.doctor.storage import CLEAR
from edge.tools.unit_files import REPORT, SENSE, SOCKET, TARGET

_UNITS = (TARGET, SOCKET, REPORT, SENSE)
_ASKED = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,NRestarts,Result,StatusText,NeedDaemonReload,ExecStart,"
    "ExecMainStatus"
)
_MANY_RESTARTS = 3
_NAMESPACE = "226"
"""Status by which systemd says that it could not make the mounts of a service (EXIT_NAMESPACE in systemd.exec(5))."""


def read_units(run: Runner) -> tuple[dict[str, Unit], str]:
    """Ask systemd for all units, by name; if it cannot be asked, give none and the reason."""
    answer = run(["systemctl", "show", "--property", _ASKED, *_UNITS])
    if answer.code != 0:
        return {}, "there is no systemd here" if answer.missing else last_line(answer.err)
    blocks = [read_properties(block) for block in answer.out.strip().split("\n\n")]
    return {block["Id"]: Unit(block["Id"], block) for block in blocks if "Id" in block}, ""


def check_units(units: dict[str, Unit], problem: str) -> list[Finding]:
    """Check that all units are installed, start at boot, are up, and are not restarted again and again."""
    if not units:
        return [unknown("services", f"systemd cannot be asked: {problem}")]
    if not any(unit.installed for unit in units.values()):
        return [unknown("services", "not installed on this machine", f"to install them: {install_command()}")]
    missing = [name for name in _UNITS if name not in units or not units[name].installed]
    if missing:
        return [bad("services", f"not installed: {', '.join(missing)}", f"install again: {install_command()}")]
    return [check_boot(units[TARGET]), *(check_unit(units[name]) for name in (SOCKET, REPORT, SENSE))]


def check_boot(target: Unit) -> Finding:
    """Check that the services start when the device does."""
    if not target["UnitFileState"].startswith("enabled"):
        return bad("start at boot", f"{TARGET} is {target['UnitFileState']}", f"sudo systemctl enable {TARGET}")
    return good("start at boot", "enabled")


def check_unit(unit: Unit) -> Finding:
    """Check one service or socket."""
    journal = f"journalctl -u {unit.name} -n 30"
    state = f"{unit['ActiveState']} ({unit['SubState']})"
    restarts = int(unit["NRestarts"]) if unit["NRestarts"].isdecimal() else 0
    if unit["LoadState"] != "loaded":
        return bad(unit.name, f"its file is {unit['LoadState']}", f"install again: {install_command()}")
    if unit.resting:
        why = f", because of {unit['Result']}" if unit["Result"] not in ("", "success") else ""
        return bad(unit.name, f"{state}{why}", f"sudo systemctl start {TARGET}; if it stays down: {journal}")
    if unit.waits_for:
        return bad(
            unit.name, f"it waits until this is mended: {unit.waits_for}", "mend it, then sudo posenet-edge apply"
        )
    if not unit.running:
        said = f", started again {restarts} times" if restarts else ""
        if unit["ExecMainStatus"] == _NAMESPACE:
            # Debian 12 has /tmp on the disk, and for PrivateDevices=yes systemd makes a folder there.
            said += f", status {_NAMESPACE}/NAMESPACE"
            return bad(unit.name, f"{state}{said}", f"if the disk is full: {CLEAR}; if not: {journal}")
        return bad(unit.name, f"{state}{said}", journal)
    if unit["NeedDaemonReload"] == "yes":
        return warning(unit.name, "its file was changed and systemd still has the old one", "sudo posenet-edge apply")
    if restarts >= _MANY_RESTARTS:
        return warning(unit.name, f"{state}, started again {restarts} times since it was started by hand", journal)
    return good(unit.name, f"{state}{': ' + unit['StatusText'] if unit['StatusText'] else ''}")
