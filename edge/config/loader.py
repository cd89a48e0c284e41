"""Read config.toml into ``edge.config.settings.Settings``, and refuse whatever does not belong there.

A message names the file and the key (or the line, where the TOML itself is broken), what was found and what was
expected, because a sensor on a wall is configured by hand and read about in a journal.
"""

import codecs
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from edge.config.settings import NAME, Names, Settings, lists, sections
from edge.config.shapes import SPOKEN, check_places, read_shape, show
from edge.config.texts import check_file_name, without_password
from edge.errors import BadSetting

_Part = TypeVar("_Part")

MOST = 32
"""Greatest number of entries of each ``[[list]]``."""

DEFAULT_PATH = Path("/etc/posenet-edge/config.toml")

_SPOKEN: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
    Path: "a file name",
    **SPOKEN,
}


class Extension(NamedTuple):
    """An addition of another part of the program to the configuration.

    Attributes:
        sections: The dataclass of each further ``[section]``; every field needs a default.
        check: Raises BadSetting for what no single key can tell.
    """

    sections: Mapping[str, type[Any]]
    check: Callable[[Settings], None]


def load(path: Path | None = None, assignments: Iterable[str] = (), extension: Extension | None = None) -> Settings:
    """Read a file, then lay ``KEY=VALUE`` on top.

    Args:
        path: The file; None: ``/etc/posenet-edge/config.toml`` if there is one.
        assignments: Each as ``camera.rotate=90``.
        extension: Sections that are registered elsewhere. None: the reader is ``sense``, which may not import where
            these are registered, so it passes over sections that it does not know. Nothing is lost by that: ``report``
            refuses them, and an installed ``sense`` opens no camera before ``report`` has told it to.

    Returns:
        All settings, checked.

    Raises:
        BadSetting: A file, key or value does not belong there.
    """
    if path is None and DEFAULT_PATH.exists():
        path = DEFAULT_PATH
    table = read_table(path) if path else {}
    where = str(path) if path else "built-in defaults"
    # Absolute, as a service is started in another folder than the tools that look after its files.
    settings = _fill_all(table, where, path.absolute().parent if path else Path(), extension)
    for assignment in assignments:
        settings = _assign(settings, assignment, extension)
    _check_together(settings, where, extension)
    return settings


def load_text(text: str, folder: Path, where: str, extension: Extension | None = None) -> Settings:
    """Read what is to be written into a file.

    Args:
        text: The content of the file.
        folder: Of the file, for the relative file names in it.
        where: Stands in front of each message.
        extension: As for ``load``.

    Returns:
        All settings, checked.

    Raises:
        BadSetting: It is no TOML, or a key or value does not belong there.
    """
    settings = _fill_all(_parse(text, where), where, folder, extension)
    _check_together(settings, where, extension)
    return settings


def lay_over(settings: Settings, table: dict[str, Any], where: str, extension: Extension | None = None) -> Settings:
    """Replace keys and whole ``[[lists]]`` of some settings.

    Args:
        settings: What was loaded.
        table: The new keys and lists, as a file would have them.
        where: Whose they are, for the message.
        extension: As for ``load``.

    Returns:
        All settings, checked.

    Raises:
        BadSetting: A key or value does not belong there.
    """
    whole = _lay_over(settings, table, where, extension)
    _check_together(whole, where, extension)
    return whole


def config_path(text: str | None) -> Path | None:
    """Find the path that ``--config`` or POSENET_EDGE_CONFIG names, if any."""
    text = text or os.environ.get("POSENET_EDGE_CONFIG")
    return expand(text) if text else None


def expand(text: str) -> Path:
    """Put the home folder for ``~``; that of a user who does not exist stays as it is written."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def read_table(path: Path) -> dict[str, Any]:
    """Read a file of TOML.

    Returns:
        What it holds, unchecked.

    Raises:
        BadSetting: It cannot be read, is not UTF-8, or is no TOML.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadSetting(f"{path}: cannot be read ({why}); expected a TOML file") from error
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadSetting(f"{path}: found UTF-16; expected UTF-8: iconv -f UTF-16 -t UTF-8, or save it so in the editor")
    try:
        # Some editors put a mark of three bytes first.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadSetting(f"{path}: line {line} is not UTF-8 (byte {error.start}); expected a TOML file") from error
    return _parse(text, str(path))


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSetting(f"{where}: not valid TOML: {error}") from error


