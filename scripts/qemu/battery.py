"""Judge what ``guest/battery.py`` printed in a machine, with strace's word for what was called."""

import re
from typing import NamedTuple

_CALL = re.compile(r'^(?:\d+ +)?write\(1, "call (\w+)\\n"')
_NAME = re.compile(r"^(?:\d+ +)?(?:\d\d:\S+ )?(\w+)\(")


class Judgement(NamedTuple):
    """What a battery showed."""

    wrong: list[str]
    """In words."""
    tried: int
    """Number of rules."""
    unnamed: list[str]
    """Calls that are younger than this strace, which shows their number alone."""


def judge(printed: str, trace: str) -> Judgement:
    """Compare.

    Args:
        printed: Standard output of the battery.
        trace: What strace wrote of it.

    Returns:
        What follows.
    """
    wrong = [line for line in printed.splitlines() if line.startswith("rule ")]
    told = re.search(r"^(\d+) rules on \S+, (\d+) not as said$", printed, re.MULTILINE)
    if not told:
        return Judgement([*wrong, f"the battery did not end: {printed[-300:]}"], 0, [])
    called = called_names(trace)
    unnamed = [name for name, real in called if real.startswith("syscall_0x")]
    others = [(name, real) for name, real in called if real != name and name not in unnamed]
    wrong += [f"what the product calls {name} is {real} to strace" for name, real in others]
    if len(called) != int(told[1]):
        wrong.append(f"strace saw {len(called)} of {told[1]} calls")
    return Judgement(wrong, int(told[1]), unnamed)


def called_names(trace: str) -> list[tuple[str, str]]:
    """List each announced call with the name of the call that followed it."""
    found, announced = [], ""
    for line in trace.splitlines():
        name = _NAME.match(line)
        if announced and name:
            found.append((announced, name[1]))
            announced = ""
        if call := _CALL.match(line):
            announced = call[1]
    return found
