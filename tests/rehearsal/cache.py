"""Folders that are made once and kept outside of the checkout, under a name that changes with their recipe."""

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "posenet-edge" / "rehearsal"
PROJECT = Path(os.environ.get("POSENET_EDGE_CHECKOUT") or Path(__file__).parents[2])
"""The checkout that is rehearsed."""


_UNUSED_S = 86400.0
_HEX = "[0-9a-f]" * 16


def say(text: str) -> None:
    """Progress, for whoever waits."""
    print(f"rehearse: {text}", file=sys.stderr, flush=True)


def kept(name: str, recipe: str | bytes, make: Callable[[Path], None], unused_s: float = _UNUSED_S) -> Path:
    """The folder that ``make`` fills, made anew when ``recipe`` (whatever it depends on) has changed.

    What is half made is thrown away, and so is what other recipes made and nobody has used for ``unused_s``: another
    checkout may be using it. Two at a time wait for each other.
    """
    digest = hashlib.sha256(recipe if isinstance(recipe, bytes) else recipe.encode()).hexdigest()[:16]
    folder = CACHE / f"{name}-{digest}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            for old in CACHE.glob(f"{name}-{_HEX}"):
                if time.time() - old.stat().st_mtime > unused_s:
                    shutil.rmtree(old)
            partial = CACHE / f"{name}-partial"
            shutil.rmtree(partial, ignore_errors=True)
            make(partial)
            partial.rename(folder)
        os.utime(folder)
    return folder
