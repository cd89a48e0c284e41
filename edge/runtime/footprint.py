"""What this process costs, measured by itself: memory, and percentiles of the times of its stages."""

import os
from collections.abc import Collection
from math import ceil
from pathlib import Path

from edge.wire import STAGE_MS, Percentiles


def resident_memory(file: Path = Path("/proc/self/statm")) -> float:
    """Read the resident memory of this process, MB; 0 where the kernel does not tell."""
    try:
        return int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0


def percentiles(times: Collection[float]) -> Percentiles:
    """Find the percentiles of some times by nearest rank, within the bounds of ``STAGE_MS``; ms."""
    ordered, (least, most) = sorted(times), STAGE_MS
    ranks = (ceil(len(ordered) * percent / 100) - 1 for percent in (50, 95, 99))
    return (
        Percentiles(*(round(min(max(ordered[rank], least), most), 2) for rank in ranks)) if ordered else Percentiles()
    )
