"""Measure the time of each stage of a frame, and the memory of both processes."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge import wire
from edge.config.settings import DutySettings, MqttSettings, Settings
from edge.data_files import PHOTOS
from edge.errors import BadInput, Unavailable, UsageError
from edge.mqtt.client import Client, Message, unique_client_id
from edge.pose import Pose
from edge.report import configuration
from edge.report.analytics.engine import Engine
from edge.report.messages.state import StateThrottle
from edge.runtime.footprint import resident_memory
from edge.runtime.process import die_with_parent
from edge.sense.camera.base import Frame
from edge.sense.decode import make_decoder
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.inference.models import Models
from edge.sense.line_sender import SocketLineSender
from edge.sense.pose_pipeline import PosePipeline
from edge.sense.stage_timer import StageTimer
from edge.sense.track import Tracker
from edge.tools.end_process import end_process
from edge.tools.mosquitto import Mosquitto
from edge.tools.progress import Progress
from edge.tools.simulate.noise import Noise, Observer
from edge.tools.simulate.pinhole_camera import CORNER
from edge.tools.simulate.scenes import SCENES

STAGES = ("fit", "set_tensor", "invoke", "get_heads", "decode", "track", "encode", "send")
_WARM_UP = 5
"""Frames before the stages are timed."""
_STARTS = 3
_LOOKS = "second looks, {room:<33}{more:+4.0f} % of the time of a frame"
_ROOMS = {"empty": "nobody there:", "upright": "somebody upright:", "lost": "somebody lost inside the picture:"}
"""``lost``: somebody was upright and vanished inside the picture."""
RATE = 15.0
"""Frames per second."""
CONFIGURATION = """
[floor]
camera_height = 2.2
tilt = 20.0
field_of_view = 62.0
[[zone]]
name = "left"
polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
dwell = 2.0
[[zone]]
name = "rug"
unit = "metres"
polygon = [[-1.0, 3.0], [1.0, 3.0], [1.0, 5.0], [-1.0, 5.0]]
[[line]]
name = "middle"
start = [0.5, 1.0]
end = [0.5, 0.0]
[[rule]]
name = "reach"
when = "(left_wrist above head by 0.12 or right_wrist above head by 0.12) for 2 s and zone == 'rug'"
"""
"""All detectors are on by default."""
_PEOPLE = (("stand-still", -1.6), ("wave", -0.8), ("squats", 0.0), ("raise-hand", 0.8), ("sit", 1.6))
"""Scene of each person, which is repeated, and offset to the right, m."""
EVERYBODY = len(_PEOPLE)
_WARM_UP_S = 2.0
"""Time until everybody is tracked and the process is at work."""
_WARM_UP_FRAMES = 45
"""Frames with the person, who must have been there for a while before a loss is one."""
_SETTLED_FRAMES = 30
"""Number of frames after which the memory of ``sense`` does not grow any more."""
_READY_WITHIN_S, _END_WITHIN_S = 10.0, 2.0
_NO_BROKER = 9
"""The port "discard", which is closed nearly everywhere: a measurement must not reach a broker in use."""


class Cost(NamedTuple):
    """Cost of ``report``."""

    rss_mb: float
    """Resident memory, MB."""
    share: float
    """Processor time as a share of one core."""


class Start(NamedTuple):
    """One start of the sensing process."""

    seconds: float
    """From the start of the process to its first frame line."""
    rss_mb: float
    """Resident memory after 30 frames, MB."""


class RunningReport(NamedTuple):
    """``report`` as a process that listens on ``socket``."""

    pid: int
    socket: Path


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
        report_rss = resident_memory(Path(f"/proc/{report.pid}/statm"))
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


def attention_costs(settings: Settings, model: Model, frames: int) -> dict[str, float]:
    """Measure each room, with and without attention in turn.

    Args:
        settings: Of attention.
        model: What looks.
        frames: Number of frames of each room, at least 1.

    Returns:
        For each of ``_ROOMS`` the whole time with attention divided by that without.

    Raises:
        BadInput: The sample photo cannot be read.
    """
    somebody, nobody = sample_frame("camera.jpg", 480, 0, 80), np.full((480, 640, 3), 128, np.uint8)
    shown = {"empty": (nobody, nobody), "upright": (somebody, somebody), "lost": (somebody, nobody)}
    # Second looks are measured in frames that the model looks at.
    settings = replace(settings, duty=DutySettings(enabled=False))
    without = replace(settings, attention=replace(settings.attention, looks=0.0))
    return {room: _ratio([settings, without], model, *shown[room], frames) for room in _ROOMS}


def _ratio(
    variants: list[Settings], model: Model, before: NDArray[np.uint8], after: NDArray[np.uint8], frames: int
) -> float:
    pipelines = [PosePipeline(settings, model, StageTimer()) for settings in variants]
    spent = np.zeros((frames + _WARM_UP_FRAMES, 2))
    for number, row in enumerate(spent):
        now = number / RATE
        frame = Frame(before if number < _WARM_UP_FRAMES else after, now, now, now)
        for column, pipeline in enumerate(pipelines):
            begun = time.perf_counter()
            pipeline.find_persons(frame)
            row[column] = time.perf_counter() - begun
    attended, plain = spent[_WARM_UP_FRAMES:].sum(axis=0)
    return round(float(attended / plain), 3)


def crowd(seconds: float, people: int = EVERYBODY) -> Iterator[tuple[float, list[Pose]]]:
    """Simulate people for some seconds.

    Yields:
        Time of each frame, s, and its poses.
    """
    observer = Observer(CORNER, Noise(), seed=0)
    actors = [(SCENES[name].actors[0], np.array((right, 0.0, 0.0))) for name, right in _PEOPLE[:people]]
    for number in range(int(seconds * RATE)):
        t = number / RATE
        seen = observer([actor.joints(t % actor.duration) + aside for actor, aside in actors])
        yield t, [person.pose for person in seen]


def time_analytics(frames: int) -> dict[str, NDArray[np.float64]]:
    """Measure ``track`` and ``analytics``, ms ``[frames]``."""
    with tempfile.TemporaryDirectory(prefix="posenet-edge-") as folder:
        settings = configuration.load(_config_file(Path(folder)), [])
    tracker, engine, throttle = Tracker(settings.track), Engine(settings), StateThrottle()
    rows = []
    for number, (t, poses) in enumerate(crowd(_WARM_UP_S + frames / RATE)):
        begun = time.perf_counter()
        persons = tuple(tracker.update(poses, t))
        tracked = time.perf_counter()
        engine.see(wire.FrameLine(number, t, t, *CORNER.size, persons))
        if throttle.wants(t):  # as report does
            throttle.due(engine.state(t), t)
        rows.append((tracked - begun, time.perf_counter() - tracked))
    times = 1000 * np.array(rows[-frames:])
    return {"track": times[:, 0], "analytics": times[:, 1]}


def report_cost(seconds: float, people: int) -> Cost:
    """Measure ``report`` while it publishes people to a broker.

    Returns:
        Its cost.

    Raises:
        Unavailable: mosquitto is not installed, or nothing was published.
    """
    with (
        tempfile.TemporaryDirectory(prefix="posenet-edge-") as name,
        Mosquitto() as broker,
        Client(MqttSettings(host="127.0.0.1", port=broker.port), unique_client_id("bench")) as subscriber,
    ):
        folder = Path(name)
        heard: list[Message] = []
        subscriber.subscribe("posenet/+/poses", heard.append)
        with running_report(folder, broker.port, f"--config={_config_file(folder)}") as report:
            outlet = SocketLineSender(report.socket)
            tracker = Tracker(configuration.load(None, []).track)
            begun, used, since = time.monotonic(), 0.0, 0.0
            for number, (t, poses) in enumerate(crowd(_WARM_UP_S + seconds, people)):
                if not since and t >= _WARM_UP_S:
                    since, used = time.monotonic(), processor_seconds(report.pid)
                persons = tuple(tracker.update(poses, t))
                now = time.monotonic()
                time.sleep(max(0.0, begun + t - now))
                outlet.send(wire.encode(wire.FrameLine(number, time.monotonic(), time.time(), *CORNER.size, persons)))
            subscriber.dispatch()
            if not heard:
                raise Unavailable("report published no poses")
            share = (processor_seconds(report.pid) - used) / (time.monotonic() - since)
            outlet.close()
            return Cost(resident_memory(Path(f"/proc/{report.pid}/statm")), share)


def _config_file(folder: Path) -> Path:
    path = folder / "config.toml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return path


def first_pose(model: str) -> Start:
    """Run ``sense`` on a sample photo.

    Returns:
        Its start.

    Raises:
        Unavailable: It ended too early.
    """
    begun = time.monotonic()
    source = [f"--source=stills:{PHOTOS / 'astronaut.jpg'}", f"--set=model.file={model}", "--set=camera.frame_rate=60"]
    seconds, frames = 0.0, 0
    with _running("sense", "--stdout", *source) as process:
        assert process.stdout
        for line in process.stdout:
            if b'"kind":"frame"' in line:
                seconds = seconds or time.monotonic() - begun
                frames += 1
            if frames >= _SETTLED_FRAMES:
                return Start(seconds, resident_memory(Path(f"/proc/{process.pid}/statm")))
        raise Unavailable(f"sense ended with exit status {process.wait()} before it had seen {_SETTLED_FRAMES} frames")


@contextmanager
def running_report(folder: Path, port: int = _NO_BROKER, *arguments: str) -> Iterator[RunningReport]:
    """Run ``report`` with a socket in ``folder``; ``port`` is that of a broker on this machine.

    Yields:
        The process, once it listens.

    Raises:
        Unavailable: It did not start.
    """
    socket = folder / "wall.sock"
    broker = ("--set=mqtt.host=127.0.0.1", f"--set=mqtt.port={port}")
    with _running("report", f"--socket={socket}", *broker, *arguments) as process:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable("report did not open its socket")
            time.sleep(0.01)
        yield RunningReport(process.pid, socket)


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used, s."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _running(verb: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-P", "-m", "edge", verb, *arguments]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,
        # A device's own configuration may want a seal, a camera or a broker.
        env={**os.environ, "POSENET_EDGE_CONFIG": os.devnull},
    ) as process:
        try:
            yield process
        finally:
            end_process(process, _END_WITHIN_S)


def sample_frame(name: str, side: int, top: int, *lefts: int) -> NDArray[np.uint8]:
    """Put a sample photo into a grey frame, once or several times.

    Args:
        name: Of the photo, which is square.
        side: Height and width to which it is scaled, px.
        top: Its upper edge in the frame, px.
        *lefts: Its left edges, px.

    Returns:
        RGB ``[480, 640, 3]``.

    Raises:
        BadInput: The photo cannot be read.
    """
    photo = cv2.imread(str(PHOTOS / name), cv2.IMREAD_COLOR)
    if photo is None:
        raise BadInput(f"{PHOTOS / name}: cannot be read; expected the sample photo")
    scaled = cv2.resize(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB), (side, side), interpolation=cv2.INTER_AREA)
    frame = np.full((480, 640, 3), 128, np.uint8)
    for left in lefts:
        frame[top : top + side, left : left + side] = scaled
    return frame


def two_people() -> NDArray[np.uint8]:
    """Frame with the sample portrait twice, side by side; RGB ``[480, 640, 3]``."""
    return sample_frame("astronaut.jpg", 320, 80, 0, 320)
