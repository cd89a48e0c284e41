"""All errors that posenet-edge raises on purpose; each is also a standard exception and has an exit code.

Exit codes are those of sysexits.h. A message says what was found, what was expected and what to do.
"""

import os
import sys

FINAL = frozenset({os.EX_USAGE, os.EX_NOINPUT, os.EX_UNAVAILABLE, os.EX_CONFIG})
"""Exit codes after which a restart is of no use: a person has to correct something."""


RESTART = os.EX_TEMPFAIL
"""Exit code of a service that ends in order to be started again, as it was asked to."""


class PosenetEdgeError(Exception):
    """Base of all errors that are shown to the user as one line, without a traceback."""

    exit_code = os.EX_SOFTWARE


class Told(PosenetEdgeError):
    """An error that the user was told of already; all that is left is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__("")
        self.exit_code = code


class UsageError(PosenetEdgeError, ValueError):
    """The command line cannot be used (64)."""

    exit_code = os.EX_USAGE


class BadSetting(PosenetEdgeError, ValueError):
    """A configuration file or a value in it cannot be used (78)."""

    exit_code = os.EX_CONFIG


class BadRule(BadSetting):
    """A rule of the configuration has a mistake at ``column`` of its text (counted from 1)."""

    def __init__(self, column: int, detail: str) -> None:
        super().__init__(f"column {column}: {detail}")
        self.column = column


class BadModel(PosenetEdgeError, ValueError):
    """A model file is missing, damaged or not a PoseNet (78, as the configuration names it)."""

    exit_code = os.EX_CONFIG


class NoSource(PosenetEdgeError, FileNotFoundError):
    """There is no camera, clip or photo at the given address (66)."""

    exit_code = os.EX_NOINPUT


class BadInput(PosenetEdgeError, ValueError):
    """A photo or clip exists and cannot be read (66)."""

    exit_code = os.EX_NOINPUT


class BadRecording(PosenetEdgeError, ValueError):
    """A recording is cut off, damaged or of another version (65)."""

    exit_code = os.EX_DATAERR


class BadTruth(PosenetEdgeError, ValueError):
    """A file that says what happens in clips is no such file, or has keys or words that are not known (65)."""

    exit_code = os.EX_DATAERR


class CameraFailed(PosenetEdgeError, OSError):
    """A camera gives no frames although it was found: busy, unplugged or stalled (74)."""

    exit_code = os.EX_IOERR


class CameraBarred(CameraFailed):
    """The device rules of the service or container forbid this process to open a camera (77)."""

    exit_code = os.EX_NOPERM


class Unavailable(PosenetEdgeError, RuntimeError):
    """A program, library or server that is needed is not there or did not start (69)."""

    exit_code = os.EX_UNAVAILABLE


class MissingPackage(Unavailable):
    """A Python package of this installation is not there or does not load (69)."""

    def __init__(self, error: ImportError) -> None:
        found = " ".join(str(error).split())[:200]
        super().__init__(
            f"{sys.prefix}: found a Python package missing or damaged ({found}); expected all that were installed; "
            "install again: scripts/install, or scripts/setup for a checkout"
        )


class BrokerUnavailable(Unavailable):
    """An MQTT broker that cannot be reached, does not answer or refuses this client (69)."""

    def __init__(self, address: str, found: str, remedy: str, perhaps_protocol: bool = False, reason: str = "") -> None:
        """Describe one try.

        Args:
            address: ``host:port`` of the broker.
            found: What happened.
            remedy: What to do.
            perhaps_protocol: Another version of the protocol may help.
            reason: Name of the broker's reason code, if it gave one.
        """
        super().__init__(f"broker {address}: {found}; {remedy}")
        self.found = found
        self.remedy = remedy
        self.perhaps_protocol = perhaps_protocol
        self.reason = reason


class OutputFailed(PosenetEdgeError, OSError):
    """Output cannot be written: the disk is full or a socket cannot be made (74)."""

    exit_code = os.EX_IOERR


class BadLine(PosenetEdgeError, ValueError):
    """A line breaks the contract of ``edge.wire``; ``reason`` is one of ``edge.wire.REASONS``."""

    exit_code = os.EX_DATAERR

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
