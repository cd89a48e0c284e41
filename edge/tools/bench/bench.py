"""Measure the time of each stage of a frame, and the memory of both processes."""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge import wire
from edge.config.settings import Settings
from edge.errors import Unavailable, UsageError
from edge.report import configuration
from edge.sense.decode import make_decoder
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.inference.models import Models
from edge.sense.line_sender import SocketLineSender
from edge.sense.track import Tracker
from edge.tools.bench.bench_attention import attention_costs
from edge.tools.bench.bench_load import EVERYBODY, RATE, Cost, report_cost, time_analytics
from edge.tools.bench.process_footprint import first_pose, rss_mb, running_report
from edge.tools.bench.sample_frame import two_people
from edge.tools.progress import Progress

STAGES = ("fit", "set_tensor", "invoke", "get_heads", "decode", "track", "encode", "send")
_WARM_UP = 5
_STARTS = 3
_LOOKS = "second looks, {room:<33}{more:+4.0f} % of the time of a frame"
_ROOMS = {"empty": "nobody there:", "upright": "somebody upright:", "lost": "somebody lost inside the picture:"}


def bench(arguments: argparse.Namespace) -> None:
    """Print the results as a table, or as JSON with ``--json``.

    Raises:
        UsageError: ``--runs`` is less than 1.
    """
    if arguments.runs < 1:
        raise UsageError(f"--runs {arguments.runs}: expected at least 1")
    settings = configuration.load_for(arguments)
    with Progress("posenet-edge bench") as progress:
        result = _measure(settings, arguments.runs, progress)
    print(json.dumps(result, indent=2) if arguments.json else as_table(result))


def _measure(settings: Settings, runs: int, progress: Progress) -> dict[str, Any]:
    progress.begin("timing the stages of one frame, one thread")
    models = Models(settings)
    model = Model(models.file, threads=1)
    with tempfile.TemporaryDirectory(prefix="posenet-edge-") as folder, running_report(Path(folder)) as report:
        outlet = SocketLineSender(report.socket)
        times, poses = time_stages(model, settings, outlet, runs)
        outlet.close()
        report_rss = rss_mb(report.pid)
    progress.begin("timing tracking and detectors with five people, and report at work")
    five_people = time_analytics(runs)
    costs = _report_costs(max(2.0, runs / RATE))
    progress.begin("timing second looks in three rooms")
    attention = attention_costs(settings, models.model, runs)
    progress.begin(f"starting sense {_STARTS} times")
    starts = [first_pose(settings.model.file) for _ in range(_STARTS)]
    return {
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()},
        "model": settings.model.file if len(models.files) == 1 else f"{settings.model.file}: {models.file.path.stem}",
        "threads": 1,
        "frame": "640x480",
        "poses": poses,
        "runs": runs,
        "stages": summarise(times),
        "overhead_ratio": overhead_ratio(times),
        "first_pose_s": round(float(np.median([start.seconds for start in starts])), 2),
        "sense_rss_mb": round(float(np.median([start.rss_mb for start in starts])), 1),
        "report_rss_mb": round(report_rss, 1),
        "attention": attention,
        "five_people": summarise(five_people),
        "report_at_work": {
            str(people): {"rss_mb": round(cost.rss_mb, 1), "share": round(cost.share, 4)}
            for people, cost in costs.items()
        },
    }


def _report_costs(seconds: float) -> dict[int, Cost]:
    """Costs by the number of people; empty if mosquitto is not installed."""
    try:
        return {people: report_cost(seconds, people) for people in (2, EVERYBODY)}
    except Unavailable as error:
        print(f"posenet-edge bench: {error}; what report takes at work is left out", file=sys.stderr)
        return {}


def time_stages(
    model: Model, settings: Settings, outlet: SocketLineSender, runs: int
) -> tuple[dict[str, NDArray[np.float64]], int]:
    """Time each stage on a frame with two people.

    Returns:
        Times of each stage ``[runs]``, ms, and the number of persons that were found.
    """
    frame = two_people()
    fit = Letterbox(model.height, model.width, model.quantization)
    decode = make_decoder(settings.decode)
    tracker = Tracker(settings.track)
    marks = np.zeros((runs + _WARM_UP, len(STAGES) + 1))
    for row, mark in enumerate(marks):
        mark[0] = time.perf_counter()
        tensor, undo = fit(frame)
        mark[1] = time.perf_counter()
        model.set_input(tensor)
        mark[2] = time.perf_counter()
        model.invoke()
        mark[3] = time.perf_counter()
        heads = model.heads()
        mark[4] = time.perf_counter()
        poses = [undo(pose) for pose in decode(heads)]
        mark[5] = time.perf_counter()
        persons = tuple(tracker.update(poses, mark[0]))
        mark[6] = time.perf_counter()
        line = wire.encode(wire.FrameLine(row, mark[0], mark[0], frame.shape[1], frame.shape[0], persons))
        mark[7] = time.perf_counter()
        outlet.send(line)
        mark[8] = time.perf_counter()
    times = 1000 * np.diff(marks[_WARM_UP:], axis=1)
    return dict(zip(STAGES, times.T, strict=True)), len(persons)


def summarise(times: dict[str, NDArray[np.float64]]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each stage and of the whole, ms."""
    rows = {**times, "whole": np.sum(list(times.values()), axis=0)}
    return {
        name: {"median_ms": round(float(np.median(row)), 3), "p95_ms": round(float(np.percentile(row, 95)), 3)}
        for name, row in rows.items()
    }


def overhead_ratio(times: dict[str, NDArray[np.float64]]) -> float:
    """Time of everything but the model as a share of the model's: the median of the ratios in each frame."""
    rest = np.sum([row for name, row in times.items() if name != "invoke"], axis=0)
    return round(float(np.median(rest / times["invoke"])), 3)


def as_table(result: dict[str, Any]) -> str:
    """Format the results as a table."""
    machine = result["machine"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}",
        f"model {result['model']}, one thread, a frame of {result['frame']} with {result['poses']} poses, "
        f"{result['runs']} runs",
        "",
        f"{'stage':<12}{'median ms':>12}{'p95 ms':>12}",
    ]
    lines += [_row(name, row) for name, row in result["stages"].items()]
    lines += [
        "",
        f"overhead: everything but invoke takes {100 * result['overhead_ratio']:.0f} % of invoke",
        f"sense: first pose {result['first_pose_s']} s after start, {result['sense_rss_mb']} MB resident",
        f"report: {result['report_rss_mb']} MB resident",
        "",
        *(_LOOKS.format(room=_ROOMS[room], more=100 * (ratio - 1)) for room, ratio in result["attention"].items()),
        "",
        f"{'five people':<12}{'median ms':>12}{'p95 ms':>12}",
        *(_row(name, result["five_people"][name]) for name in ("track", "analytics", "whole")),
        "",
        *([_at_work(*entry) for entry in result["report_at_work"].items()] or ["report at work: not measured"]),
    ]
    return "\n".join(lines)


def _row(name: str, figures: dict[str, float]) -> str:
    return f"{name:<12}{figures['median_ms']:>12.3f}{figures['p95_ms']:>12.3f}"


def _at_work(people: str, cost: dict[str, float]) -> str:
    share = 100 * cost["share"]
    return f"report at {RATE:.0f} frames/s with {people} people: {share:.1f} % of a core, {cost['rss_mb']} MB resident"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    found = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return found[-1] if found else platform.machine()
