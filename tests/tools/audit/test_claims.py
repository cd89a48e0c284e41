"""Each claim of the audit against planted breaches: in a proc that is made of files, and in what systemd says."""

import base64
import errno
import hashlib
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge.config.settings import CameraSettings, MqttSettings, Settings
from edge.runtime.command import SOCKET_PATH
from edge.runtime.status_text import ReportStatus, SenseStatus
from edge.sense.sandbox.device_nodes import read_majors
from edge.tools.audit import both_services, code, data_sharing, files, network, processes, units
from edge.tools.audit.broker import Broker, networks, opens_only_the_brokers
from edge.tools.audit.claims import all_claims
from edge.tools.audit.sockets import Socket
from edge.tools.audit.system import Service, System, find_service
from edge.tools.checks.finding import Answer, CouldNotTell, Level
from edge.tools.checks.machine import Result
from edge.tools.checks.runner import run_checks
from edge.tools.dropins import report_dropin, sense_dropin
from edge.tools.progress import Progress
from edge.tools.unit_files import REPORT, SENSE
from tests.support.commands import PROJECT

STATUS = """Name:\tpython
Uid:\t{uid}\t{uid}\t{uid}\t{uid}
Gid:\t{uid}\t{uid}\t{uid}\t{uid}
Groups:\t{uid}
TracerPid:\t0
NoNewPrivs:\t1
Seccomp:\t2
Seccomp_filters:\t35
CapInh:\t0000000000000000
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t0000000000000000
CapAmb:\t0000000000000000
"""
MAPS = "7f00-7f01 r-xp 0000 fe:00 11 /usr/lib/libc.so.6\n7f02-7f03 rw-p 0000 00:00 0 \n"
DEVICES = "Character devices:\n  1 mem\n  5 tty\n 81 video4linux\n\nBlock devices:\n254 virtblk\n"
MOUNTS = "/dev/vda / ext4 ro,nosuid 0 0\nproc /proc proc rw,nosuid 0 0\ntmpfs /tmp tmpfs rw,size=64k 0 0\n"
SENSE_PID, REPORT_PID = 46, 45
SENSE_SAYS = SenseStatus("running", 14.8, 2)
REPORT_SAYS = ReportStatus("connected", "192.168.1.7:1883", "poses", "running")
SOCKET = Socket(socket.AF_UNIX, peer=SOCKET_PATH)
SETTINGS = Settings(
    camera=CameraSettings(source="stills:/p.jpg"), mqtt=MqttSettings(host="192.168.1.7", password_file=Path("/x"))
)
WRITTEN = {SENSE: sense_dropin(SETTINGS), REPORT: report_dropin(SETTINGS, Path("/opt/site-packages"))}
BROKER = Broker("192.168.1.7", frozenset({"192.168.1.7"}), 1883, frozenset({"192.168.1.1"}))


AFTER = (
    "{ path=/opt/p/venv/bin/python ; argv[]=/opt/p/venv/bin/python -P -m edge.tools.reboot_on_hang ; flags=privileged }"
)


def show(name: str) -> dict[str, str]:
    """What systemd says of a service that is as it was shipped."""
    lines = [line.partition("=") for line in (PROJECT / "systemd" / name).read_text().splitlines()]
    said: dict[str, str] = {}
    for key, equals, value in lines:
        if equals and not key.startswith("#"):
            between = "\n" if key == "DeviceAllow" else " "
            said[key] = between.join(filter(None, [said.get(key, ""), value]))
    return {
        **units.UNSET,
        **said,
        "WatchdogUSec": "20s",
        "IPAddressDeny": "0.0.0.0/0 ::/0",
        "TriggeredBy": said.get("Sockets", ""),
        **{
            key: f"{{ path={words.split()[0]} ; argv[]={words} ; ignore_errors=no }}"
            for key in ("ExecCondition", "ExecStart")
            if (words := said[key].removeprefix("+"))
        },
        "SystemCallFilter": "accept read write",
        "ActiveState": "active",
        "MainPID": str(SENSE_PID if name == SENSE else REPORT_PID),
        "ControlGroup": f"/system.slice/{name}",
        "StatusText": (SENSE_SAYS if name == SENSE else REPORT_SAYS).render(),
        "FragmentPath": f"/etc/systemd/system/{name}",
        "DropInPaths": f"/etc/systemd/system/{name}.d/50-apply.conf",
        "IPAddressAllow": "" if name == SENSE else "192.168.1.7/32",
    }


