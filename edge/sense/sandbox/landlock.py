"""Restrict this process with Landlock: files stay readable and become unwritable, and only allowed devices open.

Files that are already open stay open. Every version of Landlock can forbid more: all that this kernel offers is used.
Source: Documentation/userspace-api/landlock.rst, linux/landlock.h.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from edge.sense.sandbox.device_nodes import allowed_nodes
from edge.sense.sandbox.kernel_calls import call

_EXECUTE, WRITE_FILE, READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_AND_REMOVE = sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE, IOCTL_DEVICE, RESOLVE_UNIX = 1 << 13, 1 << 14, 1 << 15, 1 << 16
_TCP = 1 << 0 | 1 << 1
_ABSTRACT_SOCKETS_AND_SIGNALS = 1 << 0 | 1 << 1
_NO_LOG, _ALL_THREADS = 1 << 0, 1 << 3
_PATH_BENEATH, _ASK_VERSION = 1, 1


class _Ruleset(ctypes.Structure):
    """``struct landlock_ruleset_attr``; older kernels take the first fields only, or zeros in the others."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    """``struct landlock_path_beneath_attr``."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class Landlock(NamedTuple):
    """Result: version in force (0: none), whether it covers all threads, and the reason if there is none."""

    abi: int
    all_threads: bool
    reason: str = ""


def version() -> int:
    """Version of Landlock in this kernel.

    Returns:
        1 or more.

    Raises:
        OSError: There is none, or it may not be asked.
    """
    return call("landlock_create_ruleset", None, 0, _ASK_VERSION)


def handled(abi: int, connects: bool = False) -> tuple[int, int, int]:
    """Access rights that a version can restrict.

    Args:
        abi: The version.
        connects: Include connecting to UNIX sockets by path.

    Returns:
        Rights on files, on the network, and towards other processes.
    """
    files = WRITE_FILE | READ_FILE | _MAKE_AND_REMOVE
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, IOCTL_DEVICE)):
        files |= right if abi >= since else 0
    files |= RESOLVE_UNIX if abi >= 9 and connects else 0
    return files, _TCP if abi >= 4 else 0, _ABSTRACT_SOCKETS_AND_SIGNALS if abi >= 6 else 0


def restrict(
    threads: int, hotplug: bool = False, connects: Iterable[Path] = (), reads: Iterable[Path] = ()
) -> Landlock:
    """Apply Landlock to this process as far as the kernel can; raises nothing.

    Args:
        threads: Their number; before version 8 only the calling one and those that it starts are covered.
        hotplug: Allow all of /dev instead of the cameras that exist now, as a camera that appears later has a new
            node; for use where the unit's list of devices restricts the rest.
        connects: UNIX sockets, or folders of them, that may be connected to (from version 9 on); if one of them does
            not exist yet, or none is given, all may be.
        reads: Files and folders that stay readable, even below /dev.

    Returns:
        What was reached.
    """
    try:
        abi = version()
        connects, reads = list(connects), list(reads)
        # A rule needs a file that exists; a socket that is made later could not be allowed any more.
        rights = handled(abi, bool(connects) and all(path.exists() for path in connects))
        ruleset = call("landlock_create_ruleset", _Ruleset(*rights), 8 if abi < 4 else 16 if abi < 6 else 24, 0)
        try:
            _allow(ruleset, rights[0], hotplug, connects, reads)
            # The probes of the self-test, every minute, would fill the audit log.
            flags = (_NO_LOG if abi >= 7 else 0) | (_ALL_THREADS if abi >= 8 else 0)
            call("landlock_restrict_self", ruleset, flags)
        finally:
            os.close(ruleset)
    except OSError as error:
        return Landlock(0, False, error.strerror or str(error))
    return Landlock(abi, abi >= 8 or threads == 1)


def _allow(ruleset: int, files: int, hotplug: bool, connects: list[Path], reads: list[Path]) -> None:
    # Below an allowed folder nothing can be forbidden: to leave out /dev, allow everything beside it.
    for path in sorted(Path("/").iterdir()):
        if path.name != "dev":
            _allow_beneath(ruleset, path, READ_FILE)
    for path in reads:
        _allow_beneath(ruleset, path, READ_FILE)
    device = (READ_FILE | WRITE_FILE | IOCTL_DEVICE) & files
    for path in [Path("/dev")] if hotplug else allowed_nodes():
        _allow_beneath(ruleset, path, device)
    for path in connects:
        _allow_beneath(ruleset, path, RESOLVE_UNIX & files)


def _allow_beneath(ruleset: int, path: Path, rights: int) -> None:
    if not rights:
        return
    try:
        # O_PATH does not open a device, and so does not start it.
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # cannot be reached anyway
    try:
        call("landlock_add_rule", ruleset, _PATH_BENEATH, _Beneath(rights, parent), 0)
    except OSError:
        pass  # an object of the kernel that takes no rules; it stays forbidden
    finally:
        os.close(parent)
