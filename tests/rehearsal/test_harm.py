"""What goes wrong on a device in a house; afterwards poses flow again and nothing needed a hand."""

import pytest

from tests.rehearsal import units
from tests.rehearsal.broker import BROKER, Listener
from tests.rehearsal.machine import Machine
from tests.support.waiting import wait_until

CONFIG = "/etc/posenet-edge/config.toml"
SECRET = "/etc/posenet-edge/secrets/mqtt_password"


@pytest.mark.parametrize("unit", [*units.SERVICES, "mosquitto.service"])
def test_killed(device: Machine, listener: Listener, unit: str) -> None:
    listener.wait_for_pose()
    device.run(f"systemctl kill --signal=KILL {unit}")
    listener.wait_for_pose()


def test_full_disk(device: Machine, listener: Listener) -> None:
    full = ("/var/lib/posenet-edge", "/var/log", "/var/tmp")
    for path in full:
        device.run(
            f"mkdir -p {path}; mount -t tmpfs -o size=64k full {path}; head -c 1M /dev/zero > {path}/full", check=False
        )
    try:
        device.run("systemctl restart posenet-sense posenet-report")
        listener.wait_for_pose()
    finally:
        device.run(f"umount {' '.join(full)}")


def test_a_broken_configuration_is_refused_by_a_reload(device: Machine, listener: Listener) -> None:
    good = device.run(f"cat {CONFIG}").stdout
    before = units.restarts(device)
    waits = f"waiting: {CONFIG}: not valid TOML"
    device.write(CONFIG, good + "\n[camera\nbroken")
    try:
        device.run("systemctl reload posenet-sense posenet-report", check=False)
        listener.wait_for_pose()
        assert units.restarts(device) == before
        assert device.run("posenet-edge apply", check=False).returncode == 78
        listener.wait_for_pose()
        # Killed now, they cannot start, and wait; mended, they come back by themselves.
        device.run("systemctl kill --signal=KILL posenet-sense posenet-report")
        wait_until(
            lambda: all(units.status(device, unit).startswith(waits) for unit in units.SERVICES), what="they wait"
        )
        assert "it waits until this is mended" in device.run("posenet-edge doctor", check=False).stdout
        now = units.restarts(device)
        assert all(now[unit] <= before[unit] + 1 for unit in units.SERVICES), "started once, and not again"
    finally:
        device.write(CONFIG, good)
    listener.wait_for_pose()


def test_a_password_that_is_gone(device: Machine, listener: Listener) -> None:
    before = units.restarts(device)
    device.run(f"mv {SECRET} /root/secret; systemctl restart posenet-report")
    try:
        wait_until(lambda: units.status(device, units.REPORT).startswith("waiting: password"), what="it waits")
        assert units.restarts(device)[units.REPORT] <= before[units.REPORT]
    finally:
        device.run(f"mv /root/secret {SECRET}; posenet-edge apply")
    listener.wait_for_pose()


def test_a_damaged_model_is_waited_for(device: Machine, listener: Listener) -> None:
    listener.wait_for_pose()
    models = "$(echo /opt/posenet-edge/current/venv/lib/python3.*/site-packages/edge/models)"
    device.run(
        f"cp -a {models} /root/models; for each in {models}/*.tflite; do head -c 9999 $each >/tmp/m; cp /tmp/m $each; done"
    )
    try:
        listener.wait_for_pose()
        before = units.restarts(device)
        device.run("systemctl kill --signal=KILL posenet-sense")
        wait_until(lambda: units.status(device, units.SENSE).startswith("waiting: model "), what="it waits")
        assert units.restarts(device)[units.SENSE] == before[units.SENSE] + 1
    finally:
        device.run(f"cp -a /root/models/. {models}; posenet-edge apply")
    listener.wait_for_pose()


FORMER, OTHER = "203.0.113.5", "203.0.113.6"
"""Name servers; nobody answers at their addresses, which the machine has itself."""


