"""The text of config.toml with some keys set, and the rest as its owner wrote it."""

import json
import re
import tomllib
from collections.abc import Mapping

from edge.errors import BadSetting

Keys = Mapping[tuple[str, str], str | int | bool]
"""Value by section and key."""


def set_keys(text: str, keys: Keys) -> str:
    """Set keys of TOML text; what has the value already stays as it is written.

    Returns:
        The new text.

    Raises:
        BadSetting: The text is no TOML, or a key is written in a way that cannot be changed line by line.
    """
    for (section, key), value in keys.items():
        if _parse(text).get(section, {}).get(key) != value:
            text = _set(text, section, key, f"{key} = {json.dumps(value, ensure_ascii=False)}")
    found = _parse(text)
    for (section, key), value in keys.items():
        if found.get(section, {}).get(key) != value:
            raise BadSetting(f"{section}.{key} is written in a way that is not understood here; please set it by hand")
    return text


def _set(text: str, section: str, key: str, line: str) -> str:
    header = re.search(rf"^[ \t]*\[[ \t]*{section}[ \t]*\].*$", text, re.MULTILINE)
    if not header:
        return f"{text.rstrip()}\n\n[{section}]\n{line}\n".lstrip()
    rest = text[header.end() :]
    following = re.search(r"^[ \t]*\[", rest, re.MULTILINE)
    body, after = (rest[: following.start()], rest[following.start() :]) if following else (rest, "")
    old = re.search(rf"^[ \t]*{key}[ \t]*=.*$", body, re.MULTILINE)
    if old:
        body = body[: old.start()] + line + body[old.end() :]
    else:
        body = f"{body.rstrip()}\n{line}{body[len(body.rstrip()) :] or chr(10)}"
    return text[: header.end()] + body + after


def _parse(text: str) -> dict[str, dict[str, object]]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"the configuration is not valid TOML: {error}") from error
    return {name: part for name, part in found.items() if isinstance(part, dict)}
