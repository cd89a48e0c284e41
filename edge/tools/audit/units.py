"""Claims about the units: systemd has in force what was shipped, and nothing that weakens it.

What is expected is read from the unit files that come with the package. Values are compared with those that
``systemctl show`` prints, of systemd 252 (Debian 12) to 257 (Debian 13).
"""

from collections.abc import Iterator, Mapping

from edge.data_files import UNITS
from edge.tools.audit.system import Service, System
from edge.tools.checks.finding import Answer, judge
from edge.tools.unit_files import APPLY_DROPIN, SENSE, service_settings

UNSET = {
    "SecureBits": "0", "LimitCORESoft": "0", "DynamicUser": "no", "Delegate": "no", "NFileDescriptorStore": "0",
    "FileDescriptorStoreMax": "0", "StandardInput": "null", "StandardOutput": "journal", "StandardError": "inherit",
    "NeedDaemonReload": "no",
}  # fmt: skip
"""Properties that the units leave as they are, and what systemd shows of them then."""
EMPTY = (
    "ReadWritePaths", "BindPaths", "OpenFile", "ExtraFileDescriptorNames", "JoinsNamespaceOf", "NetworkNamespacePath",
    "IPCNamespacePath", "RootDirectory", "RootImage", "MountImages", "ExtensionImages", "ExtensionDirectories",
    "RuntimeDirectory", "StateDirectory", "CacheDirectory", "LogsDirectory", "ConfigurationDirectory",
    "SupplementaryGroups", "IPAddressAllow", "LoadCredential",
    "EnvironmentFiles", "PassEnvironment", "PAMName", "ExecStartPre", "ExecStartPost", "ExecStop",
    "IPIngressFilterPath", "IPEgressFilterPath", "BPFProgram", "SocketBindAllow", "LogNamespace",
)  # fmt: skip
"""Properties that must be empty unless the unit sets them."""
_NOT_COMPARED = {
    "Type", "NotifyAccess", "Sockets", "Environment", "Restart", "RestartSec", "TimeoutStartSec", "TimeoutStopSec",
    "WatchdogSignal", "ExecReload", "StateDirectoryMode", "BindReadOnlyPaths", "SystemCallErrorNumber", "MemoryMax",
    "TasksMax", "SyslogLevelPrefix", "LogRateLimitIntervalSec", "LogRateLimitBurst",
}  # fmt: skip
"""Settings of the units that are no part of the sandbox, or only take away from what else is there."""
_COMPARED_APART = {"ExecStart", "ExecCondition", "SystemCallFilter", "DeviceAllow"}
_AT_LEAST = {"ReadOnlyPaths", "NoExecPaths", "InaccessiblePaths"}
"""Lists to which drop-ins may add."""
_WRITTEN_BY_APPLY = {"IPAddressAllow", "LoadCredential", "RuntimeDirectory"}
"""Settings of a unit that has a network; other claims ask about them."""
_NEVER = {
    "ptrace", "mount", "umount2", "pivot_root", "bpf", "perf_event_open",
    "init_module", "reboot", "swapon", "kexec_load", "iopl", "ioperm", "chroot", "setuid", "open_by_handle_at",
}  # fmt: skip
"""Calls that must not be in the list of those that are allowed; setuid stands for the whole of @privileged."""
_CLOCK = "char-rtc r"
"""DeviceAllow= that systemd adds by itself."""
_INSTALLED = "/etc/systemd/system"
_TESTED_ELSEWHERE = ("IPAddressAllow=", "InaccessiblePaths=")
"""Lines of the drop-in of ``apply`` that depend on where this runs; other claims ask about them."""


def shipped(name: str) -> dict[str, list[str]]:
    """Read what a unit of this package sets in ``[Service]``, one entry a line; an empty line resets."""
    found: dict[str, list[str]] = {}
    for key, value in service_settings((UNITS / name).read_text()):
        found[key] = [*found.get(key, []), value] if value else []
    return found