def cat(name: str) -> str:
    """The files of a unit, as systemctl shows them one after another."""
    own = f"/etc/systemd/system/{name}"
    return f"# {own}\n[Service]\nUser=x\n\n# {own}.d/50-apply.conf\n{WRITTEN[name]}\n"


class Device:
    """A device where everything holds; a test changes one thing."""

    def __init__(self, root: Path) -> None:
        self.root, self.proc, self.groups = root, root / "proc", root / "sys/fs/cgroup"
        self.units = {SENSE: show(SENSE), REPORT: show(REPORT)}
        self.cats = {name: cat(name) for name in self.units}
        self.sockets: dict[tuple[int, int], Socket] = {}
        self.errors = {False: 0, True: errno.EPERM}
        """With which a packet or device is refused outside and inside of a control group."""
        self.make_process(1, "net:[1]")
        self.make_process(SENSE_PID, "net:[2]")
        self.make_process(REPORT_PID, "net:[1]")
        (self.proc / "devices").write_text(DEVICES)
        (self.proc / "swaps").write_text("Filename Type Size\n")
        for name, pid in ((SENSE, SENSE_PID), (REPORT, REPORT_PID)):
            (self.groups / "system.slice" / name).mkdir(parents=True)
            self.members(name, f"{pid}\n")

    def make_process(self, pid: int, net: str) -> Path:
        folder = self.proc / str(pid)
        for name in ("ns", "net", "fd", "fdinfo", f"task/{pid}", "root/dev"):
            (folder / name).mkdir(parents=True)
        (folder / "ns/net").symlink_to(net)
        # The files of a process that may not be dumped belong to somebody else.
        for name in ("status", f"task/{pid}/status"):
            (folder / name).write_text(STATUS.format(uid=os.getuid() + 1000 + pid))
        (folder / "maps").write_text(MAPS)
        (folder / "mounts").write_text(MOUNTS)
        (folder / "limits").write_text("Max core file size        0                    0                    bytes\n")
        (folder / "environ").write_bytes(b"PATH=/usr/bin\0")
        (folder / "cmdline").write_bytes(b"/opt/posenet-edge/current/venv/bin/python\0-P\0")
        (folder / "net/dev").write_text("Inter-|\n face |\n    lo:   0\n")
        (folder / "net/tcp").write_text("  sl  local_address\n")
        (folder / "net/unix").write_text("Num RefCount Protocol Flags Type St Inode Path\n")
        self.open(pid, 0, "/dev/null")
        self.open(pid, 3, "socket:[7]", Socket(socket.AF_UNIX, own=SOCKET_PATH) if pid == REPORT_PID else SOCKET)
        return folder

    def members(self, name: str, pids: str) -> None:
        (self.groups / "system.slice" / name / "cgroup.procs").write_text(pids)

    def open(self, pid: int, number: int, name: str, its: Socket | None = None, flags: int = os.O_RDWR) -> None:
        (self.proc / str(pid) / "fd" / str(number)).symlink_to(name)
        (self.proc / str(pid) / "fdinfo" / str(number)).write_text(f"pos:\t0\nflags:\t0{flags:o}\n")
        if its:
            self.sockets[pid, number] = its

    def append(self, pid: int, name: str, text: str) -> None:
        with (self.proc / str(pid) / name).open("a") as file:
            file.write(text)

    def edit(self, pid: int, old: str, new: str) -> None:
        """In the status of a process and its thread."""
        for name in ("status", f"task/{pid}/status"):
            path = self.proc / str(pid) / name
            assert old in path.read_text()
            path.write_text(path.read_text().replace(old, new))

    def system(self) -> System:
        return System(
            self.root,
            self._run,
            look=lambda pid, number: self.sockets[pid, number],
            in_child=self._in_child,
        )

    def _run(self, words: Sequence[str]) -> Result:
        program, verb, name = words
        assert program == "systemctl"
        if verb == "cat":
            return Result(0, self.cats[name])
        properties = self.units[name].items()
        return Result(0, "\n".join(f"{key}={line}" for key, value in properties for line in value.split("\n")))

    def _in_child(self, work: Callable[[], Any], group: Path | None) -> Any:
        # Only what comes back counts here; that it is really tried, test_audit_real shows.
        answer = work()
        return dict.fromkeys(answer, self.errors[group is not None]) if isinstance(answer, dict) else answer

    def find(self, name: str) -> Service:
        return find_service(self.system(), name)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


