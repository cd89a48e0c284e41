"""From ``scripts/install`` to the first pose; reboot, upgrade, uninstall: no hand-made step anywhere."""

import re
import time

from tests.rehearsal import units
from tests.rehearsal.broker import BROKER, READER, READER_PASSWORD, SENSOR, Listener, allow, nose
from tests.rehearsal.cache import PROJECT
from tests.rehearsal.conftest import INSTALL
from tests.rehearsal.equipment import SIZE
from tests.rehearsal.machine import Machine
from tests.support.waiting import wait_until

HERE = "/root/posenet-edge"
CONFIG = "/etc/posenet-edge/config.toml"


def test_after_the_installation_it_comes_up_by_itself(device: Machine, listener: Listener) -> None:
    message = listener.wait_for_pose()
    assert message["image"] == {"width": SIZE[0], "height": SIZE[1]}
    assert nose(message)[0] == min(max(nose(message)[0], 0), SIZE[0])
    wait_until(lambda: "online" in listener.on("availability"))
    assert device.say("systemctl is-system-running") == "running"


def test_after_a_reboot_too(device: Machine) -> None:
    device.reboot()
    with Listener(device) as listener:
        listener.wait_for_pose()


def restart_over_mqtt(device: Machine, listener: Listener) -> None:
    """``command/restart``: two other processes, started by systemd, to which neither has failed."""
    pids, counts = {unit: units.pid(device, unit) for unit in units.SERVICES}, units.restarts(device)
    instance = listener.on("health")[-1]["instance"]
    mark = device.say("journalctl --show-cursor --lines=0 --quiet | sed -n 's/^-- cursor: //p'")
    listener.ask("restart", "restart")
    for unit in units.SERVICES:
        wait_until(
            lambda unit=unit: (
                units.restarts(device)[unit] == counts[unit] + 1 and units.pid(device, unit) not in (0, pids[unit])
            ),
            what=lambda unit=unit: units.journal(device, unit),
        )
    wait_until(lambda: listener.on("health")[-1]["instance"] != instance, what="the new report speaks")
    for unit, says in (
        (units.REPORT, "both services start again"),
        (units.SENSE, "starting again, as command/restart"),
    ):
        said = device.say(f"journalctl --output=cat --unit={unit} --after-cursor='{mark}'")
        assert says in said
        assert "Failed with result" not in said


def test_a_closed_camera_stays_closed_over_a_reboot_and_a_restart(device: Machine) -> None:
    before = device.run(f"cat {CONFIG}").stdout
    device.write(CONFIG, f"{before}\n[command]\nenabled = true\n")
    allow(device, "readwrite")
    device.run("systemctl reload mosquitto && posenet-edge apply")
    with Listener(device) as listener:
        listener.wait_for_pose()
        listener.ask("camera", "pause")
        wait_until(lambda: listener.on("state")[-1]["paused"], what="paused")
    with device.fault("hurried"):
        device.reboot()
        started = time.time()
        with Listener(device) as listener:
            wait_until(lambda: [each for each in listener.on("state") if each["paused"] and each["time"] > started])
            wait_until(
                lambda: [each for each in listener.on("health") if each["state"] == "paused" and each["time"] > started]
            )
            # It has not been opened, even for a moment.
            health = listener.on("health")[-1]
            assert (health["state"], health["source"], health["frames"]) == ("paused", "none", 0)
            assert listener.on("poses") == []
            restart_over_mqtt(device, listener)
            wait_until(lambda: listener.on("health")[-1]["sealed"], what="sealed again")
            health = listener.on("health")[-1]
            assert (health["state"], health["source"], health["frames"]) == ("paused", "none", 0)
            assert listener.on("poses") == []
            listener.ask("camera", "resume")
            listener.wait_for_pose()
            wait_until(lambda: listener.on("state")[-1]["paused"] is False, what="not paused any more")
    device.write(CONFIG, before)
    device.run("posenet-edge apply")


def test_over_tls(device: Machine, listener: Listener) -> None:
    before = device.run(f"cat {CONFIG}").stdout
    device.write(CONFIG, before.replace("port = 0", 'port = 8883\ntls = true\nca_file = "/etc/posenet-edge/ca.pem"'))
    device.run("install -m 644 /root/ca.pem /etc/posenet-edge/ca.pem && posenet-edge apply")
    listener.wait_for_pose()
    wait_until(lambda: f"{BROKER}:8883" in device.say("ss -tn state established"), what="connected over TLS")
    device.write(CONFIG, before)
    device.run("posenet-edge apply")
    listener.wait_for_pose()