def _assign(settings: Settings, assignment: str, extension: Extension | None) -> Settings:
    """Lay one ``section.key=value`` over; the value is TOML, or a bare text."""
    key, equals, text = assignment.partition("=")
    section, dot, name = key.strip().partition(".")
    if not (equals and dot):
        raise BadSetting(f"--set {assignment!r}: expected SECTION.KEY=VALUE, for example camera.rotate=90")
    if section in lists():
        raise BadSetting(f"--set {assignment!r}: there may be several [[{section}]]; set them in a file")
    value = _typed(text, getattr(_parts(settings).get(section), name, ""))
    return _lay_over(settings, {section: {name: value}}, "--set", extension)


def _lay_over(settings: Settings, table: dict[str, Any], where: str, extension: Extension | None) -> Settings:
    changed: dict[str, Any] = {name: _section(part) for name, part in _parts(settings).items()}
    changed |= {name: [_section(part) for part in getattr(settings, name)] for name in lists()}
    for name, part in table.items():
        changed[name] = part if name in lists() else {**changed.get(name, {}), **part}
    return _fill_all(changed, where, Path(), extension)


def _typed(text: str, present: Any) -> Any:
    """Read what was typed as TOML, else as a text; a number is a text too where a text stands at present."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    return text if isinstance(present, str) and not isinstance(value, str) else value


def _parts(settings: Settings) -> dict[str, Any]:
    """Return the dataclass of each ``[section]``."""
    return {name: getattr(settings, name) for name in sections()} | dict(settings.detectors)


def _section(part: Any) -> dict[str, Any]:
    """Return what is set, as a file would have it: None is a key left out."""
    return {
        entry.name: str(value) if isinstance(value, Path) else value
        for entry in fields(part)
        if (value := getattr(part, entry.name)) is not None
    }


def _fill_all(table: dict[str, Any], where: str, folder: Path, extension: Extension | None) -> Settings:
    """Make settings of a whole file's table."""
    own, registered = sections(), extension.sections if extension else {}
    made: dict[str, Any] = {}
    for key, value in table.items():
        kind = own.get(key) or registered.get(key)
        if key in lists():
            made[key] = _fill_list(lists()[key], value, where, key, folder)
        elif kind is None and extension is None:
            continue
        elif kind is None:
            raise BadSetting(f"{where}: {key}: no such section{_nearest(key, [*own, *registered, *lists()])}")
        elif not isinstance(value, dict):
            raise BadSetting(f"{where}: {key}: expected a section [{key}], found {show(value)}")
        else:
            made[key] = _fill(kind, value, where, f"{key}.", folder)
    detectors = {name: made.pop(name) if name in made else kind() for name, kind in registered.items()}
    return Settings(**made, detectors=detectors)


def _fill(kind: type[_Part], table: dict[str, Any], where: str, prefix: str, folder: Path) -> _Part:
    """Make an instance of the dataclass ``kind`` from a TOML table; keys left out keep their defaults."""
    known = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known and prefix == "device." and isinstance(value, dict):
            raise BadSetting(
                f"{where}: [device.{show(key)}]: found a file for several devices; expected that of one: "
                f"posenet-edge fleet config FILE {key}"
            )
        if key not in known:
            raise BadSetting(f"{where}: {prefix}{key}: no such key{_nearest(key, known)}")
        at = f"{where}: {prefix}{key}"
        if hints[key] == Names:
            values[key] = _names(value, at)
        elif get_origin(hints[key]) is tuple:
            unit = "metres" if table.get("unit") == "metres" else "frame"
            values[key] = read_shape(hints[key], value, at, unit)
        else:
            values[key] = _value(known[key], hints[key], value, at, folder)
    for entry in known.values():
        if entry.name not in values and entry.default is MISSING:
            raise BadSetting(
                f"{where}: {prefix}{entry.name} is missing; expected {_expected(entry, hints[entry.name])}"
            )
    return kind(**values)