Test = Callable[[System, Service], Answer]


def no_packet(system: System, service: Service) -> Answer:
    return network.filters_addresses(system, service, networks(service.properties["IPAddressAllow"]))


def only_cameras(system: System, service: Service) -> Answer:
    return files.opens_only(read_majors(system.proc), files.CAMERAS, service)


def to_the_broker(system: System, service: Service) -> Answer:
    return network.report_sockets(system, service, BROKER.endpoints, BROKER.servers)


def only_the_broker(_: System, service: Service) -> Answer:
    return opens_only_the_brokers(service.properties, [BROKER])


def only_applys(system: System, service: Service) -> Answer:
    # As another checkout would find it, whose packages lie elsewhere.
    written = {SENSE: sense_dropin(SETTINGS), REPORT: report_dropin(SETTINGS, Path("/elsewhere"))}
    return units.has_only_what_apply_wrote(system, service, written[service.name])


def shares_poses(_: System, service: Service) -> Answer:
    return data_sharing.shares_as_configured(service, "poses")


TESTS: tuple[Test, ...] = (
    processes.runs, processes.has_no_rights, processes.runs_no_memory, processes.keeps_memory,
    processes.starts_nothing, processes.injects_nothing,
    processes.says_sealed, processes.maps_no_picture_library, files.writes_no_file, files.sees_no_camera, only_cameras,
    network.own_network, network.sense_sockets, no_packet, units.is_as_shipped, only_applys,
)  # fmt: skip
OF_REPORT: tuple[Test, ...] = (
    to_the_broker, only_the_broker, no_packet, shares_poses, units.is_as_shipped, only_applys,
)  # fmt: skip


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.__name__)
def test_all_holds_where_nothing_is_wrong(device: Device, test: Test) -> None:
    assert test(device.system(), device.find(SENSE)).level is Level.GOOD


def fail(device: Device, name: str = SENSE, tests: tuple[Test, ...] = TESTS) -> dict[str, str]:
    """The tests that fail, and what they found."""
    answers = {test.__name__: test(device.system(), device.find(name)) for test in tests}
    return {test: answer.found for test, answer in answers.items() if answer.level is Level.BAD}


def foreign(family: int, **more: Any) -> Socket:
    return Socket(family, **more)


