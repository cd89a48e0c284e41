"""Memory of a process."""

import os
from pathlib import Path


def resident_memory(file: Path = Path("/proc/self/statm")) -> float:
    """Read the resident memory of a process, MB; 0 where the kernel does not tell. file: its ``statm`` in proc."""
    try:
        return int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0
