"""``python -m tests.report.outbox.wear FOLDER [EVENTS]``: what the outbox writes there for each event, and how fast.

FOLDER is best on a file system of its own that nothing else writes to: then the sectors written on its device, journal
included, are those of the outbox.
"""

import os
import statistics
import sys
import time
from pathlib import Path

from edge.config.settings import OutboxSettings
from edge.report.outbox.outbox import Outbox
from tests.support.outbox import Answers, happened


def written(folder: Path) -> int:
    """Bytes written to the device of ``folder`` since it is there."""
    os.sync()
    device = folder.stat().st_dev
    counts = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat").read_text().split()
    return 512 * int(counts[6])


def resident() -> int:
    """Memory of this process, bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(folder: Path, events: int) -> None:
    """Put events of which each is acknowledged at once."""
    broker = Answers()
    before, memory = written(folder), resident()
    outbox = Outbox(OutboxSettings(keep="disk"), broker, folder)  # type: ignore[arg-type]
    took = []
    for person in range(1, events + 1):
        began = time.monotonic()
        outbox.put(happened(person, time.time()))
        took.append(time.monotonic() - began)
        broker.answer()
        broker.said.clear()
        outbox.send()
    bytes_each = (written(folder) - before) / events
    print(f"{bytes_each / 1e3:.1f} kB an event on the device; {1000 * bytes_each / 1e6:.1f} MB a day at 1,000 events")
    print(f"put: median {1e3 * statistics.median(took):.2f} ms, longest {1e3 * max(took):.2f} ms")
    kept = 1000
    broker.connected = False
    for person in range(1, kept + 1):
        outbox.put(happened(person, time.time()))
    print(f"memory for {kept} kept events: {(resident() - memory) / 1e6:.1f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
