"""Shuts the sensing process in, from inside and with or without systemd: no network, no writing, no new programs.

Two stages, since libcamera may start helpers of its own while it looks for cameras. Neither can be undone. A kernel
that can do less gets less: nothing is raised, what is missing is told, and
``edge.sense.sandbox.self_test`` tells the truth.
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
    """What the first stage reached.

    landlock: version in force, 0 for none. missing: what this kernel would not do, one sentence each.
    breaches: words of ``edge.wire.BREACHES`` that follow from it and that no try from one thread could show.
    cameras: the device nodes that stay open, or None where new ones are let in as well.
    rules: the device rules of the unit, where those decide.
    """

    landlock: int
    missing: tuple[str, ...]
    breaches: tuple[str, ...]
    cameras: frozenset[tuple[str, int]] | None
    rules: DeviceRules | None = None

    def why_outdated(self) -> str:
        """Why a new process might open a camera that this one cannot; empty where there is no reason to try."""
        if self.rules:
            return self.rules.why_outdated()
        if self.cameras is not None and not _identities() <= self.cameras:
            return "a camera was plugged in, and this process is shut in without it"
        return ""

    @property
    def barred(self) -> tuple[str, ...]:
        """Nodes of cameras that are there and that the unit's device rules keep from this process."""
        return self.rules.barred if self.rules else ()


def confine_start(*, hotplug: bool = False, connects: Iterable[Path] = (), reads: Iterable[Path] = ()) -> Confinement:
    """The first stage, at the start of the process, before any other thread, the model and the camera.

    Gives up privileges, capabilities and core dumps; Landlock, or where there is none a filter against new files;
    a filter of system calls for all threads. Standard streams and what else is open stay as they are.
    hotplug: leave all of /dev to the unit's list of devices, so that a camera that comes later can be opened.
    connects: sockets, or folders of them, to which connections are made later; from Landlock 9 on no others can be.
    reads: files and folders beside the program's own that must stay readable: photos, a clip, a model.
    Source: seccomp(2), landlock(7), capabilities(7).
    """
    rules = DeviceRules() if hotplug else None
    threads = seccomp.count_threads()
    cameras = None if hotplug else _identities()
    reads = list(reads)
    needed = [Path(path) for path in sys.path if path] + [MODELS, *reads]
    missing = list(privileges.give_up(needed))
    walls = landlock.restrict(threads, hotplug, connects, reads)
    covered = walls.abi > 0 and walls.all_threads
    if walls.abi == 0:
        missing.append(f"no Landlock: {walls.reason}")
    elif not covered:
        missing.append(f"{threads - 1} other threads without Landlock")
    missing += seccomp.install(syscall_rules.FIRST if covered else (*syscall_rules.FIRST, *syscall_rules.FILES))
    # A thread that Landlock doesn't reach cannot be asked to try: that it may write is known all the same.
    breaches = ("writable", "device") if walls.abi and not covered else ()
    return Confinement(walls.abi, tuple(missing), breaches, cameras if walls.abi else None, rules)


def confine_running() -> tuple[str, ...]:
    """The second stage, with the camera open and before its first picture: no new programs or processes, only threads.

    Holds for all threads, whichever calls it. Returns what this kernel would not do, one sentence each.
    """
    return seccomp.install(syscall_rules.SECOND)


def _identities() -> frozenset[tuple[str, int]]:
    found = set()
    for path in camera_nodes():
        try:
            found.add((str(path), path.stat().st_ino))
        except OSError:
            continue  # unplugged just now
    return frozenset(found)
