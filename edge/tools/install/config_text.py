"""The text of config.toml: the first one, and any with some keys set and the rest as its owner wrote it."""

import re
import tomllib
from collections.abc import Mapping

from edge.config.toml_text import toml_value
from edge.errors import BadSetting

Keys = Mapping[tuple[str, str], str | int | bool | None]
"""Value by section and key; None: the key is left out."""

FIRST_CONFIG = """\
[camera]
source = "auto"
wait = true
require_seal = true

[mqtt]
host = "127.0.0.1"
port = 0
"""
"""Of installed services, before anything was asked."""


def set_keys(text: str, keys: Keys) -> str:
    """Set keys of TOML text; what has the value already stays as it is written, and so does each comment.

    Returns:
        The new text.

    Raises:
        BadSetting: The text is no TOML, or a key is written in a way that cannot be changed line by line.
    """
    found = _parse(text)
    for (section, key), value in keys.items():
        if found.get(section, {}).get(key) != value:
            text = _set(text, section, key, value)
    try:
        found = _parse(text)
    except BadSetting:
        found = {}
    for (section, key), value in keys.items():
        if found.get(section, {}).get(key) != value:
            raise BadSetting(f"{section}.{key} is written in a way that is not understood here; please set it by hand")
    return text


def _set(text: str, section: str, key: str, value: str | int | bool | None) -> str:
    line = f"{key} = {toml_value(value)}"
    header = re.search(rf"^[ \t]*\[[ \t]*{section}[ \t]*\].*$", text, re.MULTILINE)
    if not header:
        return text if value is None else f"{text.rstrip()}\n\n[{section}]\n{line}\n".lstrip()
    rest = text[header.end() :]
    following = re.search(r"^[ \t]*\[", rest, re.MULTILINE)
    body, after = (rest[: following.start()], rest[following.start() :]) if following else (rest, "")
    old = re.search(rf"^[ \t]*{key}[ \t]*=(.*)$(\n?)", body, re.MULTILINE)
    if old:
        comment = _comment(old[1])
        line = f"{line}{comment}{old[2]}" if value is not None else f"{comment.lstrip()}{old[2]}" if comment else ""
        body = body[: old.start()] + line + body[old.end() :]
    elif value is not None:
        body = f"{body.rstrip()}\n{line}{body[len(body.rstrip()) :] or chr(10)}"
    return text[: header.end()] + body + after


def _comment(rest: str) -> str:
    """Find the comment behind a value, and the spaces before it; empty where there is none."""
    for mark in re.finditer(r"[ \t]*#", rest):
        try:
            tomllib.loads(f"value ={rest[: mark.start()]}")
        except tomllib.TOMLDecodeError:
            continue  # it is a part of the value
        return rest[mark.start() :].rstrip("\r")
    return ""


def _parse(text: str) -> dict[str, dict[str, object]]:
    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSetting(f"the configuration is not valid TOML: {error}") from error
    return {name: part for name, part in found.items() if isinstance(part, dict)}
