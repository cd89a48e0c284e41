"""Calls every system call that the sandbox denies, from inside of the sandbox; prints what was not denied as said.

Runs in a machine under strace, which names the calls by numbers of its own: ``call NAME`` is followed by that call.
With ``--no-landlock`` the kernel is taken for one without Landlock, so that the rules for files are in force too.
"""

import errno
import os
import sys
import threading

from edge.sense.sandbox import landlock, syscall_rules
from edge.sense.sandbox.confine import confine_running, confine_start
from edge.sense.sandbox.kernel_calls import call
from edge.sense.sandbox.seccomp import Deny
from edge.sense.sandbox.syscall_numbers import NUMBERS, this_architecture

_NETLINK, _RAW, _OTHER = 16, 3, 0x7FFF


def main() -> int:
    """Print ``rule NAME ok`` or ``rule NAME found FOUND, expected EXPECTED`` for each; 1 if one is not as said."""
    without = "--no-landlock" in sys.argv
    if without:
        landlock.version = _no_landlock
    confined, missing = confine_start(), confine_running()
    print("landlock", confined.landlock, "missing", [*confined.missing, *missing], flush=True)
    started = threading.Thread(target=lambda: None)
    started.start()
    started.join()
    architecture = this_architecture()
    assert architecture, "a processor that the sandbox does not know"
    rules = [*syscall_rules.FIRST, *syscall_rules.SECOND, *(syscall_rules.FILES if without else ())]
    rules = [rule for rule in rules if rule.name in NUMBERS[architecture]]
    wrong = sum(not _holds(rule) for rule in rules)
    print(f"{len(rules)} rules on {architecture.name}, {wrong} not as said", flush=True)
    return min(wrong, 1)


def _no_landlock() -> int:
    raise OSError(errno.EOPNOTSUPP, "taken for a kernel without it")


def _holds(rule: Deny) -> bool:
    arguments = [-1, 0, 0, 0, 0, 0]
    for where in rule.where:
        meets = {"is": where.value, "has": where.value & -where.value, "lacks": 0, "is_not": _OTHER}
        arguments[where.argument] = meets[where.test]
    if rule.name == "socket" and rule.where[0].test == "is":
        arguments[:3] = [_NETLINK, _RAW, 0]
    os.write(1, f"call {rule.name}\n".encode())
    try:
        call(rule.name, *arguments)
        found = 0
    except OSError as error:
        found = error.errno or 0
    if found == rule.error:
        return True
    print(
        f"rule {rule.name} found {errno.errorcode.get(found, found)}, expected {errno.errorcode[rule.error]}",
        flush=True,
    )
    return False


if __name__ == "__main__":
    sys.exit(main())
