"""``posenet-edge setup``: the wizard from its start to the written file."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from edge.config import loader
from edge.config.settings import sections
from edge.errors import Told, UsageError
from edge.tools.checks.machine import Machine
from edge.tools.install.config_text import FIRST_CONFIG
from edge.tools.setup.dialogue import Back, Dialogue, Terminal
from edge.tools.setup.draft import Draft
from edge.tools.setup.trials import Trials
from edge.tools.setup.wizard import Wizard

STOPPED = 130
"""Exit status after Ctrl-C, as a shell has it."""


def setup(arguments: argparse.Namespace) -> None:
    """Ask, try and write.

    Args:
        arguments: ``config``, ``no_camera``, ``plain``, ``keep`` and ``no_apply``.

    Raises:
        UsageError: There is no terminal, the file may not be written, or there is no such setting to keep.
        BadSetting: The present configuration cannot be used.
        OutputFailed: It cannot be written.
        Told: It was stopped.
    """
    path = loader.config_path(arguments.config) or loader.DEFAULT_PATH
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "standard input and output are not a terminal; expected one (ssh -t HOST ...). Without one: edit "
            f"{path}, then posenet-edge check-config; docs/setup.md"
        )
    _check_kept(arguments.keep)
    _check_writable(path)
    # What is told is told in here, and not by the libraries too.
    logging.getLogger().addHandler(logging.NullHandler())
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    talk = Dialogue(Terminal())
    draft = Draft(path, FIRST_CONFIG if path == loader.DEFAULT_PATH else "")
    draws = not arguments.plain and os.environ.get("TERM", "dumb") != "dumb" and "utf" in sys.stdout.encoding.lower()
    colours = not os.environ.get("NO_COLOR")
    trials = Trials(Machine(admin=os.geteuid() == 0), path, draws, colours, talk.say)
    try:
        talk.say(
            f"Asks what a sensor needs, tries it, and writes {path} at the end.\n"
            "Enter takes what stands in [brackets], ? explains, < goes back, Ctrl-C leaves with nothing changed."
        )
        Wizard(talk, draft, trials, arguments.keep, not arguments.no_camera).run()
        if is_new := bool(draft.difference()) or draft.writes_password:
            draft.write()
            talk.say(f"{path} is written.")
    except (KeyboardInterrupt, EOFError):
        talk.say("\nStopped; nothing was changed.")
        raise Told(STOPPED) from None
    if not trials.is_installed:
        used = "" if path == loader.DEFAULT_PATH else f" --config {path}"
        talk.say(f"To start it on a desk: posenet-edge run{used}. To install it as services: sudo scripts/install")
    elif is_new and not arguments.no_apply:
        _offer_to_apply(talk, path)


def _offer_to_apply(talk: Dialogue, path: Path) -> None:
    try:
        wanted = talk.confirm("Give it to the running services now?", True, "As sudo posenet-edge apply does.")
    except Back:
        wanted = False
    except (KeyboardInterrupt, EOFError):
        talk.say("\nWritten, and not applied. Later: sudo posenet-edge apply")
        raise Told(STOPPED) from None
    if not wanted:
        talk.say("Later: sudo posenet-edge apply")
        return
    from edge.tools.apply import apply

    apply(argparse.Namespace(config=str(path), set=[]))
    talk.say("In half a minute: sudo posenet-edge doctor")


def _check_kept(kept: Sequence[str]) -> None:
    for each in kept:
        section, _, key = each.partition(".")
        if key not in getattr(sections().get(section), "__dataclass_fields__", {}):
            raise UsageError(f'--keep {each}: no such setting; expected one as "mqtt.host"')


def _check_writable(path: Path) -> None:
    """Tell before the first question that nothing can be written at the end."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; expected a file")
    there = next(folder for folder in path.resolve().parents if folder.exists())
    if not there.is_dir():
        raise UsageError(f"{there} is no folder; expected one for {path.name}")
    if not os.access(there, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise UsageError(
            f"{path} may not be written by this user; expected root (sudo posenet-edge setup), or --config FILE for a "
            "file of your own"
        )
