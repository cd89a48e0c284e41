"""What every long-running verb needs of its process: to stop when told, to speak in one line, to die in company."""

import ctypes
import logging
import signal
import sys
import threading
from types import FrameType

_PR_SET_PDEATHSIG = 1


class SignalEvent(threading.Event):
    """An event that a signal handler may set.

    Python runs the handler in the main thread, in the midst of whatever that does. Where it was about to wait for this
    very event it holds the lock that ``set`` wants, and would wait for itself for ever, if it could not take it again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._cond = threading.Condition(threading.RLock())


def stop_on_signals(reload: SignalEvent | None = None) -> SignalEvent:
    """An event that SIGTERM, SIGINT (Ctrl-C) and SIGHUP (the terminal closed) set.

    Under systemd nobody's terminal closes: there SIGHUP sets ``reload`` instead, where one is given.
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
    """Sends log messages to standard error, one line each, with the verb in front."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=f"posenet-edge {verb}: %(message)s")


def die_with_parent() -> None:
    """Has the kernel kill this process when its parent dies, however that dies; for ``preexec_fn``.

    The signal is asked for after any change of user, which would take it back.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
