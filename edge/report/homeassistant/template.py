"""Jinja templates by which Home Assistant reads this sensor's messages."""

import json
from collections.abc import Mapping


def value(*path: str) -> str:
    """Make the expression of the value at ``path`` in a JSON message; none if any part of it is missing or null."""
    # No part of it makes Home Assistant log a warning, not even in an empty message (a retained one being taken away).
    expression = "(value_json|default({}))"
    for key in path[:-1]:
        expression = f"({expression}.get('{key}') or {{}})"
    return f"{expression}.get('{path[-1]}')"


def shown(*path: str) -> str:
    """Show the value as it is; null reads as None, which every platform of Home Assistant takes for unknown."""
    return f"{{{{ {value(*path)} }}}}"


def flag(*path: str) -> str:
    """ON or OFF, and None for null: nothing ever turns off because nobody looked."""
    return f"{{{{ {{true: 'ON', false: 'OFF'}}.get({value(*path)}) }}}}"


def word(shown: Mapping[str, str], *path: str) -> str:
    """Show a word as ``shown`` has it; None for null."""
    return f"{{{{ {_table(shown)}.get({value(*path)}) }}}}"


def command(shown: Mapping[str, str]) -> str:
    """Send the word of what was chosen."""
    return f"{{{{ {_table({text: word for word, text in shown.items()})}.get(value) }}}}"


def _table(words: Mapping[str, str]) -> str:
    # Jinja reads such texts as JSON has them; escapes of JSON for letters beyond ASCII it would read as halves of them.
    return json.dumps(words, ensure_ascii=False)


def heard(within: int = 0) -> str:
    """Return the availability after a message: online if it is one, and was said ``within`` s ago (0: whenever)."""
    recent = f"now().timestamp() - ({value('time')} or 0) < {within}" if within else f"{value('time')} is not none"
    return f"{{{{ 'online' if {recent} else 'offline' }}}}"


def problem(condition: str) -> str:
    """ON if ``condition`` holds, else OFF; None before anything was said."""
    return f"{{{{ None if {value('time')} is none else 'ON' if {condition} else 'OFF' }}}}"


def inverted(*path: str) -> str:
    """ON for false, OFF for true, and None for null."""
    return f"{{{{ {{true: 'OFF', false: 'ON'}}.get({value(*path)}) }}}}"


def total(*path: str) -> str:
    """The sum of an object's values; None where there is none."""
    return f"{{{{ {value(*path)}.values()|sum if {value(*path)} is mapping else None }}}}"


READ = {"shown": shown, "flag": flag, "inverted": inverted, "sum": total}
"""Ways to read a value, by ``Entity.reads``."""
