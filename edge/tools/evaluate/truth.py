"""Strict reader of a truth file, which says what happens in clips (docs/evaluate.md)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeGuard

from edge.errors import BadInput, BadLine, BadTruth, NoSource
from edge.sense.camera.error_text import quoted, reason
from edge.strict_json import parse

GROUNDS = ("floor", "bed")
"""Words of ``fall.onto``."""
CAMERAS = ("side", "ceiling, straight down", "front, end-on")
_MAX_PROBLEMS = 20
"""Problems of a file that are listed."""
_MAX_SECONDS = 1e6


class ClipTruth(NamedTuple):
    """Truth about one clip; times in s from its first frame."""

    name: str
    """Name in the truth file."""
    path: Path
    onto: str | None
    """Word of GROUNDS; None: nobody falls."""
    fall_from: float | None
    """When the fall begins; None: nobody falls, or it is not known."""
    present_at_end: bool
    """True if somebody is in the last frame."""
    time_stretch: float
    """Factor by which the file plays too fast; all times are to be multiplied by it, also those above and below."""
    activities: tuple[tuple[str, float, float], ...] = ()
    """What the person does, each with its beginning and its end."""
    ends: str | None = None
    """Posture at the end; None: it is not known."""


class _Check(NamedTuple):
    """Rule for one value; an optional one may also be null (not known)."""

    holds: Callable[[Any], bool]
    expected: str
    needed: bool = False


def is_text(value: Any) -> TypeGuard[str]:
    """Tell a text that may name a file."""
    # Not printable are also zero bytes and lone surrogates, which no path may have.
    return isinstance(value, str) and value != "" and value.isprintable()


def _is_seconds(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= _MAX_SECONDS


def _is_activity(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and is_text(value[0])
        and _is_seconds(value[1])
        and _is_seconds(value[2])
        and value[1] <= value[2]
    )


def _one_of(words: tuple[str, ...], needed: bool = False) -> _Check:
    expected = " or ".join(f'"{word}"' for word in words)
    return _Check(lambda value: isinstance(value, str) and value in words, expected, needed)


_TEXT = _Check(is_text, "a text of printable characters, not empty")
_SECONDS = _Check(_is_seconds, f"seconds, 0 to {_MAX_SECONDS:.0f}")
_FILE = {
    "clips": _Check(lambda value: isinstance(value, list) and bool(value), "a list of at least one clip", needed=True),
    "sources": _Check(lambda value: isinstance(value, dict), "an object"),
    "truth": _Check(lambda value: isinstance(value, str), "a text"),
}
_CLIP = {
    "file": _Check(is_text, "the name of a clip, beside this file", needed=True),
    "people": _Check(lambda value: type(value) is int and 0 <= value <= 1000, "a whole number, 0 to 1000", needed=True),
    "fall": _Check(lambda value: value is None or isinstance(value, dict), "null or an object", needed=True),
    "present_at_end": _Check(lambda value: isinstance(value, bool), "true or false", needed=True),
    "seconds": _SECONDS,
    "camera": _one_of(CAMERAS),
    "activities": _Check(
        lambda value: isinstance(value, list) and all(map(_is_activity, value)), "a list of [word, from s, to s]"
    ),
    "ends": _TEXT,
    "time_stretch": _Check(lambda value: type(value) in (int, float) and 0.01 <= value <= 100, "a number, 0.01 to 100"),
    "set": _TEXT,
    "note": _Check(lambda value: isinstance(value, str), "a text"),
}
_FALL = {"onto": _one_of(GROUNDS, needed=True), "from": _SECONDS, "direction": _TEXT}


def read_truth(path: Path) -> list[ClipTruth]:
    """Read a truth file.

    Args:
        path: The file; clips are named from its folder.

    Returns:
        Its clips, in its order.

    Raises:
        NoSource: There is no such file.
        BadInput: It cannot be read.
        BadTruth: It is not a truth file; the message lists every problem.
    """
    text = read_file(path, "a truth file")
    try:
        clips = parse_truth(text, path.parent)
    except BadTruth as error:
        raise BadTruth(f"{quoted(path)}: {error}") from None
    return clips


def read_file(path: Path, expected: str) -> bytes:
    """Read a file that says what is right.

    Args:
        path: The file.
        expected: Description for messages ("a truth file").

    Returns:
        Its content.

    Raises:
        NoSource: There is no such file.
        BadInput: It cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NoSource(f"there is no file {quoted(path)}; expected {expected} (docs/evaluate.md)") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{quoted(path)} cannot be read: {reason(error)}; expected {expected}") from error


def refuse(problems: Sequence[str]) -> NoReturn:
    """Refuse a file for its problems, at least one.

    Raises:
        BadTruth: Always; the message has the first 20 problems, and the number of the others.
    """
    more = len(problems) - _MAX_PROBLEMS
    shown = [*problems[:_MAX_PROBLEMS]] + ([f"and {more} more"] if more > 0 else [])
    raise BadTruth("; ".join(shown) + "; correct the file (docs/evaluate.md), nothing was evaluated")


def parse_truth(text: bytes, folder: Path) -> list[ClipTruth]:
    """Parse the text of a truth file.

    Args:
        text: JSON in UTF-8.
        folder: Where the clips are.

    Returns:
        Its clips, in its order.

    Raises:
        BadTruth: It is not a truth file; the message lists every problem.
    """
    try:
        table = parse(text, "utf-8")
    except BadLine as error:
        found = error.reason.replace("_", " ")
        raise BadTruth(f"found {found}; expected JSON with a list 'clips' (docs/evaluate.md)") from None
    problems = list(_problems(table))
    if problems:
        refuse(problems)
    return [_clip(clip, folder) for clip in table["clips"]]


def _problems(table: Any) -> Iterator[str]:
    found = list(_check(table, "the file", _FILE))
    yield from found
    if found:
        return
    names: set[str] = set()
    for number, clip in enumerate(table["clips"], 1):
        name = clip.get("file") if isinstance(clip, dict) else None
        where = f"clip {number}" + (f" ({quoted(name)})" if is_text(name) else "")
        yield from _check(clip, where, _CLIP)
        if isinstance(clip, dict) and isinstance(clip.get("fall"), dict):
            yield from _check(clip["fall"], f"{where}, fall", _FALL)
        if is_text(name):
            if name in names:
                yield f"{where}: stands there twice, expected each clip once"
            names.add(name)


def _check(table: Any, where: str, checks: Mapping[str, _Check]) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"{where}: found {quoted(table)}, expected an object with {', '.join(checks)}"
        return
    for key, value in table.items():
        check = checks.get(key)
        if check is None:
            yield f"{where}: unknown key {quoted(key)}, expected {', '.join(checks)}"
        elif not (check.holds(value) or (value is None and not check.needed)):
            yield f"{where}: {key} = {quoted(value)}, expected {check.expected}"
    for key, check in checks.items():
        if check.needed and key not in table:
            yield f"{where}: no key {quoted(key)}, expected {check.expected}"


def _clip(clip: dict[str, Any], folder: Path) -> ClipTruth:
    fall = clip["fall"] or {}
    return ClipTruth(
        clip["file"],
        folder / clip["file"],
        fall.get("onto"),
        fall.get("from"),
        clip["present_at_end"],
        clip.get("time_stretch") or 1.0,
        tuple((word, start, end) for word, start, end in clip.get("activities") or ()),
        clip.get("ends"),
    )
