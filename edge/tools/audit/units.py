"""What is claimed of the units: that systemd has in force what they were shipped with, and nothing that weakens it.

Values are those that ``systemctl show`` prints, of systemd 252 (Debian 12) to 257 (Debian 13).
"""

from collections.abc import Iterator, Mapping

from edge.tools.audit.system import REPORT, SENSE, WALL, Service, System
from edge.tools.checks.finding import Answer, judge

_UNITS = "/etc/systemd/system"
_PROGRAMS = "/opt/posenet-edge/venv /usr/bin/python3 /usr/lib -/lib -/lib64 -/usr/lib64"
_BOTH = {
    "DevicePolicy": "closed", "IPAddressDeny": "0.0.0.0/0 ::/0", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateIPC": "yes", "PrivateMounts": "yes", "RemoveIPC": "yes",
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "AmbientCapabilities": "", "SecureBits": "0",
    "ProtectProc": "invisible", "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes", "ProtectControlGroups": "yes", "ProtectClock": "yes", "ProtectHostname": "yes",
    "RestrictNamespaces": "yes", "RestrictRealtime": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes", "KeyringMode": "private", "UMask": "0077", "SystemCallArchitectures": "native",
    "LimitCORE": "0", "LimitCORESoft": "0", "MemorySwapMax": "0", "DynamicUser": "no", "Delegate": "no",
    "NFileDescriptorStore": "0", "FileDescriptorStoreMax": "0", "StandardInput": "null", "StandardOutput": "journal",
    "StandardError": "inherit", "NeedDaemonReload": "no", "WatchdogUSec": "20s",
}  # fmt: skip
_OWN = {
    SENSE: {
        "User": "posenet-sense", "Group": "posenet-sense", "SupplementaryGroups": "posenet-wall video",
        "PrivateNetwork": "yes", "PrivateUsers": "yes", "RestrictAddressFamilies": "AF_NETLINK AF_UNIX",
        "IPAddressAllow": "", "LoadCredential": "", "StateDirectory": "",
        "ExecPaths": f"{_PROGRAMS} -/usr/libexec/libcamera",
        "TemporaryFileSystem": "/run:ro /tmp:ro /var/tmp:ro /dev/shm:ro",
    },
    REPORT: {
        "User": "posenet-report", "Group": "posenet-report", "SupplementaryGroups": "", "PrivateDevices": "yes",
        "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "ProcSubset": "pid", "ExecPaths": _PROGRAMS,
        "StateDirectory": "posenet-edge/report",
        "TemporaryFileSystem": "/tmp:ro /var/tmp:ro /dev/shm:ro",
    },
}  # fmt: skip
_AT_LEAST = {
    SENSE: {
        "ReadOnlyPaths": "/", "NoExecPaths": "/",
        "InaccessiblePaths": "-/dev/mqueue -/etc/posenet-edge/secrets -/var/lib/posenet-edge",
    },
    REPORT: {
        "ReadOnlyPaths": "/", "NoExecPaths": "/",
        "InaccessiblePaths": "-/dev/mqueue -/run/lock -/run/udev -/run/dbus -/usr/share/libcamera "
        "-/usr/libexec/libcamera -/usr/lib/python3/dist-packages/picamera2 "
        "-/usr/lib/python3/dist-packages/libcamera",
    },
}  # fmt: skip
_AT_MOST = {
    SENSE: {
        "DeviceAllow": {"char-rtc r", "char-dma_heap rw", "char-media rw", "char-video4linux rw"},
        "TriggeredBy": {""},
    },
    REPORT: {"DeviceAllow": {"char-rtc r"}, "TriggeredBy": {WALL}},
}
_EMPTY = (
    "ReadWritePaths", "BindPaths", "OpenFile", "ExtraFileDescriptorNames", "JoinsNamespaceOf", "NetworkNamespacePath",
    "IPCNamespacePath", "RootDirectory", "RootImage", "MountImages", "ExtensionImages", "ExtensionDirectories",
    "RuntimeDirectory", "CacheDirectory", "LogsDirectory", "ConfigurationDirectory",
    "EnvironmentFiles", "PassEnvironment", "PAMName", "ExecStartPre", "ExecStartPost", "ExecCondition", "ExecStop",
    "IPIngressFilterPath", "IPEgressFilterPath", "BPFProgram", "SocketBindAllow", "LogNamespace",
)  # fmt: skip
_NEVER = {
    "ptrace", "mount", "umount2", "pivot_root", "bpf", "perf_event_open",
    "init_module", "reboot", "swapon", "kexec_load", "iopl", "ioperm", "chroot", "setuid", "open_by_handle_at",
}  # fmt: skip
"""Calls that must not be in the list of those that are allowed; setuid stands for the whole of @privileged."""
_TESTED_ELSEWHERE = ("IPAddressAllow=", "InaccessiblePaths=")
"""Of what ``apply`` writes: other claims ask about these, and they depend on where this runs."""