PLANTED: list[tuple[str, str, Callable[[Device], None]]] = [
    ("has_no_rights", "seccomp", lambda d: d.edit(SENSE_PID, "Seccomp:\t2", "Seccomp:\t0")),
    ("has_no_rights", "no_new_privs", lambda d: d.edit(SENSE_PID, "NoNewPrivs:\t1", "NoNewPrivs:\t0")),
    ("has_no_rights", "capabilities", lambda d: d.edit(SENSE_PID, "CapBnd:\t0", "CapBnd:\t1")),
    ("keeps_memory", "traces", lambda d: d.edit(SENSE_PID, "TracerPid:\t0", "TracerPid:\t9")),
    ("keeps_memory", "core dumps", lambda d: (d.proc / "46/limits").write_text("Max core file size 0 unlimited b\n")),
    ("keeps_memory", "may be dumped", lambda d: d.edit(SENSE_PID, str(os.getuid() + 1046), str(os.getuid()))),
    ("keeps_memory", "swapped to /swap", lambda d: (d.proc / "swaps").write_text("Filename\n/swap file 9\n")),
    ("runs_no_memory", "plain memory", lambda d: d.append(SENSE_PID, "maps", "7f04-7f05 rwxp 0 0 0 \n")),
    ("maps_no_picture_library", "cv2", lambda d: d.append(SENSE_PID, "maps", "7f-80 r-xp 0 0 9 /v/cv2/cv2.so\n")),
    ("writes_no_file", "/var/out", lambda d: d.append(SENSE_PID, "maps", "7f-80 rw-s 0 fe:0 9 /var/out\n")),
    ("writes_no_file", "open for writing", lambda d: d.open(SENSE_PID, 9, __file__, flags=os.O_WRONLY)),
    ("writes_no_file", "folder", lambda d: d.open(SENSE_PID, 9, "/", flags=os.O_RDONLY)),
    ("only_cameras", "/dev/tty", lambda d: d.open(SENSE_PID, 9, "/dev/tty")),
    ("sees_no_camera", "/dev/video0", lambda d: (d.proc / "46/root/dev/video0").touch()),
    ("starts_nothing", "python -P", lambda d: plant_child(d)),
    ("starts_nothing", "another PID", lambda d: d.members(SENSE, "46\n0\n")),
    ("injects_nothing", "LD_PRELOAD", lambda d: (d.proc / "46/environ").write_bytes(b"LD_PRELOAD=/x.so\0")),
    ("says_sealed", "exec", lambda d: d.units[SENSE].update(StatusText="camera refused, not sealed: exec")),
    ("own_network", "eth0", lambda d: d.append(SENSE_PID, "net/dev", "  eth0: 5\n")),
    ("own_network", "1 sockets in", lambda d: d.append(SENSE_PID, "net/tcp", "  0: 0100007F:1F90\n")),
    ("own_network", "whole machine", lambda d: replace_link(d.proc / "46/ns/net", "net:[1]")),
    ("own_network", "process 99 shares", lambda d: bool(d.make_process(99, "net:[2]"))),
    ("sense_sockets", "AF_INET ", lambda d: d.open(SENSE_PID, 9, "socket:[8]", foreign(socket.AF_INET))),
    ("sense_sockets", "AF_PACKET", lambda d: d.open(SENSE_PID, 9, "socket:[8]", foreign(socket.AF_PACKET))),
    ("sense_sockets", "AF_NETLINK", lambda d: d.open(SENSE_PID, 9, "socket:[8]", foreign(socket.AF_NETLINK))),
    ("sense_sockets", "dbus", lambda d: d.open(SENSE_PID, 9, "socket:[8]", foreign(1, peer="/run/dbus/bus"))),
    ("sense_sockets", "listens", lambda d: d.open(SENSE_PID, 9, "socket:[8]", foreign(1, listens=True, own="/x"))),
    ("sense_sockets", "process 77", lambda d: d.open(SENSE_PID, 9, "socket:[8]", foreign(1, peer="", peer_pid=77))),
    ("no_packet", "192.0.2.1", lambda d: d.errors.update({True: 0})),
    ("injects_nothing", "LIBCAMERA_IPA", lambda d: (d.proc / "46/environ").write_bytes(b"LIBCAMERA_IPA_PATH=/x\0")),
    ("only_applys", "99-x.conf", lambda d: d.units[SENSE].update(DropInPaths="/run/x.d/99-x.conf")),
    ("only_applys", "/run/systemd", lambda d: d.units[SENSE].update(FragmentPath="/run/systemd/x.service")),
    ("only_applys", "SetCredential", lambda d: d.cats.update({SENSE: cat(SENSE) + "SetCredential=a:b\n"})),
    ("runs", "failed", lambda d: d.units[SENSE].update(ActiveState="failed")),
]  # fmt: skip


def test_a_service_that_waits_to_be_mended_does_not_run(device: Device) -> None:
    device.units[SENSE]["StatusText"] = "waiting: x: no such key"
    answer = processes.runs(device.system(), device.find(SENSE))
    assert (answer.level, "mended: x: no such key" in answer.found) == (Level.BAD, True)


