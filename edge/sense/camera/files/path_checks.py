"""Looking at a path before a library does, so that each mistake has its own clear line."""

import stat
from pathlib import Path

from edge.errors import BadInput, NoSource, PosenetEdgeError
from edge.sense.camera.error_text import quoted, reason


def is_folder(path: Path, expected: str) -> bool:
    """True for a folder, False for a plain file that can be read.

    expected: what should be there ("a clip"). Raises NoSource where nothing is there, BadInput where it is neither
    or must not be read.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return True
        # A pipe or a device could keep us waiting for ever.
        if not stat.S_ISREG(mode):
            raise BadInput(f"{quoted(path)} is not a plain file, expected {expected}")
        with path.open("rb"):
            return False
    except PosenetEdgeError:
        raise
    except (FileNotFoundError, NotADirectoryError):
        raise NoSource(f"{quoted(path)}: no such file, expected {expected}; check the path") from None
    except (OSError, ValueError) as error:
        # ValueError: characters that no file name can have.
        raise BadInput(f"{quoted(path)} cannot be opened ({reason(error)}), expected {expected}") from error
