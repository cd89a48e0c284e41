"""Judge what ``guest/battery.py`` printed in a machine, with strace's word for what was called."""

import re

_CALL = re.compile(r'^(?:\d+ +)?write\(1, "call (\w+)\\n"')
_NAME = re.compile(r"^(?:\d+ +)?(?:\d\d:\S+ )?(\w+)\(")


def judge(printed: str, trace: str) -> tuple[list[str], int]:
    """Compare.

    Args:
        printed: Standard output of the battery.
        trace: What strace wrote of it.

    Returns:
        What is wrong, in words; and how many rules were tried.
    """
    wrong = [line for line in printed.splitlines() if line.startswith("rule ")]
    told = re.search(r"^(\d+) rules on \S+, (\d+) not as said$", printed, re.MULTILINE)
    if not told:
        return [*wrong, f"the battery did not end: {printed[-300:]}"], 0
    called = called_names(trace)
    wrong += [f"what the product calls {name} is {real} to strace" for name, real in called if name != real]
    if len(called) != int(told[1]):
        wrong.append(f"strace saw {len(called)} of {told[1]} calls")
    return wrong, int(told[1])


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
