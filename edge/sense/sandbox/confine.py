"""Confine the sensing process from inside, with or without systemd: no network, no writing, no new programs.

There are two stages, as libcamera may start helper processes while it looks for cameras. Neither can be undone. On a
kernel that lacks a mechanism the rest is still applied: no error is raised, what is missing is returned, and
``edge.sense.sandbox.self_test`` measures the result.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from edge.data_files import MODELS
from edge.sense.sandbox import landlock, privileges, seccomp, syscall_rules
from edge.sense.sandbox.device_nodes import camera_nodes
from edge.sense.sandbox.device_rules import DeviceRules


class Confinement(NamedTuple):
    """Result of the first stage."""

    landlock: int
    """Version in force, 0 for none."""
    missing: tuple[str, ...]
    """Restrictions that this kernel did not put in force, one sentence each."""
    breaches: tuple[str, ...]
    """Words of ``edge.wire.BREACHES`` that follow from it and that a probe from one thread cannot show."""
    cameras: frozenset[tuple[str, int]] | None
    """Device nodes that stay open; None if nodes that appear later do as well."""
    rules: DeviceRules | None = None
    """Device rules of the systemd unit, if they decide."""

    def why_outdated(self) -> str:
        """Reason why a new process might open a camera that this one cannot; empty if there is none."""
        if self.rules:
            return self.rules.why_outdated()
        if self.cameras is not None and not _identities() <= self.cameras:
            return "a camera was plugged in, and this process is shut in without it"
        return ""

    @property
    def barred(self) -> tuple[str, ...]:
        """Nodes of present cameras that the unit's device rules forbid to this process."""
        return self.rules.barred if self.rules else ()


def confine_start(*, hotplug: bool = False, connects: Iterable[Path] = (), reads: Iterable[Path] = ()) -> Confinement:
    """Run the first stage, at the start of the process, before any other thread, the model and the camera.

    Drops privileges, capabilities and core dumps; applies Landlock, or without Landlock a filter against new files;
    installs a system call filter for all threads. Descriptors that are open stay open.
    Source: seccomp(2), landlock(7), capabilities(7).

    Args:
        hotplug: Leave /dev to the unit's list of devices, so that a camera that appears later can be opened.
        connects: UNIX sockets, or folders of them, that will be connected to; from Landlock 9 on no others can be.
        reads: Files and folders that must stay readable beside the program's own: photos, a clip, a model.

    Returns:
        What was reached.
    """
    rules = DeviceRules() if hotplug else None
    threads = seccomp.count_threads()
    cameras = None if hotplug else _identities()
    reads = list(reads)
    needed = [Path(path) for path in sys.path if path] + [MODELS, *reads]
    missing = list(privileges.drop(needed))
    restricted = landlock.restrict(threads, hotplug, connects, reads)
    covered = restricted.abi > 0 and restricted.all_threads
    if restricted.abi == 0:
        missing.append(f"no Landlock: {restricted.reason}")
    elif not covered:
        missing.append(f"{threads - 1} other threads without Landlock")
    missing += seccomp.install(syscall_rules.FIRST if covered else (*syscall_rules.FIRST, *syscall_rules.FILES))
    # A thread that Landlock does not cover cannot be probed, but it may write.
    breaches = ("writable", "device") if restricted.abi and not covered else ()
    return Confinement(restricted.abi, tuple(missing), breaches, cameras if restricted.abi else None, rules)


def confine_running() -> tuple[str, ...]:
    """Run the second stage, after the camera was opened and before its first picture: no new programs or processes.

    Returns:
        What this kernel did not do, one sentence each.
    """
    return seccomp.install(syscall_rules.SECOND)


def _identities() -> frozenset[tuple[str, int]]:
    found = set()
    for path in camera_nodes():
        try:
            found.add((str(path), path.stat().st_ino))
        except OSError:
            continue  # unplugged meanwhile
    return frozenset(found)