def _fill_list(kind: type[_Part], tables: Any, where: str, key: str, folder: Path) -> tuple[_Part, ...]:
    """Make one instance for each ``[[key]]``; their names must differ."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadSetting(f"{where}: {key}: expected sections [[{key}]], found {show(tables)}")
    if len(tables) > MOST:
        raise BadSetting(f"{where}: {key}: expected at most {MOST} sections [[{key}]], found {len(tables)}")
    made = [_fill(kind, table, where, f"{key} {number}.", folder) for number, table in enumerate(tables, 1)]
    names = [part.name for part in made]  # type: ignore[attr-defined]
    for number, name in enumerate(names, 1):
        if name in names[: number - 1]:
            raise BadSetting(
                f'{where}: {key} {number}.name: "{name}" is {key} {names.index(name) + 1}\'s; expected another'
            )
    return tuple(made)


def _value(entry: "Field[Any]", hint: Any, value: Any, where: str, folder: Path) -> Any:
    """One value, of the type that the field declares and within its bounds."""
    kind = next((part for part in get_args(hint) if part is not type(None)), hint)
    if kind is float and type(value) is int:
        value = float(value)
    wanted = str if kind is Path else kind
    if type(value) is not wanted:
        raise BadSetting(f"{where}: expected {_expected(entry, kind)}, found {show(value)}")
    bounds = entry.metadata
    check = check_file_name if kind is Path else bounds.get("check")
    if check and (expected := check(value)):
        raise BadSetting(f"{where}: expected {expected}, found {show(without_password(value))}")
    if kind is Path:
        # A relative name in a file means beside that file, wherever the service was started.
        return folder / expand(value)
    if not (
        bounds.get("low", value) <= value <= bounds.get("high", value)
        and value in bounds.get("words", (value,))
        and re.fullmatch(bounds.get("pattern", "(?s:.*)"), str(value))
    ):
        raise BadSetting(f"{where}: expected {_expected(entry, kind)}, found {show(value)}")
    return bounds["beside"](value, folder) if "beside" in bounds and folder != Path() else value


def _names(value: Any, where: str) -> Names:
    """A list of names; whether there is something of each name is checked later, all settings together."""
    if (
        type(value) not in (list, tuple)
        or len(value) > MOST
        or not all(type(name) is str and re.fullmatch(NAME["pattern"], name) for name in value)
        or len(set(value)) != len(value)
    ):
        raise BadSetting(f'{where}: expected at most {MOST} different names ["...", "..."], found {show(value)}')
    return tuple(value)


def _expected(entry: "Field[Any]", kind: type) -> str:
    bounds = entry.metadata
    if "words" in bounds:
        return "one of " + ", ".join(show(word) for word in bounds["words"])
    text = _SPOKEN[kind]
    if "low" in bounds:
        text += f" from {bounds['low']} to {bounds['high']}"
    if "pattern" in bounds:
        text += f": {bounds['form']}"
    return text


def _nearest(key: str, known: Iterable[str]) -> str:
    import difflib  # only for an error: no service needs its memory

    close = difflib.get_close_matches(key, known, n=1)
    return f" (did you mean {close[0]}?)" if close else f"; expected one of {', '.join(known)}"


def _check_together(settings: Settings, where: str, extension: Extension | None) -> None:
    """Refuse what no single key can tell: combinations that would silently be less safe than they look."""
    mqtt = settings.mqtt
    files = {"ca_file": mqtt.ca_file, "certificate_file": mqtt.certificate_file, "key_file": mqtt.key_file}
    given = [name for name, file in files.items() if file]
    if given and not mqtt.tls:
        raise BadSetting(f"{where}: mqtt.{given[0]} is set but mqtt.tls is false; expected tls = true beside it")
    if (mqtt.certificate_file is None) != (mqtt.key_file is None):
        raise BadSetting(f"{where}: mqtt.certificate_file and mqtt.key_file: expected both or neither")
    if mqtt.password_file and not mqtt.username:
        raise BadSetting(f"{where}: mqtt.password_file is set but mqtt.username is empty; expected a user name")
    try:
        check_places(settings)
        if extension:
            extension.check(settings)
    except BadSetting as error:
        raise BadSetting(f"{where}: {error}") from error