def let_through(device: Machine, address: str) -> bool:
    """Tell whether the filter of ``report`` lets a packet out to an address; who is let through is refused there."""
    enter = "echo 0 >/sys/fs/cgroup/system.slice/posenet-report.service/cgroup.procs"
    said = device.run(f"{enter} && timeout 5 bash -c 'echo >/dev/tcp/{address}/53'", check=False).stderr
    return "refused" in said


def test_other_name_servers_are_followed_without_a_restart(device: Machine, listener: Listener) -> None:
    good = device.run(f"cat {CONFIG}").stdout
    device.run(f"for each in {FORMER} {OTHER}; do ip address add $each/32 dev lan; done; cp -a /etc/hosts /root")
    device.run(f"echo '{BROKER} broker.lan' >>/etc/hosts; echo 'nameserver {FORMER}' >/etc/resolv.conf")
    device.write(CONFIG, good.replace(f'host = "{BROKER}"', 'host = "broker.lan"'))
    device.run("posenet-edge apply")
    listener.wait_for_pose()
    try:
        wait_until(lambda: let_through(device, FORMER), what="the name server is let through")
        assert not let_through(device, OTHER)
        before = units.pid(device, units.REPORT)
        device.run(f"echo 'nameserver {OTHER}' >/etc/resolv.new && mv /etc/resolv.new /etc/resolv.conf")
        wait_until(
            lambda: let_through(device, OTHER) and not let_through(device, FORMER),
            what=lambda: units.journal(device, "posenet-resolver.*"),
        )
        assert f"name servers are now {OTHER}," in units.journal(device, "posenet-resolver.service")
        assert units.pid(device, units.REPORT) == before
    finally:
        device.write(CONFIG, good)
        device.run("cp -a /root/hosts /etc/hosts; rm /etc/resolv.conf; posenet-edge apply")
    listener.wait_for_pose()


def test_a_system_with_another_python(device: Machine, listener: Listener) -> None:
    packages = "/opt/posenet-edge/current/venv/lib"
    given_up = {"ActiveState": "inactive", "Result": "exec-condition"}
    device.run(f"systemctl stop posenet-edge.target; mv {packages}/python3.* {packages}/python3.9")
    # It waits for most of a minute, so that not even who knocks at the socket has it tried more often; nobody knocks here.
    launcher = "/usr/local/bin/posenet-edge"
    device.run(f"cp -p {launcher} /root/launcher; sed -i 's/sleep 50/sleep 3/' {launcher}; grep 'sleep 3' {launcher}")
    try:
        device.run("systemctl start --no-block posenet-edge.target")
        for unit in units.SERVICES:
            wait_until(lambda unit=unit: units.show(device, unit, *given_up) == given_up, what=f"{unit} gives up")
            assert units.journal(device, unit).count("expected python3.9") == 1
        told = device.run("posenet-edge doctor", check=False)
        assert told.returncode == 69
        assert "sudo /opt/posenet-edge/current/source/scripts/install --upgrade" in told.stderr
    finally:
        device.run(f"mv {packages}/python3.9 {packages}/$(basename $(readlink -f /usr/bin/python3))")
        device.run(f"cp -p /root/launcher {launcher}; systemctl start posenet-edge.target")
    listener.wait_for_pose()


def test_a_root_that_nobody_can_write_to(device: Machine) -> None:
    device.power_off()
    # As on a device whose card shall last: / read-only, /var in memory and empty at every start.
    device.power_on("--volatile=state")
    try:
        assert device.run("touch /etc/x", check=False).returncode
        with Listener(device) as listener:
            listener.wait_for_pose()
            device.run("systemctl kill --signal=KILL posenet-sense posenet-report")
            listener.wait_for_pose()
        assert device.say("systemctl is-system-running") == "running"
    finally:
        device.power_off()
        device.power_on()


def test_the_socket_comes_and_goes(device: Machine, listener: Listener) -> None:
    device.run("systemctl restart posenet-report.socket")
    listener.wait_for_pose()
