"""Faults of the machine and of our own processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.data_files import MODELS
from edge.tools.mosquitto import Mosquitto
from tests.faults.conftest import Fault
from tests.faults.sensor import SERVICES, Sensor, await_news
from tests.support.subscriber import Subscriber

_MODEL = "posenet-075-s32-257x353-int8.tflite"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of one's own."""
    path = tmp_path_factory.mktemp("model") / "own.tflite"
    path.write_bytes((MODELS / _MODEL).read_bytes())
    return path


@pytest.fixture(scope="module")
def sensor(broker: Mosquitto, model: Path) -> Iterator[Sensor]:
    with Sensor("127.0.0.1", broker.port, f"model.file={model}") as running:
        yield running


@pytest.mark.parametrize("service", SERVICES)
def test_stopped(sensor: Sensor, listener: Subscriber, fault: Fault, service: str) -> None:
    with fault(f"{service} stopped (SIGSTOP) for 4 s", listener), sensor.stopped(service):
        time.sleep(4)


@pytest.mark.parametrize("service", SERVICES)
def test_killed(sensor: Sensor, listener: Subscriber, fault: Fault, service: str) -> None:
    with fault(f"{service} killed", listener):
        sensor.signal(service, signal.SIGKILL)


def test_no_processor_left(sensor: Sensor, listener: Subscriber, fault: Fault) -> None:
    before = [sensor.pid(service) for service in SERVICES]
    with fault("four processes that take all there is of every core, for 3 s", listener):
        burn = [sys.executable, "-c", "while True: pass"]
        hogs = [subprocess.Popen(burn) for _ in range(2 * (os.cpu_count() or 1))]
        time.sleep(3)
        for hog in hogs:
            hog.kill()
            hog.wait()
    assert [sensor.pid(service) for service in SERVICES] == before


def test_a_model_that_is_overwritten(sensor: Sensor, model: Path, listener: Subscriber, fault: Fault) -> None:
    """What runs has read it whole, and goes on."""
    whole = model.read_bytes()
    with fault("model file overwritten while it runs", listener):
        model.write_bytes(bytes(len(whole)))
        try:
            await_news(listener, time.time())
        finally:
            model.write_bytes(whole)
