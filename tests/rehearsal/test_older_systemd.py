"""What only a person can mend, on Debian 12 with its systemd 252: said once, waited for, and over once it is mended.

The units and the program's own files are real, and the Python packages are missing: these errors are met before any of
them is needed, or are just that. So a bare Debian is enough, without a camera, an installation and a broker.
"""

from collections.abc import Iterator

import pytest

from tests.rehearsal import units
from tests.rehearsal.bare_debian import bare_root
from tests.rehearsal.cache import PROJECT
from tests.rehearsal.machine import Machine
from tests.rehearsal.probe import WORKSHOP
from tests.support.waiting import wait_until

_SUITE, _SYSTEMD, _PYTHON = "bookworm", "systemd 252", "python3.11"
_HOME = "/opt/posenet-edge/current"
_PACKAGES_HERE = f"{_HOME}/venv/lib/{_PYTHON}/site-packages"
_CONFIG = "/etc/posenet-edge/config.toml"
_GOOD = '[device]\nid = "hall"\n'


@pytest.fixture(scope="module")
def device() -> Iterator[Machine]:
    """A device whose services cannot start: neither has the Python packages that it needs."""
    with Machine([bare_root(_SUITE, "python3")], WORKSHOP / "older") as machine:
        machine.unpack(PROJECT, f"{_HOME}/source")
        source = f"{_HOME}/source"
        machine.run(
            f"python3 -m venv --without-pip {_HOME}/venv && cp -r {source}/edge {_PACKAGES_HERE}/ && "
            f"cp {source}/systemd/posenet-* /etc/systemd/system/ && "
            # It waits for most of a minute, so that not even who knocks at the socket has it tried more often; here nobody
            # knocks.
            f"sed 's/sleep 50/sleep 3/' {source}/systemd/launcher.sh >/usr/local/bin/posenet-edge && "
            "chmod 755 /usr/local/bin/posenet-edge"
        )
        for kind in ("sysusers", "tmpfiles"):
            machine.run(f"install -D -m644 {source}/systemd/{kind}.conf /etc/{kind}.d/posenet-edge.conf")
        machine.run("systemd-sysusers; systemd-tmpfiles --create posenet-edge.conf; systemctl daemon-reload")
        yield machine


@pytest.fixture(autouse=True)
def stopped(device: Machine) -> Iterator[None]:
    yield
    device.run(f"systemctl stop {units.TARGET} {units.SOCKET} {' '.join(units.SERVICES)}")


def await_wait(device: Machine, unit: str, error: str) -> None:
    """Return once a unit waits until somebody mends this."""

    def waits() -> bool:
        status = units.status(device, unit)
        return status.startswith("waiting: ") and error in status

    wait_until(waits, what=lambda: f"waiting: {error}\n{units.journal(device, unit)}")


def test_it_is_the_older_one(device: Machine) -> None:
    assert device.say("systemctl --version").startswith(_SYSTEMD)


def test_a_broken_configuration_and_then_packages_that_are_gone(device: Machine) -> None:
    device.write(_CONFIG, "[camera\nbroken")
    device.run(f"systemctl start --no-block {units.TARGET}")
    for unit in units.SERVICES:
        await_wait(device, unit, "not valid TOML")
    device.run("sleep 5")
    assert set(units.restarts(device).values()) == {0}
    device.write(_CONFIG, _GOOD)
    for unit in units.SERVICES:
        await_wait(device, unit, "found a Python package missing or damaged (No module named '")
        assert units.journal(device, unit).count("not valid TOML") == 1
    assert set(units.restarts(device).values()) == {1}
    # Somebody installs some: it is tried once more, and something is missing still.
    device.run(f"touch {_PACKAGES_HERE}/numpy.py {_PACKAGES_HERE}/cv2.py {_PACKAGES_HERE}/paho.py")
    wait_until(lambda: set(units.restarts(device).values()) == {2}, what="they start anew")


def test_another_python(device: Machine) -> None:
    given_up = {"ActiveState": "inactive", "Result": "exec-condition"}
    lib = f"{_HOME}/venv/lib"
    device.run(f"mv {lib}/{_PYTHON} {lib}/python3.9; systemctl start --no-block {units.TARGET}")
    try:
        for unit in units.SERVICES:
            wait_until(lambda unit=unit: units.show(device, unit, *given_up) == given_up, what=f"{unit} gives up")
            assert units.journal(device, unit).count("expected python3.9") == 1
    finally:
        device.run(f"mv {lib}/python3.9 {lib}/{_PYTHON}")
