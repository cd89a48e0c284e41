"""What hangs is started again by systemd; what merely waits is left alone."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.rehearsal import units
from tests.rehearsal.broker import Listener
from tests.rehearsal.machine import Machine
from tests.support.waiting import wait_until


@pytest.fixture(scope="module", autouse=True)
def shorter(device: Machine) -> Iterator[None]:
    """A watchdog that bites sooner than the installed one, for the sake of whoever waits for these tests."""
    for unit in units.SERVICES:
        assert units.show(device, unit, "WatchdogUSec")["WatchdogUSec"] == "20s"
    with (
        units.dropin(device, units.REPORT, "WatchdogSec=8"),
        # Later than camera.timeout, after which a camera without frames is opened again.
        units.dropin(device, units.SENSE, "WatchdogSec=8"),
    ):
        yield


def _restarted(device: Machine, unit: str, before: dict[str, int]) -> None:
    wait_until(lambda: units.restarts(device)[unit] > before[unit], what=lambda: units.journal(device, unit))
    assert "atchdog" in units.journal(device, unit)


@pytest.mark.parametrize("fault", ["stuck", "busy"])
def test_a_camera_or_an_inference_that_never_returns(device: Machine, listener: Listener, fault: str) -> None:
    listener.wait_for_pose()
    before = units.restarts(device)
    with device.fault(fault):
        _restarted(device, units.SENSE, before)
    listener.wait_for_pose()
    assert units.restarts(device)[units.REPORT] == before[units.REPORT]


@pytest.mark.parametrize("unit", units.SERVICES)
def test_a_stopped_process(device: Machine, listener: Listener, unit: str) -> None:
    listener.wait_for_pose()
    before = units.restarts(device)
    device.run(f"systemctl kill --signal=STOP {unit}")
    _restarted(device, unit, before)
    listener.wait_for_pose()


def test_waiting_for_a_broker_restarts_nothing(device: Machine, listener: Listener) -> None:
    listener.wait_for_pose()
    before = units.restarts(device)
    device.run("systemctl stop mosquitto; sleep 12; systemctl start mosquitto")
    listener.wait_for_pose()
    assert units.restarts(device) == before


@pytest.mark.parametrize("faults", [["frozen"], ["unplugged", "frozen"]], ids="-".join)
def test_a_camera_that_gives_nothing_is_opened_again_in_place(
    device: Machine, listener: Listener, faults: list[str]
) -> None:
    listener.wait_for_pose()
    before = units.restarts(device)
    with ExitStack() as broken:
        for fault in faults:
            broken.enter_context(device.fault(fault))
        wait_until(lambda: _health(listener)["state"] == "no_camera", what=lambda: units.journal(device, units.SENSE))
        # Longer than the watchdog waits.
        device.run("sleep 10")
        assert _health(listener)["camera_failures"]
    listener.wait_for_pose()
    assert units.restarts(device) == before


def test_a_process_that_cannot_be_killed_ends_in_a_reboot_where_that_is_wanted(device: Machine) -> None:
    config = "/etc/posenet-edge/config.toml"
    device.write(config, device.run(f"cat {config}").stdout.replace("[camera]", '[camera]\non_hang = "reboot"'))
    device.run("posenet-edge apply")
    with Listener(device) as listener:
        listener.wait_for_pose()
    assert device.say("posenet-edge audit --json | grep -c ExecStopPost; true") == "0"
    with device.unkillable(units.pid(device, units.SENSE)):
        wait_until(device.is_going_down, what=lambda: units.journal(device, units.SENSE))
    device.see_it_reboot()
    with Listener(device) as listener:
        listener.wait_for_pose()


def _health(listener: Listener) -> dict[str, Any]:
    messages = listener.on("health")
    return messages[-1] if messages else {"state": None}
