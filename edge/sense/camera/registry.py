"""The kinds of source that ``camera.source`` may name, and how each is found, opened and explained.

Each package beside this file has its kinds in ``KINDS``, and is found by being there. Errors, help,
``auto`` and the checks of doctor follow from what is registered. docs/extending.md shows how to add a kind.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Literal, NamedTuple

from edge.config.settings import Settings
from edge.config.texts import without_password
from edge.errors import BadSetting, CameraBarred, NoSource, PosenetEdgeError
from edge.sense.camera.error_text import quoted

if TYPE_CHECKING:
    from edge.sense.camera.base import Source

AUTO = "auto"
_URL = re.compile(r"(?:[a-z0-9]+:)?(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")
"""An address on its own, or behind the name of a kind."""


class Library(NamedTuple):
    """A library that a source needs and that is not installed with the program."""

    module: str
    """Its name for ``import``."""
    install: str
    """How to get it, for doctor."""


_EXTRA = "install posenet-edge with its extra: pip install 'posenet-edge[video]'"
PYAV, PILLOW = Library("av", _EXTRA), Library("PIL", _EXTRA)


class Finder(NamedTuple):
    """A way in which ``auto`` looks for a camera."""

    rank: int
    """Finders are tried from the lowest rank to the highest, and the first that finds one wins."""
    find: Callable[[], str]
    """Returns the argument of the camera that it found; raises a PosenetEdgeError that says what was looked for."""
    is_likely: Callable[[], bool] = lambda: True
    """False on a machine that hardly has such a camera: what this says comes after what the others say."""


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One kind of source."""

    name: str
    """The part of ``camera.source`` before the colon."""
    summary: str
    """A noun phrase for help and documentation."""
    examples: tuple[str, ...]
    """Possible values of ``camera.source``, for help and errors."""
    source: str
    """Where the class is, ``module:Class``. Its module is imported when the source is made: neither before the sandbox
    is shut, nor for ``--help``, is numpy or a camera's library loaded."""
    argument: Literal["none", "device", "file", "optional"] = "none"
    """The part of ``camera.source`` after the colon; a file or folder must stay readable in the sandbox."""
    library: Library | None = None
    devices: tuple[str, ...] = ()
    """Kinds of device that it opens, as in /proc/devices; the unit of ``sense`` allows each."""
    finders: tuple[Finder, ...] = ()
    """Empty: ``auto`` never chooses it."""


class Address(NamedTuple):
    """A ``camera.source``, taken apart."""

    kind: str
    """The name of a registered kind, or ``auto``."""
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.argument}" if self.argument else self.kind


class SourceRequest(NamedTuple):
    """The parts from which a source is made."""

    settings: Settings
    stopping: Event
    """Ends ``frames()`` when it is set."""
    shape: tuple[int, int]
    """(height, width) of the model input, px, for which a camera may choose its frame size."""
    argument: str
    """The part of ``camera.source`` after the colon."""


@cache
def kinds() -> Mapping[str, SourceKind]:
    """List every kind by name: those that ``auto`` may choose first, in its order, then the others by name."""
    folders = [each for each in pkgutil.iter_modules([str(Path(__file__).parent)], f"{__package__}.") if each.ispkg]
    found: list[SourceKind] = [kind for each in folders for kind in importlib.import_module(each.name).KINDS]
    ordered = sorted(found, key=lambda kind: (min((f.rank for f in kind.finders), default=99), kind.name))
    by_name = {kind.name: kind for kind in ordered}
    if len(by_name) < len(found):
        raise ValueError(f"found source kinds {[kind.name for kind in found]}; expected a name of its own for each")
    return by_name


def list_examples() -> str:
    """Write down what ``camera.source`` may say, for help and errors."""
    *first, last = [AUTO, *(example for kind in kinds().values() for example in kind.examples)]
    return f"{', '.join(first)} or {last}"