def test_upgrade_keeps_the_configuration(device: Machine, listener: Listener) -> None:
    device.unpack(PROJECT, HERE)
    device.run(f"""sed -i 's/^__version__ = .*/__version__ = "99.0"/' {HERE}/edge/__init__.py""")
    device.run(f"echo '# mine' >> {CONFIG}")
    done = device.run("scripts/install --view </dev/null", folder=HERE, timeout=600)
    assert device.say("/opt/posenet-edge/current/venv/bin/pip show posenet-edge | grep ^Version") == "Version: 99.0"
    wait_until(lambda: "99.0" in str(listener.on("health")[-1:]), what="the new version speaks")
    listener.wait_for_pose()
    assert "# mine" in device.say(f"cat {CONFIG}")
    # With a page for browsers, at the address that the installer prints.
    (token,) = re.findall(r"the page for browsers: http://\S+:8470/\?token=(\S+)", done.stderr)
    ask = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8470/setup?token={}').read().decode())"
    assert 'configuration_url = "http://posenet:8470/"' in device.say(f"cat {CONFIG}")
    assert '"software": "99.0"' in device.say(f'python3 -c "{ask.format(token)}"')
    assert device.run(f'python3 -c "{ask.format("x" * 22)}"', check=False).returncode
    assert device.say("journalctl -u posenet-view -o cat | grep -c connected") == "1"


def test_an_installation_of_what_is_installed_changes_nothing(device: Machine, listener: Listener) -> None:
    # What undoes an upgrade names the version whose code does it.
    files = f"find /etc/posenet-edge /etc/systemd/system -type f -not -name 'posenet-recover*' | sort | xargs sha256sum; cat {CONFIG}"
    before = device.say(files)
    device.run(INSTALL, folder=HERE, timeout=600)
    listener.wait_for_pose()
    assert device.say(files) == before


def test_a_version_that_is_not_healthy_is_gone_within_a_minute(device: Machine, listener: Listener) -> None:
    dies = """import os\\nif "NOTIFY_SOCKET" in os.environ: raise SystemExit(1)"""
    device.run(f"""sed -i 's/^__version__ = .*/__version__ = "100.0"/' {HERE}/edge/__init__.py""")
    device.run(
        f"cp {HERE}/edge/sense/sense.py /root/sense.py; sed -i '/^import argparse/i {dies}' {HERE}/edge/sense/sense.py"
    )
    files = f"find /etc/posenet-edge /etc/systemd/system -type f -not -name 'posenet-recover*' | sort | xargs sha256sum; cat {CONFIG}"
    before = device.say(files)
    refused = device.run("scripts/install --upgrade </dev/null", folder=HERE, timeout=600, check=False)
    device.run(f"cp /root/sense.py {HERE}/edge/sense/sense.py")
    assert refused.returncode == 69, refused.stderr
    assert "100.0 was not healthy within 60 s, so 99.0 is back" in refused.stderr
    assert "posenet-sense.service: " in refused.stderr
    assert device.say(files) == before
    wait_until(lambda: "99.0" in str(listener.on("health")[-1:]), what="the version before speaks")
    listener.wait_for_pose()


def test_an_upgrade_that_is_cut_off_is_undone_at_the_next_boot(device: Machine) -> None:
    cut = "scripts/install --upgrade </dev/null & until [ -e /opt/posenet-edge/upgrade.json ]; do sleep 0.1; done; kill -9 $!"
    device.run(cut, folder=HERE, timeout=600)
    assert "versions/100.0" in device.say("readlink -m /opt/posenet-edge/current /opt/posenet-edge/upgrade.json")
    device.reboot()
    with Listener(device) as listener:
        wait_until(lambda: "99.0" in str(listener.on("health")[-1:]), what="the version before speaks")
        listener.wait_for_pose()
    assert device.run("test -e /opt/posenet-edge/upgrade.json", check=False).returncode
    assert device.say("systemctl is-system-running") == "running"


def test_a_system_that_has_no_runtime_is_told_so_before_anything_is_done(device: Machine) -> None:
    device.write("/root/armhf/dpkg", "#!/bin/sh\necho armhf\n", mode=0o755)
    refused = device.run("PATH=/root/armhf:$PATH scripts/install --dry-run </dev/null", folder=HERE, check=False)
    assert refused.returncode == 69
    assert "32-bit system with Python 3.13" in refused.stderr
    assert refused.stdout == ""


def test_uninstall_leaves_the_configuration_and_nothing_at_the_broker(device: Machine, listener: Listener) -> None:
    listener.wait_for_pose()
    device.run("scripts/uninstall", folder=HERE)
    house = f"-V 5 -h {BROKER} -u {READER} -P '{READER_PASSWORD}'"
    retained = device.run(f"mosquitto_sub {house} -t 'posenet/#' --retained-only -W 2 -v", check=False)
    assert retained.stdout == ""
    kept = device.say(f"cat {CONFIG}")
    assert "# mine" in kept
    assert 'configuration_url = ""' in kept, "no link to a page that is gone"
    left = device.say(
        "find / -xdev -path /proc -prune -o -path /root -prune -o -path /etc/posenet-edge -prune -o "
        "-path /var/log -prune -o -iname '*posenet*' -print; getent passwd | grep posenet; getent group | grep posenet; true"
    )
    assert left == ""
    device.run("scripts/uninstall --purge", folder=HERE)
    assert device.run("test -e /etc/posenet-edge", check=False).returncode
    assert SENSOR
