"""Memory of this process, measured by itself."""

import os
from pathlib import Path


def resident_memory(file: Path = Path("/proc/self/statm")) -> float:
    """Read the resident memory of this process, MB; 0 where the kernel does not tell."""
    try:
        return int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0
