"""Check a path before a library opens it, so that each mistake has a clear message."""

import stat
from pathlib import Path

from edge.errors import BadInput, NoSource
from edge.sense.camera.error_text import quoted, reason


def is_folder(path: Path, expected: str) -> bool:
    """Tell a folder from a plain file that can be read.

    Args:
        path: From the settings.
        expected: Description for messages ("a clip").

    Returns:
        True for a folder.

    Raises:
        NoSource: There is nothing.
        BadInput: It is neither, or may not be read.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return True
        # To open a pipe or a device could block for ever.
        if stat.S_ISREG(mode):
            with path.open("rb"):
                return False
    except (FileNotFoundError, NotADirectoryError):
        raise NoSource(f"{quoted(path)}: no such file, expected {expected}; check the path") from None
    except (OSError, ValueError) as error:
        # ValueError: characters that no file name can have.
        raise BadInput(f"{quoted(path)} cannot be opened ({reason(error)}), expected {expected}") from error
    raise BadInput(f"{quoted(path)} is not a plain file, expected {expected}")
