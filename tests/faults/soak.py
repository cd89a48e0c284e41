"""A whole sensor for as long as wanted, with faults at random: nothing is lost untold, and nothing grows.

``python -m tests.faults.soak --seconds S``; a person comes and goes every few seconds, so that there are events.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jsonschema import Draft202012Validator

from edge.report.messages.schema import SCHEMAS
from edge.tools.mosquitto import Mosquitto
from tests.faults.growth import Footprints
from tests.faults.sensor import SERVICES, TOPIC, Sensor, await_news
from tests.faults.visits import VISITS, photograph_visits
from tests.support.relay import Relay
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

_PAUSE_S = (2.0, 8.0)
"""Between two faults."""
_LIFE_S = 600.0
"""For which a service that was killed lives at least, so that it could be seen to grow."""
_MEMORY_MB = {"sense": 8.0, "report": 2.0}
_DESCRIPTORS = 3.0
"""What a service may surely grow by, at most; the memory of ``sense`` goes up and down by 4 MB all the time."""
_PLAIN_HEAP = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1"}
"""The C library's caches keep its heap from being joined again: it fills for a quarter of an hour, as if it grew."""
_SETTINGS = (*VISITS, "mqtt.health_interval=5", "outbox.keep=disk")


@dataclass
class Account:
    """What was heard, and what is missing of it.

    Attributes:
        messages: All that arrived below the sensor's topic.
        invalid: Of them, those that break their schema.
        events: Different events that arrived.
        late: Of them, those that came on ``late/`` alone.
        repeated: Arrivals of an event that had arrived before.
        missing: Numbers between the first and the last of each run that never arrived.
        declared: Events that the sensor itself says it has lost.
    """

    messages: int = 0
    invalid: int = 0
    events: int = 0
    late: int = 0
    repeated: int = 0
    missing: int = 0
    declared: int = 0

    @property
    def unaccounted(self) -> int:
        """Events that neither arrived nor were declared."""
        return max(self.missing - self.declared, 0)


def account(messages: list[tuple[str, bytes]]) -> Account:
    """Add up what arrived, as topic without the sensor's own part and payload."""
    result = Account()
    validators = {name: Draft202012Validator(schema) for name, schema in SCHEMAS.items()}
    runs: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    lost: dict[int, int] = {}
    for topic, payload in messages:
        result.messages += 1
        kind = topic.partition("/")[0]
        if kind == "availability":
            result.invalid += payload not in (b"online", b"offline")
            continue
        try:
            said = json.loads(payload)
        except ValueError:
            result.invalid += 1
            continue
        result.invalid += not validators["event" if kind == "late" else kind].is_valid(said)
        if kind == "health":
            lost[said["instance"]] = said["events_lost"]
        elif kind in ("event", "late"):
            heard = runs[said["run"]][said["sequence"]]
            result.repeated += bool(heard)
            heard.add(kind)
    for run in runs.values():
        result.events += len(run)
        result.late += sum(heard == {"late"} for heard in run.values())
        result.missing += max(run) - len(run)
    result.declared = sum(lost.values())
    return result


class Faults:
    """What goes wrong around a sensor and in it, each until it is mended again."""

    def __init__(self, broker: Mosquitto, relay: Relay, sensor: Sensor, listener: Subscriber, chance: random.Random):
        self._broker, self._relay, self._sensor, self._listener = broker, relay, sensor, listener
        self._chance = chance
        self._spared: dict[str, float] = {}
        """When the faults that were done lately may be done again, monotonic s."""
        self.all: dict[str, Callable[[], None]] = {
            "broker killed": self._broker_killed,
            "broker stopped": self._broker_stopped,
            "link dead, unnoticed": self._swallowed,
            "connection ended": relay.hang_up,
            "ten bytes at a time": self._sliced,
            "nonsense commanded": self._nonsense,
            "no processor left": self._busy,
        }
        for service in SERVICES:
            self.all[f"{service} killed"] = partial(self._killed, service)
            self.all[f"{service} stopped"] = partial(self._stopped, service)

    def choose(self) -> str:
        """Name one of ``all`` at random, but none that is spared for now."""
        return self._chance.choice([name for name in self.all if time.monotonic() >= self._spared.get(name, 0.0)])

    def _sleep(self, longest: float) -> None:
        time.sleep(self._chance.uniform(0.5, longest))

    def _broker_killed(self) -> None:
        # Who listens has to be back first, or it would miss what the broker then takes.
        self._relay.refusing = True
        self._relay.hang_up()
        self._hear_all()
        self._broker.signal(signal.SIGKILL)
        self._broker.stop()
        wait_until(lambda: not self._listener.subscribed, what="the end of the broker")
        self._sleep(4.0)
        self._broker.start()
        wait_until(lambda: self._listener.subscribed, what="the listener, back at the broker")
        self._relay.refusing = False

    def _hear_all(self) -> None:
        """Wait until the listener has all that the broker took: it would be gone with it, and the sensor was told."""
        mark = os.urandom(8)
        self._listener.publish(f"{TOPIC}/command/mark", mark)
        wait_until(lambda: mark in self._listener.on("command/mark")[-1:], what="the mark comes back")

    def _broker_stopped(self) -> None:
        self._broker.signal(signal.SIGSTOP)
        self._sleep(4.0)
        self._broker.signal(signal.SIGCONT)

    def _swallowed(self) -> None:
        self._relay.swallowing = True
        self._sleep(15.0)
        self._relay.swallowing = False
        self._relay.hang_up()

    def _sliced(self) -> None:
        self._relay.slice_bytes = 10
        self._sleep(3.0)
        self._relay.slice_bytes = 0

    def _nonsense(self) -> None:
        for name in ("camera", "places", "sensitivity", "unheard"):
            self._listener.publish(f"{TOPIC}/command/{name}", self._chance.randbytes(self._chance.randrange(1, 2000)))

    def _busy(self) -> None:
        hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
        self._sleep(3.0)
        for hog in hogs:
            hog.kill()
            hog.wait()

    def _killed(self, service: str) -> None:
        self._spared[f"{service} killed"] = time.monotonic() + _LIFE_S
        self._sensor.signal(service, signal.SIGKILL)

    def _stopped(self, service: str) -> None:
        with self._sensor.stopped(service):
            self._sleep(4.0)