def says_what_it_should(_: System, service: Service) -> Answer:
    """Every property that the cell hangs on."""
    breaches = list(_breaches(service.name, service.properties))
    names = {*_BOTH, *_OWN[service.name], *_AT_LEAST[service.name], *_AT_MOST[service.name], *_EMPTY}
    count = len(names | {"ExecStart", "SystemCallFilter"})
    return judge(breaches, f"{count} properties as they were shipped")


def _breaches(name: str, properties: Mapping[str, str]) -> Iterator[str]:
    for key, expected in (_BOTH | _OWN[name]).items():
        found = properties.get(key, "")
        if set(found.split()) != set(expected.split()):
            yield f"{key}={_short(found)} (expected {expected or 'nothing'})"
    for key, words in _AT_LEAST[name].items():
        for word in sorted(set(words.split()) - set(properties.get(key, "").split())):
            yield f"{key}={_short(properties.get(key, ''))} (expected {word} among it)"
    for key, allowed in _AT_MOST[name].items():
        for line in properties.get(key, "").splitlines():
            if line not in allowed:
                yield f"{key}={line}"
    for key in _EMPTY:
        if properties.get(key):
            yield f"{key}={_short(properties[key])}"
    yield from _program(name, properties)
    calls = set(properties.get("SystemCallFilter", "").split())
    if not calls or any(call.startswith("~") for call in calls):
        yield "SystemCallFilter= allows what it doesn't name"
    for call in sorted(calls & _NEVER):
        yield f"SystemCallFilter= allows {call}"


def _program(name: str, properties: Mapping[str, str]) -> Iterator[str]:
    """One command, of the installed package and without special rights; after it, at most the one that reboots."""
    start = properties.get("ExecStart", "")
    room = name.removeprefix("posenet-").removesuffix(".service")
    if start.count("path=") != 1 or f"/venv/bin/python -P -m edge {room}" not in start:
        yield f"ExecStart={_short(start)}"
    after = properties.get("ExecStopPost", "")
    if after and (
        name != SENSE or after.count("path=") != 1 or "/venv/bin/python -P -m edge.tools.reboot_on_hang" not in after
    ):
        yield f"ExecStopPost={_short(after)}"


def has_only_what_apply_wrote(system: System, service: Service, written: str) -> Answer:
    """The unit is the installed one, changed by nothing but ``written``, the drop-in of ``apply``."""
    own = f"{_UNITS}/{service.name}"
    applied = f"{own}.d/50-apply.conf"
    fragment = service.properties.get("FragmentPath", "")
    breaches = [] if fragment == own else [f"the unit comes from {fragment or 'nowhere'}"]
    dropins = service.properties.get("DropInPaths", "").split()
    breaches += [path for path in dropins if path != applied]
    _, _, text = system.systemctl(["cat", service.name]).partition(f"# {applied}\n")
    there = text.partition("\n# /")[0].splitlines()
    foreign = (line for line in there if line not in written.splitlines() and not line.startswith(_TESTED_ELSEWHERE))
    breaches += [f"{line} in {applied}" for line in foreign if line]
    return judge(breaches, ", ".join([fragment, *dropins]))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
