"""Cost of tracking, detectors and ``report`` with five people, zones, a line, a floor and a rule."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge import wire
from edge.config.settings import MqttSettings
from edge.errors import Unavailable
from edge.mqtt.client import Client, Message, unique_client_id
from edge.pose import Pose
from edge.report import configuration
from edge.report.analytics.engine import Engine
from edge.report.messages.state import StateThrottle
from edge.sense.line_sender import SocketLineSender
from edge.sense.track import Tracker
from edge.tools.bench.process_footprint import processor_seconds, rss_mb, running_report
from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.noise import Noise, Observer
from edge.tools.simulate.pinhole_camera import CORNER
from edge.tools.simulate.scenes import SCENES

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


class Cost(NamedTuple):
    """Cost of ``report``."""

    rss_mb: float
    """Resident memory, MB."""
    share: float
    """Processor time as a share of one core."""


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
            return Cost(rss_mb(report.pid), share)


def _config_file(folder: Path) -> Path:
    path = folder / "config.toml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return path
