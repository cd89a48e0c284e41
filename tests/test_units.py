"""The units as files: what they must say, and systemd's own score for them. That they hold is for the rehearsal."""

import configparser
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.tools.apply import UNITS as UNITS_FOLDER

UNITS = Path(__file__).parent.parent / "systemd"


def settings_of(unit: str) -> dict[str, list[str]]:
    """Every setting of a unit with all the values it is given."""
    found: dict[str, list[str]] = {}
    for line in (UNITS / unit).read_text().splitlines():
        if match := re.match(r"([A-Za-z]+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


SENSE, REPORT = settings_of("posenet-sense.service"), settings_of("posenet-report.service")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here (package systemd)")
@pytest.mark.parametrize(("unit", "tenths"), [("posenet-sense.service", 8), ("posenet-report.service", 13)])
def test_systemd_scores_them_as_well_as_we_say(unit: str, tenths: int) -> None:
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={tenths}", str(UNITS / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_sense_has_no_network_and_no_internet_socket() -> None:
    assert SENSE["PrivateNetwork"] == ["yes"]
    assert SENSE["RestrictAddressFamilies"] == ["AF_UNIX AF_NETLINK"]
    assert SENSE["IPAddressDeny"] == ["any"]
    assert "IPAddressAllow" not in SENSE


def test_report_has_no_device_and_only_the_way_to_the_broker() -> None:
    assert REPORT["PrivateDevices"] == ["yes"]
    assert "DeviceAllow" not in REPORT
    assert "video" not in " ".join(REPORT.get("SupplementaryGroups", []))
    assert REPORT["IPAddressDeny"] == ["any"]
    assert REPORT["IPAddressAllow"] == ["localhost"]


def test_neither_may_write_anywhere_but_for_the_one_word_that_report_keeps() -> None:
    assert REPORT["StateDirectory"] == ["posenet-edge/report"]
    assert "StateDirectory" not in SENSE
    for unit in (SENSE, REPORT):
        assert unit["ProtectSystem"] == ["strict"]
        assert unit["ReadOnlyPaths"] == ["/"]
        for setting in ("ReadWritePaths", "CacheDirectory", "LogsDirectory", "RuntimeDirectory"):
            assert setting not in unit
        for place in unit["TemporaryFileSystem"][0].split():
            assert place.endswith(":ro")


def test_the_page_for_browsers_has_its_token_no_device_and_no_way_to_the_wall() -> None:
    unit = settings_of("posenet-view.service")
    assert unit["User"] == ["posenet-view"] not in (SENSE["User"], REPORT["User"])
    assert "SupplementaryGroups" not in unit
    assert unit["StateDirectory"] == ["posenet-edge/view"]
    assert f"--token-file /var/lib/{unit['StateDirectory'][0]}/token" in unit["ExecStart"][0]
    assert "--commands" not in unit["ExecStart"][0]
    assert unit["PrivateDevices"] == unit["NoNewPrivileges"] == unit["ProtectHome"] == ["yes"]
    assert unit["ProtectSystem"] == ["strict"]
    assert "ReadWritePaths" not in unit
    assert unit["IPAddressDeny"] == ["any"]
    # Off until it is wanted: the target starts what it wants by itself.
    assert "posenet-view" not in (UNITS / "posenet-edge.target").read_text()


def test_they_are_two_users_who_share_only_the_wall() -> None:
    assert SENSE["User"] != REPORT["User"]
    users = (UNITS / "sysusers.conf").read_text()
    assert re.findall(r"^m (\S+) (\S+)", users, flags=re.MULTILINE) == [("posenet-sense", "posenet-wall")]
    socket = settings_of("posenet-report.socket")
    assert (socket["SocketGroup"], socket["SocketMode"]) == (["posenet-wall"], ["0660"])
    assert f"--sender {SENSE['User'][0]}" in REPORT["ExecStart"][0]
    assert "PrivateUsers" not in REPORT, "it reads the peer's credentials"


def test_the_kinds_of_device_that_sense_may_open_are_known_before_it_starts() -> None:
    """A rule for a kind is made when the service starts, and only if the kernel knows that kind by then."""
    core = {"char-video4linux": "modprobe@videodev.service", "char-media": "modprobe@mc.service"}
    kinds = {allowed.split()[0] for allowed in SENSE["DeviceAllow"]}
    assert kinds - core.keys() == {"char-dma_heap"}, "which is no module"
    for setting in ("Wants", "After"):
        assert set(core.values()) <= set(" ".join(SENSE[setting]).split())


def test_both_are_restarted_for_ever_and_watched() -> None:
    for unit in (SENSE, REPORT):
        assert (unit["Type"], unit["Restart"], unit["StartLimitIntervalSec"]) == (["notify"], ["always"], ["0"])
        assert (unit["WatchdogSec"], unit["WatchdogSignal"]) == (["20"], ["SIGKILL"])


def test_neither_is_started_where_its_packages_are_gone() -> None:
    """With full rights, as no shell can be executed in the sandbox; with a status that systemd takes for no failure."""
    for unit in (SENSE, REPORT):
        assert unit["ExecCondition"] == ["+/usr/local/bin/posenet-edge --ready"]
    (status,) = re.findall(r"exit (\d+)", (UNITS / "launcher.sh").read_text())
    assert 0 < int(status) < 255


def test_other_name_servers_are_noticed_and_followed_without_a_loop() -> None:
    watch, follow = settings_of("posenet-resolver.path"), settings_of("posenet-resolver.service")
    assert "/etc" in watch["PathChanged"], "of a link that is replaced, a watch on the link says nothing"
    assert "/run/systemd/resolve/resolv.conf" in watch["PathChanged"]
    # Where it writes must not be what starts it.
    (writes,) = follow["ReadWritePaths"]
    assert not any(writes == path or path.startswith(f"{writes}/") for path in watch["PathChanged"])
    assert f"{writes}/" in f"{UNITS_FOLDER}/"
    assert follow["StartLimitIntervalSec"] == ["0"], "or the path unit gives up for good"
    module = follow["ExecStart"][0].rpartition(" ")[2]
    assert importlib.util.find_spec(module)
    assert {"posenet-resolver.path", "posenet-resolver.service"} <= set(
        " ".join(settings_of("posenet-edge.target")["Wants"]).split()
    )


def test_no_picture_reaches_a_dump_or_a_swap_device() -> None:
    assert (SENSE["LimitCORE"], SENSE["MemorySwapMax"]) == (["0"], ["0"])


@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.glob("posenet-*")))
def test_each_unit_parses_and_says_what_it_is(unit: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNITS / unit)
    assert parser["Unit"]["Description"].startswith("posenet-edge")
