"""Rules about system calls, and the program in the kernel's classic BPF that a list of them becomes.

The kernel runs the program before every system call, over ``struct seccomp_data``: the call's number, the
architecture that it was made for, and its six arguments of 64 bits each. It cannot follow pointers, so rules are about
numbers and flags only. Source: Documentation/userspace-api/seccomp_filter.rst, linux/filter.h.

Every argument that a rule looks at is an ``int`` or ``unsigned int`` to the kernel (or flags of which it takes the low
half, as ``clone``): the low word is all that counts, and what the high word holds must not change a verdict.
"""

import errno
import struct
from collections.abc import Iterable
from typing import NamedTuple

from edge.sense.sandbox.syscall_numbers import NUMBERS, Architecture

LOAD_WORD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, ERROR = 0x7FFF0000, 0x00050000
"""SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO, to which the error number is added."""
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16


class Instruction(NamedTuple):
    """One ``struct sock_filter``. yes, no: how many instructions a jump skips."""

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
    """The call ``name`` ends with ``error`` where all conditions hold; without conditions, always."""

    name: str
    error: int = errno.EPERM
    where: tuple[Where, ...] = ()


def assemble(architecture: Architecture, rules: Iterable[Deny]) -> list[Instruction]:
    """The program for ``rules``: what none of them denies is allowed, a call for another architecture never.

    A rule about a call that this architecture doesn't have is left out. Raises KeyError at a test that is none.
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
    """The program as the kernel reads it."""
    return b"".join(struct.pack("=HBBI", line.code, line.yes, line.no, line.value) for line in program)


def _conditions(where: tuple[Where, ...]) -> list[Instruction]:
    """Loads and jumps; one that doesn't hold jumps behind the return that follows them."""
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
"""The jump that decides a test, and whether it holds where that jump is taken."""
