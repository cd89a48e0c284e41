"""System call filter (seccomp) for all threads of this process: rules, their BPF program, and its installation.

The kernel runs a program in classic BPF before every system call, over ``struct seccomp_data``: the call's number, the
architecture that it was made for, and its six arguments of 64 bits each. The program cannot follow pointers, so rules
are about numbers and flags only. Filters can be added and never be removed.
Source: seccomp(2), Documentation/userspace-api/seccomp_filter.rst, linux/filter.h.

The kernel treats every argument that a rule looks at as ``int`` or ``unsigned int`` (or as flags of which it takes the
low half, as ``clone`` does): only the low word counts, and the high word must not change a verdict.
"""

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from edge.sense.sandbox.kernel_calls import call, prctl
from edge.sense.sandbox.syscall_numbers import NUMBERS, Architecture, this_architecture

LOAD_WORD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, ERROR = 0x7FFF0000, 0x00050000
"""SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO, to which the error number is added."""
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
"""SECCOMP_SET_MODE_FILTER; SECCOMP_FILTER_FLAG_TSYNC."""
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


class Instruction(NamedTuple):
    """One ``struct sock_filter``; ``yes`` and ``no`` are the numbers of instructions that a jump skips."""

    code: int
    value: int
    yes: int = 0
    no: int = 0


class Where(NamedTuple):
    """A condition on one argument (0..5): ``is``, ``is_not``, ``has`` any bit of, ``lacks`` all bits of ``value``."""

    argument: int
    test: str
    value: int


class Deny(NamedTuple):
    """Make the system call ``name`` fail with ``error`` if all conditions hold; without conditions, always."""

    name: str
    error: int = errno.EPERM
    where: tuple[Where, ...] = ()


def assemble(architecture: Architecture, rules: Iterable[Deny]) -> list[Instruction]:
    """Translate rules to BPF; all other calls are allowed, except those for another architecture.

    Returns:
        The program, without the rules about calls that this architecture does not have.

    Raises:
        KeyError: A rule has an unknown test.
    """
    refuse = Instruction(RETURN, ERROR | errno.EPERM)
    load_number = Instruction(LOAD_WORD, _NUMBER_AT)
    program = [
        Instruction(LOAD_WORD, _ARCHITECTURE_AT),
        Instruction(JUMP_EQUAL, architecture.audit, yes=1),
        refuse,
        load_number,
    ]
    if architecture.foreign is not None:
        program += [Instruction(JUMP_AT_LEAST, architecture.foreign, no=1), refuse]
    for rule in rules:
        number = NUMBERS[architecture].get(rule.name)
        if number is None:
            continue
        body = [*_conditions(rule.where), Instruction(RETURN, ERROR | rule.error)]
        program.append(Instruction(JUMP_EQUAL, number, no=len(body)))
        program += body
        if rule.where:
            program.append(load_number)  # the conditions have loaded arguments over it
    return [*program, Instruction(RETURN, ALLOW)]


def pack(program: Iterable[Instruction]) -> bytes:
    """Encode a program as the kernel reads it."""
    return b"".join(struct.pack("=HBBI", line.code, line.yes, line.no, line.value) for line in program)


def _conditions(where: tuple[Where, ...]) -> list[Instruction]:
    """Loads and jumps of the conditions; one that does not hold jumps past the return that follows them."""
    lines: list[Instruction] = []
    for position, (argument, test, value) in enumerate(where):
        code, wanted = _TESTS[test]
        out = 2 * (len(where) - position - 1) + 1
        lines.append(Instruction(LOAD_WORD, _ARGUMENTS_AT + 8 * argument))
        lines.append(Instruction(code, value, yes=0 if wanted else out, no=out if wanted else 0))
    return lines


_TESTS = {
    "is": (JUMP_EQUAL, True),
    "is_not": (JUMP_EQUAL, False),
    "has": (JUMP_ANY_BIT, True),
    "lacks": (JUMP_ANY_BIT, False),
}
"""Jump instruction of each test, and whether the test holds if the jump is taken."""


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install(rules: Iterable[Deny]) -> tuple[str, ...]:
    """Install a filter for all threads; needs no_new_privs or CAP_SYS_ADMIN.

    Returns:
        One sentence for each thing that could not be done.
    """
    architecture = this_architecture()
    if architecture is None:
        return (f"no system call filter: none is known for a {platform.machine()} of this kind",)
    content = pack(assemble(architecture, rules))
    program = _Program(len(content) // 8, content)
    try:
        if call("seccomp", _SET_MODE_FILTER, _ALL_THREADS, program) == 0:
            return ()
        # A thread has a filter of its own, which the kernel does not replace: it returned the thread and did nothing.
    except OSError:
        pass  # an older kernel, or a filter around us that forbids filters made this way
    try:
        prctl(_PR_SET_SECCOMP, _MODE_FILTER, program)
    except OSError as error:
        return (f"no system call filter: {error.strerror}",)
    others = count_threads() - 1
    return (f"{others} other threads without the system call filter",) if others else ()


def count_threads() -> int:
    """Count the threads of this process, including this one."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())
