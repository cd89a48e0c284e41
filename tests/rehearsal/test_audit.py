"""``posenet-edge audit`` on the device: all holds on a good one, and each planted breach is found as what it breaks.

What is planted at once is told apart by the claim that fails and by what it has found; no other claim may fail.
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.rehearsal import units
from tests.rehearsal.broker import Listener
from tests.rehearsal.machine import Machine
from tests.rehearsal.units import REPORT, SENSE, SERVICES, pid
from tests.support.waiting import wait_until

PACKAGE = "/opt/posenet-edge/current/venv/lib/python3.13/site-packages/edge"
OWN_NETWORK = "sense: a network of its own, with nothing in it"
UNIT, DROPIN, SEALED = "its unit says what it was shipped with", "no drop-in but that of apply", "sense: says of itself"

WALLS = {
    SENSE: [
        "PrivateNetwork=no",
        "IPAddressDeny=",
        "TemporaryFileSystem=",
        "StateDirectory=sense-leak",
        "DevicePolicy=auto",
        "DeviceAllow=",
        "PrivateUsers=no",
        "CapabilityBoundingSet=CAP_NET_RAW",
        "AmbientCapabilities=CAP_NET_RAW",
    ],
    REPORT: [
        "IPAddressAllow=any",
        "StateDirectory=report-leak",
        "PrivateDevices=no",
        "DevicePolicy=auto",
        "CapabilityBoundingSet=CAP_NET_RAW",
        "AmbientCapabilities=CAP_NET_RAW",
    ],
}
WITHOUT_WALLS = {
    f"sense: {UNIT}": "PrivateNetwork=no",
    f"sense: {DROPIN}": "99-rehearsal.conf",
    f"{SEALED} that it is sealed": "not sealed: connect, device, capabilities, namespace",
    OWN_NETWORK: "it is in the network namespace of the whole machine",
    "sense: no packet would leave": "192.0.2.1 was not refused",
    "sense: no local service within reach but the wall": "/run/dbus/system_bus_socket can be connected to",
    "sense: nowhere to write": "/var/lib/sense-leak may be written",
    "sense: every device but cameras is refused": "char-1 is not refused",
    "sense: no rights, no capability, every thread filtered": "capabilities left",
    f"report: {UNIT}": "PrivateDevices=no",
    f"report: {DROPIN}": "99-rehearsal.conf",
    "report: no address open but the broker's": "0.0.0.0/0 is open",
    "report: no packet would leave to any other address": "every address is open",
    "report: nowhere to write but in /var/lib/posenet-edge/report": "/var/lib/report-leak may be written",
    "report: every device is refused": "char-1 is not refused",
    "report: no camera to be seen": "/dev/video9",
    "report: no rights, no capability, every thread filtered": "capabilities left",
}

_OPEN = ["OpenFile=/var/log/lastlog:file", "OpenFile=/dev/ptmx:device", "OpenFile=/run/dbus/system_bus_socket:socket"]
HANDED_IN = {
    SENSE: [*_OPEN, "Environment=LD_LIBRARY_PATH=/nowhere", "SystemCallFilter=", "SupplementaryGroups=adm"],
    REPORT: [*_OPEN, "Environment=PYTHONWARNINGS=ignore", "SystemCallFilter=", "SupplementaryGroups=video"],
}
WITH_WHAT_WAS_HANDED_IN = {
    "two users without rights": "sense is in group adm; report is in group video",
    f"{SEALED} that it is sealed": "not sealed: descriptor",
    "sense: no socket but to the wall and to systemd": "to /run/dbus/system_bus_socket",
    "sense: no device open but cameras": "ptmx is open",
    "sense: no foreign code brought in by variables": "LD_LIBRARY_PATH=/nowhere",
    "report: no socket but to the broker and the wall": "to /run/dbus/system_bus_socket",
    "report: no device open": "ptmx is open",
    "report: no foreign code brought in by variables": "PYTHONWARNINGS=ignore",
} | {
    f"{service}: {claim}": found
    for service in ("sense", "report")
    for claim, found in (
        (UNIT, "SystemCallFilter= allows what it doesn't name"),
        (DROPIN, "99-rehearsal.conf"),
        ("no file open for writing, no folder handed in", "/var/log/lastlog is open for writing"),
    )
}

_PAGE = "import mmap; PAGE = mmap.mmap(-1, 4096, prot=7)"
FOREIGN_CODE = {
    "sense/inference/letterbox.py": f"import ssl; {_PAGE}",
    "report/ingress/gate.py": f"import numpy; {_PAGE}",
}
WITH_FOREIGN_CODE = {
    "sense: no import belonging to the other service": "edge/sense/inference/letterbox.py imports ssl",
    "report: no import belonging to the other service": "edge/report/ingress/gate.py imports numpy",
    "report: no library for cameras, pictures or models": "/numpy/",
} | {
    f"{service}: {claim}": found
    for service in ("sense", "report")
    for claim, found in (
        (UNIT, "MemoryDenyWriteExecute=no"),
        (DROPIN, "99-rehearsal.conf"),
        ("no page both writable and executable", "/dev/zero"),
        ("its code is what was installed", "was changed"),
    )
}

TRACER = """
import ctypes, time
SEIZE = 0x4206
assert ctypes.CDLL(None).ptrace(SEIZE, {pid}, 0, 0) == 0
time.sleep(60)
"""
AS_ROOT = "capabilities left; a thread without no_new_privs"
PLANTED: dict[str, tuple[str, str, dict[str, str]]] = {
    "a wall that is open to all": (
        "chmod 666 /run/posenet-edge/wall.sock",
        "chmod 660 /run/posenet-edge/wall.sock",
        {"the wall lets in only sense": "mode 666"},
    ),
    "a debugger": (
        "systemd-run --quiet --unit=intruder python3 /root/tracer.py",
        "systemctl stop intruder",
        {"sense: no picture in a core dump, on swap, to a tracer": "traces process"},
    ),
    "a network card and a stranger in its network": (
        "ip link add leak type veth peer name kael; ip link set leak netns {sense}; "
        "systemd-run --quiet --unit=intruder nsenter --target={sense} --net sleep 60",
        "systemctl stop intruder; ip link del kael",
        {OWN_NETWORK: "shares its network namespace; network interface leak"},
    ),
    "strangers in their control groups": (
        "for service in sense report; do sleep 60 >/dev/null 2>&1 & echo $! >>/root/strangers; "
        "echo $! >/sys/fs/cgroup/system.slice/posenet-$service.service/cgroup.procs; done",
        "kill $(cat /root/strangers)",
        {
            "two users without rights": "sense runs as root; sense is in group root; report runs as root",
            OWN_NETWORK: "network namespace of the whole machine",
            "sense: no picture in a core dump, on swap, to a tracer": "may be dumped",
            "sense: no rights, no capability, every thread filtered": AS_ROOT,
            "sense: no process beside its own": "sleep 60",
            "report: no rights, no capability, every thread filtered": AS_ROOT,
            "report: no process beside its own": "sleep 60",
        },
    ),
    "less shared than what runs": (
        "printf '[publish]\\nshare = \"events\"\\n' >>/etc/posenet-edge/config.toml",
        "sed -i '/^\\[publish\\]$/,$d' /etc/posenet-edge/config.toml",
        {"report: shares what is configured": "it shares poses, events is configured"},
    ),
    "services that are down": (
        "systemctl stop posenet-sense posenet-report posenet-report.socket",
        "systemctl start posenet-edge.target",
        {"sense: runs": "inactive", "report: runs": "inactive"},
    ),
}
NOT_PLANTED = {"the processes are still the same"}
"""A restart within the second that an audit takes cannot be planted surely; it is never a FAIL."""


def audit(device: Machine, options: str = "") -> tuple[int, dict[str, Any]]:
    """Its exit status, and what ``--json`` says."""
    ran = device.run(f"posenet-edge audit --json {options}", check=False)
    return ran.returncode, json.loads(ran.stdout)


NOTICED = "sense: says of itself that it is sealed"
"""The claim that fails once ``sense`` has found by itself that it is not."""


def failed(device: Machine) -> dict[str, str]:
    """The claims that fail, with what was found."""
    status, told = audit(device)
    assert (status, told["worst"]) == (1, "bad")
    return bad(told)


def bad(told: dict[str, Any]) -> dict[str, str]:
    return {claim["check"]: claim["found"] for claim in told["findings"] if claim["level"] == "bad"}


def finds(device: Machine, expected: dict[str, str]) -> None:
    """Every planted breach is found, each by its claim, and no other claim fails."""
    compare(failed(device), expected)


def compare(found: dict[str, str], expected: dict[str, str]) -> None:
    assert set(found) == set(expected), found
    for claim, words in expected.items():
        assert words in found[claim], claim


@contextmanager
def restarted(device: Machine, lines: dict[str, list[str]]) -> Iterator[None]:
    """Both services, with lines added to their units; at the end of the ``with`` as they were before."""

    def restart() -> None:
        device.run("systemctl restart posenet-sense posenet-report")
        wait_until(lambda: "sealed" in said(SENSE) and "connected to" in said(REPORT), what=lambda: said(SENSE))

    def said(unit: str) -> str:
        return units.show(device, unit, "StatusText")["StatusText"]

    with ExitStack() as stack:
        for unit in SERVICES:
            stack.enter_context(units.dropin(device, unit, *lines[unit], restart=False))
        restart()
        yield
    restart()


def test_all_holds_on_a_good_device_and_a_capture_tells_sizes(device: Machine, listener: Listener) -> None:
    message = listener.wait_for_pose()
    status, told = audit(device, "--capture")
    claims = told["findings"]
    assert {claim["check"]: claim for claim in claims if claim["level"] != "good"} == {}
    assert (status, told["worst"]) == (0, "good")
    assert told["summary"] == f"{len(claims)} checks: {len(claims)} good"
    assert told["notes"]["sharing"] == "poses"
    captured = claims[-1]["found"]
    sizes = re.fullmatch(r"(\d+) bytes/s .* the largest of (\d+) packets (\d+) bytes", captured)
    assert sizes, captured
    rate, count, largest = map(int, sizes.groups())
    assert largest >= len(json.dumps(message, separators=(",", ":"))), "each pose is a packet"
    assert 0 < rate <= count * largest / 20
    planted = set(WITHOUT_WALLS) | set(WITH_WHAT_WAS_HANDED_IN) | set(WITH_FOREIGN_CODE)
    planted |= {claim for _, _, expected in PLANTED.values() for claim in expected}
    names = {claim["check"] for claim in claims[:-1]}
    assert names == planted | NOT_PLANTED, "a claim that no test breaks"


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_while_it_runs(device: Machine, listener: Listener, name: str) -> None:
    expected = PLANTED[name][-1]
    found = plant(device, listener, name)
    if found is None or found.keys() - expected.keys() >= {NOTICED}:
        found = plant(device, listener, name)
    assert found is not None, "twice too late"
    compare(found, expected)


def plant(device: Machine, listener: Listener, name: str) -> dict[str, str] | None:
    """What the audit finds while something is planted.

    Nothing, where it came too late: the sensor's own test, once a minute, may find the breach first, say so, and start
    the process anew, which ends what was planted in it.
    """
    planting, undo, _ = PLANTED[name]
    listener.wait_for_pose()
    device.write("/root/tracer.py", TRACER.format(pid=pid(device, SENSE)))
    device.run(planting.replace("{sense}", str(pid(device, SENSE))))
    try:
        status, told = audit(device)
        return bad(told) if (status, told["worst"]) != (1, "unknown") else None
    finally:
        # What was planted in the process ends with it.
        device.run(undo, check=False)


def test_walls_that_are_taken_down(device: Machine, listener: Listener) -> None:
    device.run("mknod /dev/video9 c 81 9")
    with restarted(device, WALLS):
        finds(device, WITHOUT_WALLS)
    device.run("rm /dev/video9")
    listener.wait_for_pose()


def test_what_is_handed_in(device: Machine, listener: Listener) -> None:
    with restarted(device, HANDED_IN):
        finds(device, WITH_WHAT_WAS_HANDED_IN)
    listener.wait_for_pose()


def test_foreign_code(device: Machine, listener: Listener) -> None:
    device.run(f"cp -a {PACKAGE} /root/edge")
    for file, line in FOREIGN_CODE.items():
        device.run(f"echo '{line}' >>{PACKAGE}/{file}")
    with restarted(device, {unit: ["MemoryDenyWriteExecute=no"] for unit in SERVICES}):
        finds(device, WITH_FOREIGN_CODE)
        for file in FOREIGN_CODE:
            device.run(f"cp -a /root/edge/{file} {PACKAGE}/{file}")
    listener.wait_for_pose()
    assert audit(device)[0] == 0
