"""A process of its own for each test of the seal: what a process gives up it never gets back.

Planted breaches replace private functions and constants of the sandbox, in that process alone: they break the product
on purpose, at the very place where a fault would be. If such a name goes, the breach is not found and the test fails.
"""

import errno
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parent.parent.parent.parent
NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to plant or to give up")

PRELUDE = """
import ctypes, errno, fcntl, json, os, socket, sys, threading, time
from pathlib import Path
from edge.sense.sandbox import confine, device_nodes, landlock, privileges, probe_files, probe_process
from edge.sense.sandbox import probe_sockets, probe_syscalls, seccomp, self_test, syscall_rules
from edge.sense.sandbox.confine import confine_running, confine_start
from edge.sense.sandbox.self_test import ProbeTargets, check_seal

libc = ctypes.CDLL(None, use_errno=True)

def attempt(action):
    # "open", or the name of the error with which the kernel answers
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "open"

def foreign(name, *arguments):
    # a function of the C library, its failure raised
    ctypes.set_errno(0)
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)

def tell(value):
    print(json.dumps(value), flush=True)
"""


def child(script: str, user: int | None = None, **names: Any) -> Any:
    """What the script tells last, run with ``names`` defined; streams are pipes, so that nothing else is open.

    user: whom to become when everything is imported, since Python itself may lie in a home that others cannot read.
    """
    defined = "\n".join(f"{name} = {_literal(value)}" for name, value in names.items())
    if user is not None:
        defined += f"\nos.setgroups([])\nos.setresgid(*[{user}] * 3)\nos.setresuid(*[{user}] * 3)"
    result = subprocess.run(
        [sys.executable, "-P", "-c", f"{PRELUDE}\n{defined}\n{textwrap.dedent(script)}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "OPENBLAS_NUM_THREADS": "1"},
    )
    assert result.returncode == 0, f"exit status {result.returncode}: {result.stderr}"
    return json.loads(result.stdout.splitlines()[-1])


def _literal(value: Any) -> str:
    return f"Path({str(value)!r})" if isinstance(value, Path) else repr(value)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder, and in it the file ``old``, that everybody may write, so that only the sandbox can forbid it."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o777)
        (path / "old").write_text("old")
        (path / "old").chmod(0o666)
        if os.geteuid() == 0:
            os.chown(path / "old", NOBODY, NOBODY)
        yield path


def landlock_version() -> tuple[int, str]:
    """Of this machine's kernel, and the name of its error; 0 where it has none, or where a container denies it."""
    version, answer = child(
        "answer = attempt(landlock.version)\ntell([answer == 'open' and landlock.version(), answer])"
    )
    return int(version), str(answer)


LANDLOCK, ANSWER = landlock_version()
NO_LANDLOCK = [] if LANDLOCK else [f"no Landlock: {os.strerror(getattr(errno, ANSWER))}"]
"""Told on every kernel that has none, before what a test is about."""
needs_landlock = pytest.mark.skipif(LANDLOCK == 0, reason="this kernel has no Landlock")
needs_scopes = pytest.mark.skipif(LANDLOCK < 6, reason="Landlock scopes came with Linux 6.12")
USERS = [pytest.param(None, id="as_is"), pytest.param(NOBODY, id="nobody", marks=needs_root)]

QUIET = "around = ProbeTargets(services=())\n"
"""A desk's own services answer to everybody, which is a breach of its own and not the one planted."""
if LANDLOCK < 6:
    QUIET += "probe_sockets.abstract_names = lambda proc: iter(())\n"
SEAL = "confine_start()\nconfine_running()\n"
TELL = "tell(check_seal(running=True, installed=False, targets=around))"


def found(before: str = "", after: str = "", seal: str = SEAL, user: int | None = None, **names: object) -> list[str]:
    """Breaches found in a sandbox with something planted before or after it was confined."""
    return list(child("\n".join([QUIET, before, seal, after, TELL]), user, **names))
