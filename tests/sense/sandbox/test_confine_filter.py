"""The filter's programs, run by a machine of our own for all three processors."""

import ctypes
import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sense.sandbox import syscall_rules
from edge.sense.sandbox.seccomp import Deny, Where, assemble, pack
from edge.sense.sandbox.syscall_numbers import (
    AARCH64,
    ARCHITECTURES,
    ARM,
    DENIED,
    NUMBERS,
    X86_64,
    Architecture,
    this_architecture,
)
from tests.sense.sandbox.bpf_machine import ALLOWED, denied, verdict

NAMES = set().union(*NUMBERS.values())
ALL_RULES = {"first": syscall_rules.FIRST, "files": syscall_rules.FILES, "second": syscall_rules.SECOND}
architectures = st.sampled_from(ARCHITECTURES)
words = st.integers(0, 2**32 - 1)
any_arguments = st.tuples(*[st.integers(0, 2**64 - 1)] * 6)
UNIX, INET, INET6, NETLINK = 1, 2, 10, 16


def ask(architecture: Architecture, name: str, *arguments: int, rules: tuple[Deny, ...] = syscall_rules.FIRST) -> int:
    return verdict(
        pack(assemble(architecture, rules)), NUMBERS[architecture][name], architecture.audit, tuple(arguments)
    )


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.name)
def test_numbers_are_those_that_libseccomp_knows(architecture: Architecture) -> None:
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed: nothing to compare the table with")
    resolve = library.seccomp_syscall_resolve_name_arch
    resolve.argtypes = [ctypes.c_uint32, ctypes.c_char_p]
    known = {name: resolve(architecture.audit, name.encode()) for name in NAMES}
    unknown = {"setxattrat", "removexattrat", "open_tree_attr"}  # newer than the libseccomp of Debian 12
    for name, number in known.items():
        if name not in unknown or number >= 0:
            assert NUMBERS[architecture].get(name, -1) == max(number, -1), name


@pytest.mark.parametrize(
    ("machine", "pointer", "architecture"),
    [
        ("x86_64", 8, X86_64),
        ("aarch64", 8, AARCH64),
        ("aarch64", 4, ARM),  # a 32-bit Raspberry Pi OS on its 64-bit kernel
        ("armv8l", 4, ARM),
        ("armv7l", 4, ARM),
        ("x86_64", 4, None),
        ("i686", 4, None),
        ("armv6l", 4, None),
        ("riscv64", 8, None),
    ],
)
def test_the_processor_is_told_by_its_name_and_its_pointers(
    machine: str, pointer: int, architecture: Architecture | None
) -> None:
    assert this_architecture(machine, pointer) is architecture


def test_every_rule_names_a_call_of_the_table_and_every_reason_there_is_one_of_a_rule() -> None:
    for rules in ALL_RULES.values():
        assert {rule.name for rule in rules} <= NAMES
    denied = {rule.name for rules in ALL_RULES.values() for rule in rules if not rule.where}
    assert {name for names in DENIED.values() for name in names} <= denied


@given(architectures, st.integers(0, 1000), any_arguments)
def test_what_no_rule_names_is_allowed(architecture: Architecture, number: int, arguments: tuple[int, ...]) -> None:
    for rules in ALL_RULES.values():
        named = {NUMBERS[architecture].get(rule.name) for rule in rules}
        if number not in named:
            assert verdict(pack(assemble(architecture, rules)), number, architecture.audit, arguments) == ALLOWED


@given(architectures, st.sampled_from(sorted(ALL_RULES)), any_arguments)
def test_every_call_that_a_rule_denies_is_denied_whatever_its_arguments(
    architecture: Architecture, stage: str, arguments: tuple[int, ...]
) -> None:
    for rule in ALL_RULES[stage]:
        if not rule.where and rule.name in NUMBERS[architecture]:
            assert ask(architecture, rule.name, *arguments, rules=ALL_RULES[stage]) == denied(rule.error)


@given(architectures, words, words, words)
def test_only_unix_and_uevent_sockets_are_allowed(
    architecture: Architecture, family: int, protocol: int, high: int
) -> None:
    got = ask(architecture, "socket", high << 32 | family, 2, high << 32 | protocol)
    if family in (UNIX, NETLINK):
        allowed = family == UNIX or protocol == 15
        assert got == (ALLOWED if allowed else denied(errno.EPROTONOSUPPORT))
    else:
        assert got == denied(errno.EAFNOSUPPORT)


