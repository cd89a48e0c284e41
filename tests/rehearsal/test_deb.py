"""The Debian package on a device without a network: preseeded, upgraded, refused, removed and purged."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge import __version__
from edge.tools.install.build import PARTS
from scripts.debian.package import build, debian_version
from scripts.debian.wheels import collect
from tests.rehearsal.broker import BROKER, READER, READER_PASSWORD, SENSOR, SENSOR_PASSWORD, Listener
from tests.rehearsal.cache import PROJECT
from tests.rehearsal.conftest import DEVICE
from tests.rehearsal.machine import Machine
from tests.rehearsal.probe import WORKSHOP
from tests.rehearsal.wheels import wheels
from tests.support.locked import locked, pins
from tests.support.waiting import wait_until

CONFIG = "/etc/posenet-edge/config.toml"
DEBS = "/srv/debs"
OLD, NEW = (
    f"{DEBS}/posenet-edge_{debian_version(__version__, '13')}_amd64.deb",
    f"{DEBS}/posenet-edge_99.0+deb13_amd64.deb",
)
ANSWERS = f"""\
posenet-edge posenet-edge/broker string {BROKER}
posenet-edge posenet-edge/user string {SENSOR}
posenet-edge posenet-edge/password password {SENSOR_PASSWORD}
"""
APT = "DEBIAN_FRONTEND=noninteractive apt-get -y"


@pytest.fixture(scope="module")
def debs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This version, and a newer one."""
    folder, newer = tmp_path_factory.mktemp("debs"), tmp_path_factory.mktemp("newer")
    there = wheels("device", locked(DEVICE, *PARTS, "backend"), DEVICE)
    wanted = [pin for part in PARTS for pin in pins(part) if DEVICE.wants(pin.requirement)]
    found = collect(wanted, DEVICE, there)
    git = ["git", "-C", str(PROJECT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(git, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (PROJECT / name).exists():
            (newer / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, newer / name)
    subprocess.run(["git", "init", "-q", newer], check=True)
    file = newer / "edge/__init__.py"
    file.write_text(re.sub("^__version__ = .*", '__version__ = "99.0"', file.read_text(), flags=re.MULTILINE))
    for project in (PROJECT, newer):
        build(folder, project, found, "amd64", "13")
    return folder


@pytest.fixture(scope="module")
def device(blank: list[Path], debs: Path) -> Iterator[Machine]:
    """A device with the packages beside it, and no wheels but those in them."""
    with Machine(blank, WORKSHOP / "deb", {debs: DEBS}) as machine:
        yield machine


def test_with_preseeded_answers_poses_come(device: Machine, listener: Listener) -> None:
    device.run("debconf-set-selections", stdin=ANSWERS)
    device.run(f"{APT} install {OLD}", timeout=300)
    listener.wait_for_pose()
    assert device.say("systemctl is-system-running") == "running"
    assert device.run(f"grep -r '{SENSOR_PASSWORD}' /var/cache/debconf", check=False).returncode == 1
    assert device.say(f"stat -c %a {CONFIG} /etc/posenet-edge/secrets/mqtt_password").split() == ["644", "600"]


def test_an_upgrade_keeps_the_configuration(device: Machine, listener: Listener) -> None:
    device.run(f"echo '# mine' >> {CONFIG}")
    before = device.say(f"cat {CONFIG}")
    device.run(f"{APT} install {NEW}", timeout=300)
    wait_until(lambda: "99.0" in str(listener.on("health")[-1:]), what="the new version speaks")
    listener.wait_for_pose()
    assert device.say(f"cat {CONFIG}") == before


def test_what_is_refused_leaves_what_runs(device: Machine, listener: Listener) -> None:
    back = device.run(f"dpkg -i {OLD}", check=False)
    assert f"found 99.0 installed, and this is {__version__}: going back is not supported" in back.stderr
    device.run(f"cp {CONFIG} /root/config.toml; echo 'nonsense' >> {CONFIG}")
    refused = device.run(f"dpkg -i {NEW}", check=False, timeout=300)
    assert refused.returncode
    assert "not installed, see above; 99.0 goes on" in refused.stderr
    device.run(f"cp /root/config.toml {CONFIG}")
    listener.wait_for_pose()


def test_removed_it_leaves_the_configuration_and_purged_nothing(device: Machine, listener: Listener) -> None:
    device.run(f"{APT} remove posenet-edge", timeout=300)
    house = f"-V 5 -h {BROKER} -u {READER} -P '{READER_PASSWORD}'"
    assert device.run(f"mosquitto_sub {house} -t 'posenet/#' --retained-only -W 2", check=False).stdout == ""
    assert "# mine" in device.say(f"cat {CONFIG}")
    device.run(f"{APT} purge posenet-edge", timeout=300)
    left = device.say(
        "find / -xdev -path /proc -prune -o -path /root -prune -o -path /srv -prune -o -path /var/log -prune -o "
        "-iname '*posenet*' -print; getent passwd | grep posenet; getent group | grep posenet; "
        "dpkg-query -W posenet-edge 2>/dev/null; grep -l posenet-edge/ /var/cache/debconf/*.dat; true"
    )
    assert left == ""