def parse_address(text: str) -> Address:
    """Read a ``camera.source``.

    Args:
        text: From the settings.

    Returns:
        Its parts; the argument fits the kind.

    Raises:
        BadSetting: It names no kind, or not what that kind needs.
    """
    name, colon, argument = text.partition(":")
    kind = kinds().get(name)
    if not text.isprintable():
        raise BadSetting(f"camera source {quoted(text)} has control characters; expected {list_examples()}")
    if match := _URL.match(text):
        raise BadSetting(f"camera source {quoted(without_password(text))} {_refusal(match)}")
    if kind is None and name != AUTO:
        raise BadSetting(f"camera source {quoted(text)} is of no known kind; expected {list_examples()}")
    if colon and (kind is None or kind.argument == "none"):
        raise BadSetting(f"camera source {quoted(text)}: expected {name} alone, with nothing after it")
    if kind and kind.argument in ("device", "file") and not argument:
        raise BadSetting(
            f"camera source {quoted(text)}: expected a path after {name}: as in {' or '.join(kind.examples)}"
        )
    return Address(name, argument)


def _refusal(url: re.Match[str]) -> str:
    """Say why an address with a scheme is refused, and what to do."""
    if url["scheme"] == "file":
        return "is an address; expected a path, as in video:/home/me/clip.mp4"
    return (
        "is an address in a network, and the process with the camera has none, so that no picture can leave the "
        "device; expected a camera of this machine. A v4l2loopback device makes a network camera one (docs/cameras.md)"
    )


def check_source(text: str) -> Address:
    """Check a ``camera.source`` as far as that goes without a camera: its form, and that its file is there.

    Args:
        text: From the settings.

    Returns:
        Its parts.

    Raises:
        BadSetting: It names no kind, or not what that kind needs.
        NoSource: There is no such file or folder.
    """
    address = parse_address(text)
    kind = kinds().get(address.kind)
    if kind and kind.argument == "file" and not Path(address.argument).exists():
        raise NoSource(f"camera source {quoted(text)}: no such file, expected {kind.summary}; check the path")
    return address


def find_camera() -> Address:
    """Choose the camera that ``auto`` stands for.

    Returns:
        Its address.

    Raises:
        NoSource: There is none; the message says what was looked for and what was found.
        CameraBarred: There is none but one that this process may not look at.
    """
    finders = [(finder.rank, kind.name, finder) for kind in kinds().values() for finder in kind.finders]
    likely: list[PosenetEdgeError] = []
    unlikely: list[PosenetEdgeError] = []
    for _, name, finder in sorted(finders, key=lambda each: each[:2]):
        try:
            return Address(name, finder.find())
        except PosenetEdgeError as error:
            (likely if finder.is_likely() else unlikely).append(error)
    # Two finders of a kind may say the same.
    said = "; ".join(dict.fromkeys(map(str, likely + unlikely)))
    if any(isinstance(error, CameraBarred) for error in likely + unlikely):
        raise CameraBarred(f"no camera found: {said}")
    files = [f"--source {example}" for kind in kinds().values() if kind.argument == "file" for example in kind.examples]
    raise NoSource(
        f"no camera found: {said}. Connect a Raspberry Pi camera or plug a webcam; without one: {' or '.join(files)}"
    )


def auto_source() -> str | None:
    """Tell what ``auto`` would choose now, as ``camera.source`` says it; None where this machine has no camera."""
    try:
        return str(find_camera())
    except (NoSource, CameraBarred):
        return None


def open_camera(settings: Settings, shape: tuple[int, int], stopping: Event) -> "Source":
    """Make the source that ``camera.source`` names; ``with`` opens it, as often as is needed.

    Opening it raises NoSource, BadInput, CameraFailed or Unavailable.

    Args:
        settings: All of them.
        shape: (height, width) of the model input, px.
        stopping: Ends ``frames()`` when it is set.

    Returns:
        A source that is not open yet.

    Raises:
        BadSetting: ``camera.source`` is none.
        NoSource: ``auto`` found no camera.
        CameraBarred: ``auto`` found none but one that this process may not look at.
    """
    address = parse_address(settings.camera.source)
    if address.kind == AUTO:
        address = find_camera()
    make: Callable[[SourceRequest], Source] = pkgutil.resolve_name(kinds()[address.kind].source)
    return make(SourceRequest(settings, stopping, shape, address.argument))