def plant_child(device: Device) -> None:
    device.make_process(50, "net:[2]")
    device.members(SENSE, "46\n50\n")


def replace_link(path: Path, to: str) -> None:
    path.unlink()
    path.symlink_to(to)


@pytest.mark.parametrize(("test", "found", "plant"), PLANTED, ids=[f"{p[0]}: {p[1]}" for p in PLANTED])
def test_a_planted_breach_fails_its_claim_and_no_other(
    device: Device, test: str, found: str, plant: Callable[[Device], None]
) -> None:
    plant(device)
    failed = fail(device)
    assert set(failed) == {test}
    assert found in failed[test]


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        (SENSE, "PrivateNetwork", "no"),
        (SENSE, "RestrictAddressFamilies", "AF_INET AF_NETLINK AF_UNIX"),
        (SENSE, "IPAddressAllow", "10.0.0.0/8"),
        (SENSE, "DevicePolicy", "auto"),
        (SENSE, "DeviceAllow", "char-alsa rw"),
        (SENSE, "ProtectSystem", "full"),
        (SENSE, "ReadWritePaths", "/var/tmp"),
        (SENSE, "ReadOnlyPaths", ""),
        (SENSE, "OpenFile", "/root/x:leak"),
        (SENSE, "NoNewPrivileges", "no"),
        (SENSE, "AmbientCapabilities", "cap_net_raw"),
        (SENSE, "User", "root"),
        (SENSE, "SupplementaryGroups", "docker posenet-wall video"),
        (SENSE, "LimitCORE", "infinity"),
        (SENSE, "SystemCallFilter", ""),
        (SENSE, "SystemCallFilter", "~mount"),
        (SENSE, "SystemCallFilter", "read ptrace"),
        (SENSE, "TemporaryFileSystem", "/tmp"),
        (SENSE, "TemporaryFileSystem", ""),
        (SENSE, "ExecPaths", "/"),
        (SENSE, "InaccessiblePaths", "-/dev/mqueue"),
        (SENSE, "ExecStartPre", "{ path=/bin/sh }"),
        (SENSE, "ExecCondition", "{ path=/bin/sh ; argv[]=/bin/sh }"),
        (REPORT, "ExecCondition", ""),
        (SENSE, "ExecStopPost", "{ path=/bin/sh }"),
        (SENSE, "ExecStopPost", f"{AFTER}\n{AFTER}"),
        (REPORT, "ExecStopPost", AFTER),
        (SENSE, "NFileDescriptorStore", "1"),
        (SENSE, "ExecStart", "{ path=/bin/sh ; argv[]=/bin/sh }"),
        (SENSE, "NeedDaemonReload", "yes"),
        (SENSE, "JoinsNamespaceOf", "other.service"),
        (SENSE, "TriggeredBy", "other.socket"),
        (SENSE, "BindPaths", "/srv"),
        (REPORT, "PrivateDevices", "no"),
        (REPORT, "IPAddressDeny", ""),
        (REPORT, "InaccessiblePaths", ""),
        (REPORT, "SupplementaryGroups", "video"),
        (REPORT, "DeviceAllow", "char-video4linux rw"),
    ],
)
def test_a_weakened_property_is_named(device: Device, name: str, key: str, value: str) -> None:
    device.units[name][key] = value
    answer = units.is_as_shipped(device.system(), device.find(name))
    assert answer.level is Level.BAD
    assert key in answer.found


def test_the_reboot_of_a_hanging_camera_weakens_nothing(device: Device) -> None:
    device.units[SENSE]["ExecStopPost"] = AFTER
    assert units.is_as_shipped(device.system(), device.find(SENSE)).level is Level.GOOD


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in (SENSE, REPORT) for key in units.expected(name)])
def test_each_property_that_differs_is_named(device: Device, name: str, key: str) -> None:
    device.units[name][key] = "other"
    answer = units.is_as_shipped(device.system(), device.find(name))
    assert answer.level is Level.BAD
    assert answer.found.startswith(f"{key}=other (expected ")


