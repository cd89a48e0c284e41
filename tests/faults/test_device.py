"""Faults of what a sensor stands on: damaged frames, memory that others take, a disk that is slow or hangs."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from edge.data_files import PHOTOS
from edge.tools.mosquitto import Mosquitto
from tests.faults.conftest import Fault
from tests.faults.control_group import ControlGroup
from tests.faults.sensor import SERVICES, TOPIC, Sensor, await_news
from tests.faults.soak import account
from tests.faults.visits import VISITS, photograph_visits
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

MB = 1 << 20
_RATE = 5
"""Frames/s of the clip."""


@pytest.fixture
def groups() -> Iterator[Callable[[str], ControlGroup]]:
    """Control groups, each until the end of the test; skips where none can be had."""
    with ExitStack() as stack:

        def enter(controller: str) -> ControlGroup:
            try:
                return stack.enter_context(ControlGroup(controller))
            except OSError as error:
                pytest.skip(f"needs root and a control group for {controller}: {error}")

        yield enter


def write_clip(path: Path, frames: list[bytes]) -> None:
    """Put a clip of JPEGs in the place of what is there, in one step."""
    unfinished = path.with_suffix(".new.avi")
    with av.open(str(unfinished), "w", format="avi") as container:
        stream = container.add_stream("mjpeg", rate=_RATE)
        with Image.open(io.BytesIO(frames[0])) as photo:
            stream.width, stream.height = photo.size
        stream.pix_fmt = "yuvj420p"
        for number, frame in enumerate(frames):
            packet = av.Packet(frame)
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, number, number, Fraction(1, _RATE)
            packet.is_keyframe = True
            container.mux(packet)
    unfinished.rename(path)


def test_damaged_frames(broker: Mosquitto, tmp_path: Path, fault: Fault) -> None:
    """What is whole of them is looked at, and nobody is thought to have left."""
    whole = (PHOTOS / "astronaut.jpg").read_bytes()
    middle = len(whole) // 2
    cut, garbled = whole[:middle], whole[:middle] + os.urandom(2000) + whole[middle + 2000 :]
    clip = tmp_path / "clip.avi"
    write_clip(clip, [whole] * 2 * _RATE)
    with (
        Sensor("127.0.0.1", broker.port, "video.loop=true", source=f"video:{clip}") as sensor,
        Subscriber(broker.port, f"{TOPIC}/#") as listener,
    ):
        await_news(listener, time.time())
        before = [sensor.pid(service) for service in SERVICES]
        with fault("two of three frames cut off or garbled, and the clip too, for 6 s", listener):
            write_clip(clip, [whole, cut, garbled] * 2 * _RATE)
            os.truncate(clip, clip.stat().st_size * 2 // 3)
            wait_until(lambda: "cut off" in sensor.log(), what="it is noticed")
            begun = time.time()
            await_news(listener, begun)
            time.sleep(6)
            write_clip(clip, [whole] * 2 * _RATE)
        assert [sensor.pid(service) for service in SERVICES] == before
        assert not listener.on("left")
        assert not [said for said in map(json.loads, listener.on("poses")) if len(said["poses"]) > 1]


@pytest.fixture
def memory(groups: Callable[[str], ControlGroup]) -> ControlGroup:
    return groups("memory")


def test_no_memory_left(broker: Mosquitto, memory: ControlGroup, fault: Fault) -> None:
    with (
        Sensor("127.0.0.1", broker.port, inside=memory.command),
        Subscriber(broker.port, f"{TOPIC}/#") as listener,
    ):
        await_news(listener, time.time())
        with fault("another program takes all memory, until the kernel ends it", listener):
            memory.bound_memory(memory.memory + 64 * MB)
            takes_all = "taken = []\nwhile True: taken.append(b'x' * 1_000_000)"
            hog = subprocess.Popen([*memory.command, sys.executable, "-c", takes_all])
            hog.wait()
        assert memory.killed
        memory.bound_memory(None)


def test_memory_is_scarce(broker: Mosquitto, memory: ControlGroup, tmp_path: Path, fault: Fault) -> None:
    """The kernel takes each page from the group that it gives to it; nobody has to end for that."""
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(256 * MB)
    with (
        Sensor("127.0.0.1", broker.port, inside=memory.command) as sensor,
        Subscriber(broker.port, f"{TOPIC}/#") as listener,
    ):
        await_news(listener, time.time())
        before = [sensor.pid(service) for service in SERVICES]
        with fault("memory is scarce, and another program reads through files, for 5 s", listener):
            memory.bound_memory(memory.memory + 16 * MB)
            reader = subprocess.Popen([*memory.command, "sh", "-c", 'while cat "$0" >/dev/null; do :; done', large])
            time.sleep(5)
            memory.bound_memory(None)
            reader.kill()
            reader.wait()
        assert memory.was_full
        assert not memory.killed
        assert [sensor.pid(service) for service in SERVICES] == before


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system on a device of its own."""
    image, mounted = tmp_path / "image", tmp_path / "disk"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(32 * MB)
    try:
        run("mkfs.ext4", "-q", str(image))
        device = run("losetup", "--find", "--show", str(image))
        run("mount", device, str(mounted))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs root, and to mount a file: {error}")
    yield mounted
    run("umount", str(mounted))
    run("losetup", "--detach", device)


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def waits_for_disk(sensor: Sensor) -> bool:
    """Tell whether ``report`` is in a call that only the disk can end."""
    try:
        stat = Path(f"/proc/{sensor.pid('report')}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(") ")[2].startswith("D")


@pytest.mark.parametrize(
    ("name", "hangs"),
    [
        ("the disk writes 4 KB a second, for 8 s", False),
        ("the disk hangs until report is killed for it", True),
    ],
)
def test_the_disk_of_the_events(
    groups: Callable[[str], ControlGroup],
    disk: Path,
    broker: Mosquitto,
    tmp_path: Path,
    fault: Fault,
    name: str,
    hangs: bool,
) -> None:
    """No event is lost, and those whose number was given go out with it."""
    writes, device = groups("disk"), disk.stat().st_dev
    photos = tmp_path / "photos"
    photos.mkdir()
    photograph_visits(photos)
    with (
        Sensor("127.0.0.1", broker.port, *VISITS, "outbox.keep=disk", source=f"stills:{photos}", state=disk) as sensor,
        Subscriber(broker.port, f"{TOPIC}/#") as listener,
    ):
        wait_until(lambda: listener.on("left"), what="events")
        before = sensor.pid("report")
        with fault(name, listener):
            writes.bound_writes(device, 1 if hangs else 4096)
            writes.add(before or 0)
            wait_until(lambda: waits_for_disk(sensor), what="report waits for the disk")
            if hangs:
                wait_until(lambda: "report hangs" in sensor.log(), what="it is noticed")
            else:
                time.sleep(8)
            writes.bound_writes(device, None)
        assert (sensor.pid("report") == before) is not hangs
        heard = len(listener.on("left"))
        wait_until(lambda: len(listener.on("left")) > heard, what="further events")
        told = account([(each.topic.removeprefix(f"{TOPIC}/"), bytes(each.payload)) for each in listener.messages])
        assert (told.missing, told.declared, told.invalid) == (0, 0, 0)
