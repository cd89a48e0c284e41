"""``scripts/demo``: run the sensor with a broker of its own, and print what a subscriber receives."""

import argparse
import os
import subprocess
import sys
import time
from typing import Any

from edge.config.settings import MqttSettings
from edge.data_files import PHOTOS
from edge.errors import PosenetEdgeError
from edge.mqtt.client import Client, Message, unique_client_id
from edge.report.messages.schema import MESSAGES
from edge.runtime.command import Parser
from edge.runtime.process import configure_logging, die_with_parent, stop_on_signals
from edge.runtime.time_window import TimeWindow
from edge.tools.describe import event_in_words, state_in_words
from edge.tools.end_process import end_process
from edge.tools.mosquitto import Mosquitto

_DEVICE = "demo"
_ENDS_WITHIN_S = 20.0
"""Time that the sensor has to end both of its processes."""
_TURN_S = 0.1
_RATE_OVER_S = 2.0
"""Time over which the shown frames/s are counted."""


class Printer:
    """Prints a readable line for each message, and totals at the end."""

    def __init__(self) -> None:
        self.messages = 0
        self.persons = 0
        self._times: TimeWindow[None] = TimeWindow(_RATE_OVER_S)
        self._first = self._last = 0.0
        self._known: list[str] = []

    def hear(self, message: Message) -> None:
        """Print a message of the sensor that arrived now."""
        name = message.topic.split("/")[2]
        payload = message.payload.decode() if name == "availability" else MESSAGES[name].read(message.payload)
        self.show(name, payload, time.monotonic())

    def show(self, name: str, payload: Any, at: float) -> None:
        """Print a message that arrived ``at`` (monotonic s)."""
        if name == "poses":
            self._count(len(payload["poses"]), at)
            people = "; ".join(_describe(pose) for pose in payload["poses"]) or "nobody"
            print(f"#{payload['sequence']:<5} {self._rate():5.1f} frames/s  {people}", flush=True)
        else:
            print(f"{name} {self._told(name, payload)}", flush=True)

    def _told(self, name: str, payload: Any) -> str:
        if name == "availability":
            return str(payload)
        if name == "health":
            return f"{payload['state']}, source {payload['source']}"
        if name == "places":
            counts = {"zones": "zone", "lines": "line", "ignored": "ignore", "exits": "exit"}
            return ", ".join(f"{len(payload[kind])} {word}" for word, kind in counts.items())
        if name in ("event", "late"):
            return event_in_words(payload)
        before, self._known = self._known, state_in_words(payload)
        news = [words for words in self._known if words not in before]
        return ", ".join(news) or ("unknown again" if before else "not known yet")

    def sum(self) -> str:
        """Totals as a line of text."""
        seconds = self._last - self._first
        rate = (self.messages - 1) / seconds if seconds > 0 else 0.0
        return f"received {self.messages} pose messages, {self.persons} persons, {rate:.1f} frames/s"

    def _count(self, persons: int, at: float) -> None:
        self.messages += 1
        self.persons += persons
        self._first = self._first or at
        self._last = at
        self._times.add(None, at)

    def _rate(self) -> float:
        # The first messages may arrive as a burst, since they queue while the processes start: their times say nothing
        # about the rate, so it is counted over at least a second.
        return (len(self._times) - 1) / max(self._times.span, 1.0)


def _describe(pose: dict[str, Any]) -> str:
    nose, *_ = pose["keypoints"]
    sure = sum(point["score"] >= 0.5 for point in pose["keypoints"])
    return (
        f"person {pose['id']}, {sure} joints seen, nose at ({nose['position']['x']:.0f}, {nose['position']['y']:.0f})"
    )


def _best_source() -> list[str]:
    """Arguments for the camera, or if there is none for the sample photos; prints which."""
    from edge.sense.camera import auto_source

    source = auto_source()
    if source:
        print(f"source: {source}", flush=True)
        return [f"--source={source}"]
    print(f"source: no camera here, so the sample photos in {PHOTOS} with a moving crop", flush=True)
    return [f"--source=stills:{PHOTOS}", "--set=stills.moving_crop=true"]


def _start_sensor(port: int, source: list[str]) -> subprocess.Popen[bytes]:
    settings = [f"--set=device.id={_DEVICE}", "--set=mqtt.host=127.0.0.1", f"--set=mqtt.port={port}"]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "edge", "run", *source, *settings],
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=die_with_parent,
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"found {text}; expected more than 0 s, for example 10")
    return seconds


def _parse() -> argparse.Namespace:
    parser = Parser(
        prog="scripts/demo",
        description="Runs the sensor with a broker of its own on loopback and prints what a subscriber receives.",
        epilog="Example: scripts/demo --seconds 10 --source v4l2:/dev/video0",
    )
    parser.add_argument("--seconds", type=_seconds, metavar="N", help="end after N seconds (default: until Ctrl-C)")
    parser.add_argument("--source", help="as in posenet-edge run --source (default: the best there is)")
    return parser.parse_args()


def main() -> int:
    """Run the demo; returns the exit code: 0 if any poses were received, else that of the sensor or 69."""
    arguments = _parse()
    configure_logging("demo")
    stopping = stop_on_signals()
    printer = Printer()
    source = [f"--source={arguments.source}"] if arguments.source else _best_source()
    with Mosquitto() as broker:
        print(f"broker: mosquitto on 127.0.0.1:{broker.port}", flush=True)
        settings = MqttSettings(host="127.0.0.1", port=broker.port)
        subscriber = Client(settings, unique_client_id("demo"), max_waiting=4096)
        subscriber.subscribe(f"posenet/{_DEVICE}/#", printer.hear)
        subscriber.connect()
        sensor = _start_sensor(broker.port, source)
        until = time.monotonic() + (arguments.seconds or float("inf"))
        try:
            while not stopping.is_set() and time.monotonic() < until and sensor.poll() is None:
                subscriber.dispatch(_TURN_S)
        finally:
            end_process(sensor, _ENDS_WITHIN_S)
            code = sensor.returncode
            subscriber.dispatch()
            subscriber.stop()
    print(printer.sum(), flush=True)
    return os.EX_OK if printer.messages else code or os.EX_UNAVAILABLE


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PosenetEdgeError as error:
        print(f"demo: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader has closed the pipe; without this, Python would report it again at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
