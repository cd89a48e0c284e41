"""Wait for a person: an error that no restart mends would otherwise be met, and told, at every start for ever."""

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from edge.runtime.sd_notify import Notifier
from edge.runtime.status_text import render_waiting

PATIENCE_S = 300.0
"""Time after which the service is started anew although nothing is known to have changed."""
_POLL_S = 1.0

Stamps = list[tuple[int, ...]]
"""Device, inode, size and times of each file or folder, to tell whether it changed; empty for one that is not there."""


def stamps(paths: Iterable[Path]) -> Stamps:
    """Stamp files and folders: content, permissions, and what replaced them."""
    found: Stamps = []
    for path in paths:
        try:
            its = path.stat()
        except OSError:
            found.append(())
        else:
            found.append((its.st_dev, its.st_ino, its.st_size, its.st_mtime_ns, its.st_ctime_ns))
    return found


def await_repair(
    error: Exception,
    changed: Callable[[], bool],
    notifier: Notifier,
    stopping: threading.Event,
    reload: threading.Event,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Wait until a new start may help. systemd takes the service for one that is up, and shows what it waits for.

    Args:
        error: What is to be mended.
        changed: Tells whether somebody did something that may have mended it.
        notifier: Told of it, and fed.
        stopping: Ends the wait.
        reload: Ends the wait.
        clock: Monotonic, s.
    """
    until = clock() + PATIENCE_S
    notifier.ready()
    notifier.status(render_waiting(error))
    while not (reload.is_set() or changed() or clock() >= until or stopping.wait(_POLL_S)):
        notifier.alive()
