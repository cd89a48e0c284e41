"""Jinja templates by which Home Assistant reads this sensor's messages."""


def value(*path: str) -> str:
    """Make the expression of the value at ``path`` in a JSON message; none if any part of it is missing or null."""
    # No part of it makes Home Assistant log a warning, not even in an empty message (a retained one being taken away).
    expression = "(value_json|default({}))"
    for key in path[:-1]:
        expression = f"({expression}.get('{key}') or {{}})"
    return f"{expression}.get('{path[-1]}')"


def shown(*path: str) -> str:
    """Show the value as it is; null reads as None, which Home Assistant takes for unknown."""
    return f"{{{{ {value(*path)} }}}}"


def flag(*path: str) -> str:
    """ON or OFF, and None for null: nothing ever turns off because nobody looked."""
    return f"{{{{ {{true: 'ON', false: 'OFF'}}.get({value(*path)}) }}}}"


def if_so(condition: str, words: tuple[str, str]) -> str:
    """Choose the first word if ``condition`` holds, else the second."""
    return f"{{{{ '{words[0]}' if {condition} else '{words[1]}' }}}}"


def known(*path: str, within: int = 0) -> str:
    """Return the availability of a value: online if it is known, and was said ``within`` s (0: whenever that was)."""
    recent = f" and now().timestamp() - ({value('time')} or 0) < {within}" if within else ""
    return if_so(f"{value(*path)} is not none{recent}", ("online", "offline"))


def inverted(*path: str) -> str:
    """ON for false and OFF for everything else: a problem that is certain."""
    return if_so(f"{value(*path)} is sameas false", ("ON", "OFF"))


def total(*path: str) -> str:
    """The sum of an object's values."""
    return f"{{{{ ({value(*path)} or {{}}).values()|sum }}}}"


def versions(*path: str) -> str:
    """Show two versions to an update entity: the one that runs, and the one on the disk, of ``<path>_on_disk``."""
    # An empty object changes nothing there.
    latest = value(*path[:-1], f"{path[-1]}_on_disk")
    both = f"{{'installed_version': {value(*path)}, 'latest_version': {latest}}}"
    return f"{{{{ ({both} if {value(*path)} else {{}})|to_json }}}}"


READ = {"shown": shown, "flag": flag, "inverted": inverted, "sum": total, "versions": versions}
"""Ways to read a value, by ``Entity.reads``."""
