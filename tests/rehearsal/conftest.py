"""The machines on which the rehearsal runs. ``scripts/rehearse`` starts it in name spaces of its own."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.tools.install.build import PARTS
from tests.rehearsal import broker, equipment
from tests.rehearsal.cache import PROJECT
from tests.rehearsal.debian import device_root
from tests.rehearsal.machine import Machine
from tests.rehearsal.probe import WORKSHOP, make_workshop
from tests.rehearsal.wheels import wheels
from tests.support.locked import Target, locked

# An ordinary pytest passes by: these need root, a container and minutes.
collect_ignore_glob = [] if "POSENET_EDGE_REHEARSAL" in os.environ else ["test_*.py"]

DEVICE = Target("3.13", 41)
"""What the machine's Debian is."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the place for the machines' layers, once for all workers."""
    if not hasattr(config, "workerinput") and "POSENET_EDGE_REHEARSAL" in os.environ:
        make_workshop()


@contextmanager
def made_once(folder: Path) -> Iterator[bool]:
    """Let one worker make ``folder`` while the others wait; true for the one that has to make it."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        yield not done.exists()
        done.touch()


@pytest.fixture(scope="session")
def blank() -> list[Path]:
    """Layers of a device with a camera and a broker, as its owner has it before anything is installed."""
    root, kit, with_broker = device_root(), WORKSHOP / "kit", WORKSHOP / "broker"
    with made_once(with_broker) as needed:
        if needed:
            equipment.equip(root, kit)
            with Machine([kit, root], with_broker) as machine:
                broker.set_up(machine)
    return [with_broker / "top", kit, root]


@pytest.fixture(scope="session")
def make_machine() -> Callable[[str, list[Path]], Machine]:
    """A machine of that name upon these layers, with the wheels that its pip would otherwise download."""

    def make(name: str, layers: list[Path]) -> Machine:
        folder = wheels("device", locked(DEVICE, *PARTS, "backend"), DEVICE)
        return Machine(layers, WORKSHOP / name, {folder: equipment.WHEELS})

    return make


@pytest.fixture(scope="session")
def installed(blank: list[Path], make_machine: Callable[[str, list[Path]], Machine]) -> list[Path]:
    """Layers of a device on which ``scripts/install`` has been run and nothing else."""
    work = WORKSHOP / "install"
    with made_once(work) as needed:
        if needed:
            with make_machine(work.name, blank) as machine:
                machine.unpack(PROJECT, "/root/posenet-edge")
                machine.run(INSTALL, folder="/root/posenet-edge", timeout=600)
                with broker.Listener(machine) as listener:
                    listener.wait_for_pose()
    return [work / "top", *blank]


INSTALL = f"scripts/install --broker {broker.BROKER} --user {broker.SENSOR} --password-file /root/password </dev/null"


@pytest.fixture(scope="module")
def device(
    request: pytest.FixtureRequest, installed: list[Path], make_machine: Callable[[str, list[Path]], Machine]
) -> Iterator[Machine]:
    """A booted device with the product on it, for one file of tests."""
    with make_machine(request.module.__name__.rpartition(".")[2], installed) as machine:
        yield machine


@pytest.fixture
def listener(device: Machine) -> Iterator[broker.Listener]:
    """Who listens to the broker on the device."""
    with broker.Listener(device) as listening:
        yield listening