@pytest.mark.parametrize(
    ("direction", "number", "size"),
    [(2, 0, 104), (3, 2, 64), (3, 74, 44), (3, 36, 68), (3, 37, 44), (3, 28, 8)],
    ids=["QUERYCAP", "ENUM_FMT", "ENUM_FRAMESIZES", "QUERYCTRL", "QUERYMENU", "S_CTRL"],
)
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.name)
def test_what_a_webcam_is_asked_is_allowed_in_both_stages(
    architecture: Architecture, direction: int, number: int, size: int
) -> None:
    request = direction << 30 | size << 16 | ord("V") << 8 | number
    for rules in (syscall_rules.FIRST, syscall_rules.SECOND):
        assert ask(architecture, "ioctl", 7, request, rules=rules) == ALLOWED


@pytest.mark.parametrize("high", [0, 1, 0x80000000, 0xFFFFFFFF])
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.name)
def test_the_high_word_of_an_argument_hides_nothing(architecture: Architecture, high: int) -> None:
    high <<= 32
    assert ask(architecture, "socket", high | UNIX, 1, 0) == ALLOWED
    assert ask(architecture, "socket", high | NETLINK, 2, high | 15) == ALLOWED
    assert ask(architecture, "socket", high | NETLINK, 2, high | 0) == denied(errno.EPROTONOSUPPORT)
    assert ask(architecture, "socketpair", high | INET6, 1, 0) == denied(errno.EAFNOSUPPORT)
    assert ask(architecture, "ioctl", 0, high | 0x5412) == denied(errno.EPERM)
    assert ask(architecture, "ioctl", 0, high | 0x5413) == ALLOWED
    assert ask(architecture, "clone", high | 0x10000000) == denied(errno.EPERM)
    assert ask(architecture, "clone", high | 0x00010000, rules=syscall_rules.SECOND) == ALLOWED
    assert ask(architecture, "clone", high | 0x00004100, rules=syscall_rules.SECOND) == denied(errno.EPERM)


@given(architectures, words, words)
def test_clone_makes_threads_and_no_namespaces(architecture: Architecture, flags: int, high: int) -> None:
    new = any(flags & 1 << bit for bit in (17, *range(25, 31)))
    assert ask(architecture, "clone", high << 32 | flags) == (denied(errno.EPERM) if new else ALLOWED)
    thread = flags & 1 << 16
    second = ask(architecture, "clone", high << 32 | flags, rules=syscall_rules.SECOND)
    assert second == (ALLOWED if thread else denied(errno.EPERM))


@given(architectures, words)
def test_a_file_may_be_opened_but_not_made(architecture: Architecture, flags: int) -> None:
    makes = flags & (0o100 | 0o1000 | 0o20000000)
    wanted = denied(errno.EPERM) if makes else ALLOWED
    assert ask(architecture, "openat", 0, 0, flags, rules=syscall_rules.FILES) == wanted
    if "open" in NUMBERS[architecture]:
        assert ask(architecture, "open", 0, flags, rules=syscall_rules.FILES) == wanted


@given(architectures, words, st.integers(0, 1000), any_arguments)
def test_a_call_for_another_architecture_is_denied(
    architecture: Architecture, other: int, number: int, arguments: tuple[int, ...]
) -> None:
    if other != architecture.audit:
        for rules in ALL_RULES.values():
            assert verdict(pack(assemble(architecture, rules)), number, other, arguments) == denied(errno.EPERM)


@given(st.integers(0x40000000, 2**32 - 1))
def test_the_x32_calls_of_x86_64_are_denied(number: int) -> None:
    assert verdict(pack(assemble(X86_64, ())), number, X86_64.audit) == denied(errno.EPERM)


def test_calls_of_the_arm_architecture_alone_are_allowed() -> None:
    for number in (0x0F0002, 0x0F0005):  # cacheflush and set_tls: no thread starts without
        assert verdict(pack(assemble(ARM, syscall_rules.FIRST)), number, ARM.audit) == ALLOWED


def test_all_conditions_of_a_rule_must_hold_and_later_rules_still_see_the_number() -> None:
    rules = (Deny("ioctl", 5, (Where(0, "is", 1), Where(1, "has", 6), Where(2, "lacks", 1))), Deny("ioctl", 7))
    for arguments, error in [((1, 4, 2), 5), ((2, 4, 2), 7), ((1, 8, 2), 7), ((1, 4, 3), 7)]:
        assert ask(X86_64, "ioctl", *arguments, rules=rules) == denied(error)
    assert ask(X86_64, "execve", 1, 4, 2, rules=rules) == ALLOWED


def test_an_unknown_test_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        assemble(X86_64, [Deny("ioctl", where=(Where(0, "equals", 1),))])
