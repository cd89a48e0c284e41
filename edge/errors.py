"""Every error that posenet-edge raises on purpose; each is also a standard kind and knows its exit code.

Exit codes are those of sysexits.h. A message says what was found, what was expected and what to do.
"""

import os


class PosenetEdgeError(Exception):
    """Base of all errors that a user may read; never shown with a traceback."""

    exit_code = os.EX_SOFTWARE


class UsageError(PosenetEdgeError, ValueError):
    """A command line that makes no sense (64)."""

    exit_code = os.EX_USAGE


class BadSetting(PosenetEdgeError, ValueError):
    """A configuration file or value that cannot be used (78)."""

    exit_code = os.EX_CONFIG


class BadRule(BadSetting):
    """A rule of the configuration that cannot be read, at ``column`` of its text (counted from 1)."""

    def __init__(self, column: int, detail: str) -> None:
        super().__init__(f"column {column}: {detail}")
        self.column = column


class BadModel(PosenetEdgeError, ValueError):
    """A model file that is missing, damaged or not a PoseNet (78: the configuration names it)."""

    exit_code = os.EX_CONFIG


class NoSource(PosenetEdgeError, FileNotFoundError):
    """No camera, clip or photo where one was expected (66)."""

    exit_code = os.EX_NOINPUT


class BadInput(PosenetEdgeError, ValueError):
    """A photo or clip that is there and cannot be read (66)."""

    exit_code = os.EX_NOINPUT


class BadRecording(PosenetEdgeError, ValueError):
    """A recording that is cut off, damaged or of another version (65)."""

    exit_code = os.EX_DATAERR


class CameraFailed(PosenetEdgeError, OSError):
    """A camera that is there and gives no frames: busy, unplugged or stalled (74)."""

    exit_code = os.EX_IOERR


class CameraBarred(CameraFailed):
    """A camera that is there and that the device rules of a service or container keep from this process (77)."""

    exit_code = os.EX_NOPERM


class Unavailable(PosenetEdgeError, RuntimeError):
    """A program or library that this needs is not installed or did not start (69)."""

    exit_code = os.EX_UNAVAILABLE


class BrokerUnavailable(Unavailable):
    """An MQTT broker that cannot be reached, does not answer or refuses this client (69)."""

    def __init__(self, address: str, found: str, remedy: str, perhaps_protocol: bool = False) -> None:
        """Describe one try.

        Args:
            address: ``host:port`` of the broker.
            found: What happened.
            remedy: What to do.
            perhaps_protocol: Another version of the protocol may help.
        """
        super().__init__(f"broker {address}: {found}; {remedy}")
        self.found = found
        self.remedy = remedy
        self.perhaps_protocol = perhaps_protocol


class OutputFailed(PosenetEdgeError, OSError):
    """Nothing more can be written: a full disk or a socket that cannot be made (74)."""

    exit_code = os.EX_IOERR


class BadLine(PosenetEdgeError, ValueError):
    """A line at the wall that is not what ``edge.wire`` allows; ``reason`` is one of ``edge.wire.REASONS``."""

    exit_code = os.EX_DATAERR

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
