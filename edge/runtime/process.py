"""Signals, logging and the end of a long-running process."""

import ctypes
import logging
import signal
import sys
import threading
from types import FrameType

_PR_SET_PDEATHSIG = 1


class SignalEvent(threading.Event):
    """An event that a signal handler may set.

    Python runs the handler in the main thread, which may be about to wait for this very event. It then holds the lock
    that ``set`` takes; with a lock that it cannot take twice, it would wait for itself for ever.
    """

    def __init__(self) -> None:
        super().__init__()
        self._cond = threading.Condition(threading.RLock())


def stop_on_signals(reload: SignalEvent | None = None) -> SignalEvent:
    """Install handlers for SIGTERM, SIGINT (Ctrl-C) and SIGHUP (the terminal was closed).

    Args:
        reload: Set by SIGHUP in place of the event that is returned; for a service, which has no terminal.

    Returns:
        An event that the other signals set.
    """
    stopping = SignalEvent()

    def stop(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP and reload is not None:
            reload.set()
        else:
            stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    return stopping


def configure_logging(verb: str) -> None:
    """Log to standard error, one line a message, with the verb in front."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=f"posenet-edge {verb}: %(message)s")


def set_log_level(level: str) -> None:
    """Log what is at least as severe as ``level``, one of ``edge.config.settings.LOG_LEVELS``.

    The libraries in use say nothing below ``info``: theirs is no help in finding our faults.
    """
    wanted = getattr(logging, level.upper())
    logging.getLogger("edge").setLevel(wanted)
    logging.getLogger().setLevel(max(wanted, logging.INFO))


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies; for ``preexec_fn``.

    A change of user cancels this: change the user first.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
