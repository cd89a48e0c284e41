"""``python -m scripts.measure.idle_room NOBODY SOMEBODY``: processor time in an empty room and in an occupied one.

Shows both photos to real ``sense`` and ``report`` processes with a broker, one after the other, at 15 frames a second.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edge.errors import Unavailable
from edge.runtime.process import die_with_parent
from edge.tools.bench.bench import processor_seconds, running_report
from edge.tools.mosquitto import Mosquitto
from scripts.measure import script

_IDLE_AFTER_S = 2.0
_SETTLED_S = 8.0
"""Time until everything is loaded, and an empty room is idle."""


def shares(photo: Path, seconds: float) -> tuple[float, float]:
    """Measure ``sense`` and ``report`` while they see a photo.

    Args:
        photo: What they see.
        seconds: For how long.

    Returns:
        Processor time of each as a share of one core.

    Raises:
        Unavailable: mosquitto is not installed, or a process ended.
    """
    with (
        tempfile.TemporaryDirectory(prefix="posenet-edge-") as folder,
        Mosquitto() as broker,
        running_report(Path(folder), broker.port) as report,
    ):
        arguments = [f"--socket={report.socket}", f"--source=stills:{photo}", f"--set=duty.idle_after={_IDLE_AFTER_S}"]
        sense = subprocess.Popen(
            [sys.executable, "-P", "-m", "edge", "sense", *arguments],
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
            env={**os.environ, "POSENET_EDGE_CONFIG": os.devnull},
        )
        try:
            time.sleep(_SETTLED_S)
            if sense.poll() is not None:
                raise Unavailable(f"sense ended with exit status {sense.returncode}")
            begun, used = time.monotonic(), [processor_seconds(pid) for pid in (sense.pid, report.pid)]
            time.sleep(seconds)
            passed = time.monotonic() - begun
            after = [processor_seconds(pid) for pid in (sense.pid, report.pid)]
        finally:
            sense.terminate()
            sense.wait()
    return (after[0] - used[0]) / passed, (after[1] - used[1]) / passed


def main() -> int:
    """Print the table.

    Returns:
        Exit status: 1 if an empty room costs more than 15 % of an occupied one.
    """
    parser = argparse.ArgumentParser(prog="python -m scripts.measure.idle_room", description=__doc__)
    parser.add_argument("nobody", type=Path, help="photo of an empty room")
    parser.add_argument("somebody", type=Path, help="photo with somebody in it")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each photo (default: 20)")
    arguments = parser.parse_args()
    rows = {name: shares(getattr(arguments, name), arguments.seconds) for name in ("nobody", "somebody")}
    print(f"{'% of a core':<12}{'sense':>8}{'report':>8}{'both':>8}")
    for name, row in rows.items():
        print(f"{name:<12}" + "".join(f"{100 * share:8.1f}" for share in (*row, sum(row))))
    ratios = [rows["nobody"][column] / rows["somebody"][column] for column in (0, 1)]
    both = sum(rows["nobody"]) / sum(rows["somebody"])
    print(f"{'ratio':<12}" + "".join(f"{100 * ratio:7.0f}%" for ratio in (*ratios, both)))
    return int(both > 0.15)


if __name__ == "__main__":
    script.run("idle_room", main)