@pytest.mark.parametrize("name", [SENSE, REPORT])
def test_whatever_the_shipped_unit_says_of_the_sandbox_is_compared(name: str) -> None:
    compared = units.expected(name)
    text = (PROJECT / "systemd" / name).read_text()
    for line in text[text.index("# The network" if name == REPORT else "# No network") :].splitlines():
        key, equals, value = line.partition("=")
        if equals and key.startswith(("Protect", "Private", "Restrict", "No", "Capability", "Ambient", "Exec", "Temp")):
            assert set(value.split()) <= set(compared[key].split())


def test_reports_own_claims_hold(device: Device) -> None:
    broker = foreign(socket.AF_INET, own=("192.168.1.9", 40000), peer=("192.168.1.7", 1883))
    names = foreign(socket.AF_INET, own=("192.168.1.9", 40001), peer=("192.168.1.1", 53))
    ends = ("127.0.0.1", 1), ("127.0.0.1", 2)
    pair = [foreign(socket.AF_INET, own=ends[n], peer=ends[1 - n]) for n in (0, 1)]
    for number, its in enumerate((broker, names, *pair), start=10):
        device.open(REPORT_PID, number, f"socket:[{number}]", its)
    assert fail(device, REPORT, OF_REPORT) == {}


@pytest.mark.parametrize(
    "its",
    [
        foreign(socket.AF_INET, own=("0.0.0.0", 80), listens=True),
        foreign(socket.AF_INET, own=("192.168.1.9", 4), peer=("203.0.113.5", 1883)),
        foreign(socket.AF_INET, own=("192.168.1.9", 4), peer=("192.168.1.7", 22)),
        foreign(socket.AF_INET6, own=("::1", 4, 0, 0), peer=("2001:db8::5", 443, 0, 0)),
        foreign(socket.AF_UNIX, peer="/run/dbus/system_bus_socket"),
        foreign(socket.AF_PACKET),
    ],
)
def test_a_socket_to_anybody_else_is_found(device: Device, its: Socket) -> None:
    device.open(REPORT_PID, 9, "socket:[9]", its)
    assert set(fail(device, REPORT, OF_REPORT)) == {"to_the_broker"}


def test_another_level_of_sharing_than_the_configured_is_found(device: Device) -> None:
    device.units[REPORT]["StatusText"] = replace(REPORT_SAYS, share="events").render()
    assert "shares events" in fail(device, REPORT, OF_REPORT)["shares_poses"]
    device.units[REPORT]["StatusText"] = ""
    with pytest.raises(CouldNotTell):
        shares_poses(device.system(), device.find(REPORT))


def test_more_addresses_than_the_brokers_are_found(device: Device) -> None:
    device.units[REPORT]["IPAddressAllow"] = "192.168.1.7/32 8.8.8.8/32"
    assert "8.8.8.8/32 is open" in fail(device, REPORT, OF_REPORT)["only_the_broker"]


def test_a_broker_known_only_by_name_is_said(device: Device) -> None:
    named = Broker("broker.lan", frozenset({"192.168.1.7"}), 1883, frozenset())
    answer = opens_only_the_brokers({"IPAddressAllow": "10.0.0.0/8 127.0.0.0/8"}, [named])
    assert answer.level is Level.GOOD
    assert "private addresses are open" in answer.found


def test_where_every_address_is_open_nothing_need_be_tried(device: Device) -> None:
    device.units[SENSE]["IPAddressAllow"] = "0.0.0.0/0 ::/0"
    assert fail(device, tests=(no_packet,)) == {"no_packet": "every address is open"}


def test_a_filter_that_cannot_be_told_from_the_machines_own_proves_nothing(device: Device) -> None:
    device.errors[False] = errno.EPERM
    with pytest.raises(CouldNotTell):
        no_packet(device.system(), device.find(SENSE))


def test_two_services_of_one_user_are_found(device: Device) -> None:
    device.edit(REPORT_PID, str(os.getuid() + 1045), str(os.getuid() + 1046))
    answer = both_services.are_two_users(device.find(SENSE), device.find(REPORT))
    assert "both run as user" in answer.found