def percentiles(messages: list[tuple[str, bytes]]) -> str:
    """p99 of each stage, median over the first and the second half of what ``health`` said."""
    said = [json.loads(payload)["stages"] for topic, payload in messages if topic == "health"]
    told = [each for each in said if each]
    halves = told[: len(told) // 2], told[len(told) // 2 :]
    if not all(halves):
        return "too short"
    medians = [[statistics.median(each[stage]["p99"] for each in half) for half in halves] for stage in told[0]]
    return ", ".join(
        f"{stage} {first:.1f} -> {second:.1f}" for stage, (first, second) in zip(told[0], medians, strict=True)
    )


def _nothing_kept(listener: Subscriber, since: float) -> bool:
    said = json.loads((listener.on("health") or [b'{"time": 0}'])[-1])
    return said["time"] > since and not said["events_kept"]


def soak(seconds: float, seed: int) -> list[str]:
    """Run a sensor with faults for ``seconds``; return what is wrong, nothing if all is well."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="posenet-edge-soak-") as name:
        photos, state = Path(name) / "photos", Path(name) / "state"
        photos.mkdir()
        state.mkdir()
        photograph_visits(photos)
        with (
            Mosquitto() as broker,
            Relay(broker.port) as relay,
            Subscriber(broker.port, f"{TOPIC}/#") as listener,
            Sensor(
                "127.0.0.1", relay.port, *_SETTINGS, source=f"stills:{photos}", state=state, variables=_PLAIN_HEAP
            ) as sensor,
            Footprints(sensor) as footprints,
        ):
            await_news(listener, time.time())
            faults = Faults(broker, relay, sensor, listener, chance)
            began, injected = time.monotonic(), 0
            while (passed := time.monotonic() - began) < seconds:
                time.sleep(min(chance.uniform(*_PAUSE_S), seconds - passed))
                fault = faults.choose()
                print(f"{passed:6.0f} s: {fault}; ", end="", file=sys.stderr, flush=True)
                faults.all[fault]()
                try:
                    print(f"poses again {await_news(listener, time.time()):.1f} s later", file=sys.stderr, flush=True)
                except AssertionError as error:
                    return [f"{error} after: {fault}; the sensor's log ends with\n{sensor.log()[-3000:]}"]
                injected += 1
            ended = time.time()
            wait_until(lambda: _nothing_kept(listener, ended), what="health that says that no event is kept any more")
        heard = [(each.topic.removeprefix(f"{TOPIC}/"), bytes(each.payload)) for each in listener.messages]
        messages = [(topic, payload) for topic, payload in heard if not topic.startswith("command/")]
    told = account(messages)
    wrong = [f"{told.unaccounted} events neither arrived nor were declared"] if told.unaccounted else []
    wrong += [f"{told.invalid} messages break their schema"] if told.invalid else []
    wrong += [] if told.events else ["no event was said at all"]
    print(f"p99 in ms, first half -> second half: {percentiles(messages)}")
    for service in SERVICES:
        for what, unit, bound, found in zip(
            ("memory", "descriptors"),
            ("MB", ""),
            (_MEMORY_MB[service], _DESCRIPTORS),
            footprints.slopes(service),
            strict=True,
        ):
            hourly = f"{3600 * found.value:+.2f} ± {3600 * found.error:.2f} {unit} an hour"
            print(f"{service}: {what} {hourly if found.seconds else 'too short to tell'}, over {found.seconds:.0f} s")
            if found.grown > bound:
                wrong.append(f"{service}: {what} grows: {hourly}")
    print(
        f"{told.messages} messages, {told.unaccounted} unaccounted, {told.events} events ({told.late} late, "
        f"{told.repeated} said again, {told.declared} declared lost), {injected} faults"
    )
    return wrong


def main() -> None:
    """Exit with 1 if something is wrong, and say what."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description="Run a whole sensor with faults at random.")
    parser.add_argument("--seconds", type=float, default=1800.0, metavar="S", help="how long (default: half an hour)")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="the same gives the same faults")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    wrong = soak(asked.seconds, asked.seed)
    for each in wrong:
        print(f"soak: {each}", file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