def expected(name: str) -> dict[str, str]:
    """Find the properties that systemd shows of a unit that is as it was shipped, where they are compared as words."""
    ours = shipped(name)
    words = {key: " ".join(lines) for key, lines in ours.items() if key not in _NOT_COMPARED | _COMPARED_APART}
    words["IPAddressDeny"] = words["IPAddressDeny"].replace("any", "0.0.0.0/0 ::/0")
    words["WatchdogUSec"] = f"{words.pop('WatchdogSec')}s"
    found = dict.fromkeys(EMPTY, "") | UNSET | words
    has_network = "PrivateNetwork" not in ours
    return {key: value for key, value in found.items() if not (has_network and key in _WRITTEN_BY_APPLY)}


def is_as_shipped(_: System, service: Service) -> Answer:
    """Check every property that the sandbox depends on."""
    ours, words = shipped(service.name), expected(service.name)
    breaches = [
        *_other_words(words, service.properties),
        *_devices_and_starters(ours, service.properties),
        *_programs(service.name, ours, service.properties),
        *_calls(service.properties),
    ]
    return judge(breaches, f"{len(words) + len(_COMPARED_APART)} properties as they were shipped")


def _other_words(words: Mapping[str, str], properties: Mapping[str, str]) -> Iterator[str]:
    for key, value in words.items():
        found, wanted = set(properties.get(key, "").split()), set(value.split())
        if not (found >= wanted if key in _AT_LEAST else found == wanted):
            yield f"{key}={_short(properties.get(key, ''))} (expected {value or 'nothing'})"


def _devices_and_starters(ours: Mapping[str, list[str]], properties: Mapping[str, str]) -> Iterator[str]:
    allowed = {"DeviceAllow": [*ours.get("DeviceAllow", []), _CLOCK], "TriggeredBy": ours.get("Sockets", [])}
    for key, lines in allowed.items():
        for line in filter(None, properties.get(key, "").splitlines()):
            if line not in lines:
                yield f"{key}={line}"


def _programs(name: str, ours: Mapping[str, list[str]], properties: Mapping[str, str]) -> Iterator[str]:
    """Find other programs than the shipped ones; after them, only sense may have the one that reboots."""
    for key in ("ExecCondition", "ExecStart"):
        found = properties.get(key, "")
        if found.count("path=") != 1 or f"argv[]={ours[key][0].removeprefix('+')} ;" not in found:
            yield f"{key}={_short(found)}"
    after = properties.get("ExecStopPost", "")
    reboots = "/venv/bin/python -P -m edge.tools.reboot_on_hang" in after and after.count("path=") == 1
    if after and not (reboots and name == SENSE):
        yield f"ExecStopPost={_short(after)}"


def _calls(properties: Mapping[str, str]) -> Iterator[str]:
    calls = set(properties.get("SystemCallFilter", "").split())
    if not calls or any(call.startswith("~") for call in calls):
        yield "SystemCallFilter= allows what it doesn't name"
    for call in sorted(calls & _NEVER):
        yield f"SystemCallFilter= allows {call}"


def has_only_what_apply_wrote(system: System, service: Service, written: str) -> Answer:
    """Check that the unit is the installed one, changed by nothing but ``written``, the drop-in of ``apply``."""
    own = f"{_INSTALLED}/{service.name}"
    applied = f"{own}.d/{APPLY_DROPIN}"
    fragment = service["FragmentPath"]
    breaches = [] if fragment == own else [f"the unit comes from {fragment or 'nowhere'}"]
    dropins = service["DropInPaths"].split()
    breaches += [path for path in dropins if path != applied]
    _, _, text = system.systemctl("cat", service.name).partition(f"# {applied}\n")
    there = text.partition("\n# /")[0].splitlines()
    foreign = (line for line in there if line not in written.splitlines() and not line.startswith(_TESTED_ELSEWHERE))
    breaches += [f"{line} in {applied}" for line in foreign if line]
    return judge(breaches, ", ".join([fragment, *dropins]))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