def test_a_service_that_does_not_run_can_only_be_told_of_by_its_unit(device: Device) -> None:
    device.units[SENSE] |= {"MainPID": "0", "ActiveState": "inactive", "PrivateNetwork": "no"}
    system = device.system()
    claims = all_claims(system, device.find(SENSE), device.find(REPORT), [BROKER], SETTINGS)
    ours = [claim for claim in claims if claim.name.startswith("sense: ")]
    found = {finding.check.removeprefix("sense: "): finding.level for finding in run_checks(ours, Progress())}
    holds = {text for text, level in found.items() if level is Level.GOOD}
    fails = {text for text, level in found.items() if level is Level.BAD}
    assert holds == {"no drop-in but that of apply"}
    assert fails == {"runs", "its unit says what it was shipped with"}


def test_a_restart_meanwhile_is_seen(device: Device) -> None:
    before = device.find(SENSE)
    device.make_process(60, "net:[2]")
    device.units[SENSE]["MainPID"] = "60"
    with pytest.raises(CouldNotTell):
        both_services.are_still_the_same(device.system(), (before,))


def recorded_hash(path: Path) -> str:
    """As pip writes it (the specification of RECORD): URL-safe Base64 without the padding."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")


@pytest.fixture
def installed(device: Device) -> Path:
    """A package as pip leaves it, as sense sees it: the folder of packages."""
    site = device.proc / "46/root/opt/posenet-edge/current/venv/lib/python3.13/site-packages"
    for name in ("edge/__init__.py", "edge/sense/inference/letterbox.py", "edge/tools/describe.py"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("import json\n")
    info = site / "posenet_edge-0.1.0.dist-info"
    info.mkdir()
    rows = [f"{p.relative_to(site)},{recorded_hash(p)},12" for p in sorted(site.rglob("*.py"))]
    (info / "RECORD").write_text("\n".join([*rows, "edge/models/x.tflite,sha256=abc,9"]) + "\n")
    return site


def test_code_as_it_was_installed(device: Device, installed: Path) -> None:
    assert code.is_what_was_installed(device.system(), device.find(SENSE)).level is Level.GOOD
    assert code.imports_nothing_foreign(device.system(), device.find(SENSE)).level is Level.GOOD


@pytest.mark.parametrize(
    ("plant", "word"),
    [
        (
            lambda site: (site / "edge/sense/inference/letterbox.py").write_text("import ssl\n"),
            "letterbox.py was changed",
        ),
        (lambda site: (site / "edge/sense/more.py").write_text(""), "more.py was added"),
        (lambda site: (site / "edge/sense/more.so").write_text(""), "more.so was added"),
        (lambda site: (site / "edge/tools/describe.py").unlink(), "describe.py is missing"),
    ],
)
def test_other_code_is_found(device: Device, installed: Path, plant: Callable[[Path], object], word: str) -> None:
    plant(installed)
    assert word in code.is_what_was_installed(device.system(), device.find(SENSE)).found


def test_code_newer_than_the_process_proves_nothing(device: Device, installed: Path) -> None:
    device.units[SENSE]["ExecMainStartTimestampMonotonic"] = "1"
    os.utime(installed / "edge/sense/inference/letterbox.py")
    service = replace(device.find(SENSE), properties={"ExecMainStartTimestampMonotonic": "1"})
    with pytest.raises(CouldNotTell):
        code.is_what_was_installed(device.system(), service)


@pytest.mark.parametrize(
    "line",
    [
        "import paho.mqtt.client",
        "from edge.report import gate",
        "from edge import report",
        "from edge.tools import describe",
        "def f():\n    import http.client",
        "import importlib\nimportlib.import_module('ssl')",
        "import socket",
    ],
)
def test_a_foreign_import_is_found(device: Device, installed: Path, line: str) -> None:
    (installed / "edge/sense/inference/letterbox.py").write_text(line + "\n")
    assert "letterbox.py imports" in code.imports_nothing_foreign(device.system(), device.find(SENSE)).found
