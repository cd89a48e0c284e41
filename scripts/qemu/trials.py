"""The trials: each does to a machine what happens to a device, and looks whether the product copes without a hand."""

import json
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from scripts.qemu import sensor
from scripts.qemu.battery import judge
from scripts.qemu.lab import Lab
from scripts.qemu.machine import Machine
from scripts.qemu.sensor import CONFIG, PYTHON, REPORT, SENSE
from scripts.qemu.system import LATER_CAMERA, STRETCHED

_OWN_WATCHDOG = "WatchdogUSec=10min (expected 20s)"
"""What audit finds of the stretched watchdog (scripts/qemu/system.py), and nothing else."""
VIVID = "/sys/bus/platform/drivers/vivid"


_CAMERA_AT = "udevadm info -q property /dev/video0 | sed -n 's/^USEC_INITIALIZED=//p'"
_STARTED_AT = "systemctl show -p ExecMainStartTimestampMonotonic --value posenet-sense.service"


class Trial(NamedTuple):
    """One kind of trial, by its name on the command line."""

    run: Callable[[Lab], None]
    about: str


def late_camera(lab: Lab) -> None:
    """The camera's driver is loaded by udev, while systemd starts services."""
    with lab.shared(fresh=True) as machine:
        came, _, told = _booted(lab, machine)
        lab.report.expect("a camera whose driver comes late at boot is opened", came, told, "frames")


def later_camera(lab: Lab) -> None:
    """The camera's driver is loaded while the machine boots, once ``sense`` has started without it."""
    with lab.machine("later-camera", append=LATER_CAMERA) as machine:
        came, later_by, told = _booted(lab, machine)
        lab.report.expect(
            "a camera that comes at boot after sense has started is opened",
            came and later_by > 0,
            told,
            "frames, of a camera that is younger than sense",
        )


def _booted(lab: Lab, machine: Machine) -> tuple[bool, float, str]:
    """Tell whether frames come after a boot, how much later than sense the camera came, and both in words."""
    came, found = sensor.wait_for_frames(machine, lab.booted_at)
    # Seconds of the boot: when udev made the camera, and when sense was started.
    camera, started = (float(machine.say(command) or 0) / 1e6 for command in (_CAMERA_AT, _STARTED_AT))
    told = f"{found}; camera after {camera:.1f} s, sense after {started:.1f} s, all after {lab.boot_s:.0f} s"
    return came, camera - started, told


def hotplug(lab: Lab) -> None:
    """No camera and no driver at the start; then both come."""
    with lab.shared() as machine:
        machine.run(
            "systemctl stop posenet-sense; modprobe -r vivid; modprobe -r videodev; systemctl start posenet-sense"
        )
        gone, told = sensor.wait_for_state(machine, lambda state: state == "no_camera")
        lab.report.expect("without a camera the sensor says so", gone, told, "no camera, looking for it")
        since = sensor.clock(machine)
        machine.run("modprobe vivid")
        came, found = sensor.wait_for_frames(machine, since)
        lab.report.expect("a camera that is plugged in later is opened", came, found, "frames")


def replug(lab: Lab) -> None:
    """The camera goes while it is in use, and comes back; then its driver too."""
    with lab.shared() as machine:
        sensor.wait_for_frames(machine, 0)
        ways = {
            "unplugged and plugged in again": (f"echo vivid.0 >{VIVID}/unbind", f"echo vivid.0 >{VIVID}/bind"),
            "gone with its driver and back": (
                f"echo vivid.0 >{VIVID}/unbind; sleep 5; modprobe -r vivid",
                "modprobe vivid",
            ),
        }
        for name, (out, back) in ways.items():
            machine.run(out)
            noticed, told = sensor.wait_for_state(machine, lambda state: state not in sensor.GIVES_FRAMES)
            lab.report.expect(f"a camera {name}: its absence is told", noticed, told, "a state without frames")
            since = sensor.clock(machine)
            machine.run(back)
            came, found = sensor.wait_for_frames(machine, since)
            lab.report.expect(f"a camera {name} is opened", came, found, "frames")


def audit(lab: Lab) -> None:
    """``posenet-edge audit`` on the machine: all claims hold."""
    with lab.shared() as machine:
        sensor.wait_for_frames(machine, 0)
        _audit(lab, machine)


def _audit(lab: Lab, machine: Machine) -> None:
    """The units say again what they were shipped with, while what was started with more time goes on."""
    files = " ".join(STRETCHED)
    machine.run(f"tar -cf /run/stretched.tar {files} 2>/dev/null && rm {files} && systemctl daemon-reload")
    try:
        done = machine.run("posenet-edge audit --json", check=False)
    finally:
        machine.run("tar -C / -xf /run/stretched.tar && systemctl daemon-reload")
    if not done.stdout:
        lab.report.failed("audit", f"status {done.returncode}: {done.stderr[-500:]}", "that all claims hold")
        return
    told = json.loads(done.stdout)
    wrong, own = broken_claims(told["findings"])
    found = "; ".join(wrong) or told["summary"] + (f" ({', '.join(own)} by this trial's own watchdog)" if own else "")
    lab.report.expect("audit", not wrong, found, "that all claims hold")


def broken_claims(findings: list[dict[str, str]]) -> tuple[list[str], list[str]]:
    """List the claims of an audit that do not hold, and those that the machine's own watchdog breaks.

    systemd keeps the watchdog that a service was started with, so taking the drop-in away does not undo that.

    Returns:
        Those that do not hold, with what was found; and the others.
    """
    claims = [claim for claim in findings if claim["level"] != "good"]
    own = [claim["check"] for claim in claims if claim["found"] == _OWN_WATCHDOG]
    return [f"{claim['check']}: {claim['found']}" for claim in claims if claim["check"] not in own], own


def seccomp(lab: Lab) -> None:
    """Every rule of the sandbox is called for real, with Landlock and as if the kernel had none."""
    with lab.shared() as machine:
        for option in ("", "--no-landlock"):
            trace = "strace -qq -o /run/trace"
            done = machine.run(f"{trace} {PYTHON} -P /carried/guest/battery.py {option}", check=False)
            wrong, count, unnamed = judge(done.stdout, machine.run("cat /run/trace").stdout)
            name = f"every seccomp rule is called{' without Landlock' if option else ''}"
            first = done.stdout.partition("\n")[0]
            young = f"; too young for strace to name: {', '.join(unnamed)}" if unnamed else ""
            found = "; ".join(wrong) or f"{count} rules, each as said; {first}{young}"
            lab.report.expect(
                name, not wrong and count > 0, found, done.stderr[-500:] or "each denied as its rule says"
            )


SOFA = '{"zone": [{"name": "%s", "polygon": [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9], [0.1, 0.9]]}]}'


def commands(number: int) -> list[tuple[str, str, str, str, str]]:
    """The commands of a round: what it is, command, payload, topic of the confirmation, and what stands there."""
    pause, level = (("pause", "true"), ("resume", "false"))[number % 2], ("high", "low")[number % 2]
    zone = f"sofa{number}"
    return [
        ("pause", "camera", pause[0], "state", f'"paused": ?{pause[1]}'),
        ("places", "places", SOFA % zone, "places", f'"{zone}"'),
        ("sensitivity", "sensitivity", level, "state", f'"sensitivity": ?"{level}"'),
    ]


def power_cuts(lab: Lab) -> None:
    """The power goes some time after a command was confirmed: it must be in force after the boot."""
    in_force: dict[str, tuple[str, str]] = {}
    with lab.machine("power-cuts", safe=True) as machine:
        sensor.wait_for_frames(machine, lab.booted_at)
        for number in range(len(lab.delays)):
            for at, (what, name, payload, topic, expected) in enumerate(commands(number)):
                delay = lab.delays[(number + at) % len(lab.delays)]
                machine.run("sync")
                sensor.command(machine, name, payload, topic, expected)
                time.sleep(delay)
                machine.cut()
                in_force[what] = (topic, expected)
                lab.power_on(machine)
                wrong = _not_in_force(machine, in_force, lab.booted_at)
                lab.report.expect(
                    f"power cut {delay:g} s after {what} was confirmed",
                    not wrong,
                    "; ".join(wrong) or f"in force: {', '.join(in_force)}",
                    "what was confirmed",
                )
                if wrong:
                    in_force.clear()


def _says(words: str, message: dict[str, Any]) -> bool:
    return re.search(words, json.dumps(message)) is not None


def _not_in_force(machine: Machine, expected: dict[str, tuple[str, str]], since: float) -> list[str]:
    wrong = []
    for what, (topic, words) in expected.items():
        came, last = sensor.wait_for(machine, topic, partial(_says, words), since)
        if not came:
            wrong.append(f"{what}: {json.dumps(last)[:300] or 'nothing'}")
    return wrong


_FILL = (
    "fallocate -l $(($(df --output=avail -B1 / | tail -1) - 1000000)) /root/fill1; "
    "dd if=/dev/zero of=/root/fill2 bs=4k 2>/dev/null; dd if=/dev/zero of=/root/fill3 bs=512 2>/dev/null; true"
)


def full_disk(lab: Lab) -> None:
    """The disk is full to the last byte, and both services start anew; then there is room again."""
    with lab.machine("full-disk") as machine:
        sensor.wait_for_frames(machine, lab.booted_at)
        # With what only root may use: nothing at all is left.
        machine.run(_FILL)
        since = sensor.clock(machine)
        machine.run("systemctl restart --no-block posenet-report posenet-sense")
        came, found = sensor.wait_for_frames(machine, since, 120)
        if came:
            lab.report.passed("with a full disk both services start", found)
        else:
            told = json.loads(machine.run("posenet-edge doctor --json", check=False).stdout)
            hints = [
                said["remedy"] for said in told["findings"] if said["check"] == REPORT and "disk" in said["remedy"]
            ]
            lab.report.expect(
                "with a full disk report does not start, and doctor says what to do",
                bool(hints),
                f"{sensor.status(machine, REPORT)}; doctor: {'; '.join(hints) or 'no hint'}",
                "report up, or a hint of doctor's about the disk",
            )
        since = sensor.clock(machine)
        machine.run("rm -f /root/fill*")
        came, found = sensor.wait_for_frames(machine, since)
        lab.report.expect("with room on the disk again both work", came, found, "frames")


_HOME = "/opt/posenet-edge"
_INSTALLER = "edge/tools/install/installer.py"
_PATIENCE = "s/^_PATIENCE, _PATIENCE_AT_FIRST = .*/_PATIENCE, _PATIENCE_AT_FIRST = 900.0, 300.0/"
_INSTALL = "cd /root/{version} && scripts/install --wheelhouse /carried/{wheels} {option} </dev/null"
_UPGRADE = _INSTALL.format(version="source", wheels="wheels", option="--upgrade")
_INSTALLS_WITHIN_S = 7200.0


def _with_both_versions(machine: Machine) -> None:
    """Copy both: an installer makes files beside its source; and it has the time that it gives a version stretched."""
    machine.run("cp -r /carried/source /carried/older /root/")
    # An older version may have another installer.
    stretch = f"test ! -e $file || sed -i '{_PATIENCE}' $file"
    machine.run(f"for file in /root/*/{_INSTALLER}; do {stretch}; done")
    machine.run(f"echo '# mine' >>{CONFIG}")


def _keeps(machine: Machine) -> bool:
    return "# mine" in machine.say(f"cat {CONFIG}")


def _older_works(machine: Machine) -> tuple[bool, str]:
    """Wait for its frames; on a slow machine it may know no better than that its own lines come too late to be said."""
    return sensor.wait_for_state(machine, lambda state: state in sensor.GIVES_FRAMES)


def upgrade(lab: Lab) -> None:
    """From an older version to this one with ``--upgrade``."""
    with lab.machine("upgrade", lab.older_disk()) as machine:
        came, found = _older_works(machine)
        if not lab.report.expect(f"the older version ({lab.older}) works", came, found, "frames"):
            return
        _with_both_versions(machine)
        since = sensor.clock(machine)
        with lab.busy("upgrading"):
            done = machine.run(_UPGRADE, check=False, timeout=_INSTALLS_WITHIN_S)
        came, found = sensor.wait_for_frames(machine, since)
        holds = done.returncode == 0 and came and _keeps(machine)
        lab.report.expect(
            "the upgrade works and keeps the configuration", holds, f"{found}; {done.stderr[-300:]}", "frames, status 0"
        )


_VERSIONS = (
    f"cd {_HOME}; echo in force: $(readlink current || echo of before there were versions), "
    "all: $(ls versions 2>/dev/null), being switched: $(test -e upgrade.json && echo yes || echo no)"
)
_UPGRADE_UNTIL_SWITCHED = (
    f"{{ {_UPGRADE}; }} >/root/upgrade 2>&1 & "
    f"until [ -e {_HOME}/upgrade.json ]; do kill -0 $! || {{ tail -n 5 /root/upgrade; exit 1; }}; sleep 0.2; done"
)


def cut_upgrade(lab: Lab) -> None:
    """The power goes once an upgrade has begun to switch, and before the new version was found good."""
    with lab.machine("cut-upgrade", lab.older_disk(), safe=True) as machine:
        _older_works(machine)
        _with_both_versions(machine)
        before = machine.say(_VERSIONS)
        machine.run("sync")
        with lab.busy("upgrading"):
            machine.run(_UPGRADE_UNTIL_SWITCHED, timeout=_INSTALLS_WITHIN_S)
        machine.cut()
        lab.power_on(machine)
        came, found = _older_works(machine)
        after = machine.say(_VERSIONS)
        told = machine.say("journalctl -b -q -o cat -u posenet-recover.service | grep 'cut off'; true")
        holds = came and _keeps(machine) and after == before and bool(told)
        lab.report.expect(
            "an upgrade that a power cut ended is undone at the boot",
            holds,
            f"{found}; below {_HOME}: {after}; {told or 'nothing in the journal'}",
            f"frames; below {_HOME}: {before}; and that the journal says so",
        )


def going_back(lab: Lab) -> None:
    """From this version to the older one, by hand, as docs/upgrading.md says."""
    lab.carry_versions()
    with lab.machine("going-back") as machine:
        sensor.wait_for_frames(machine, lab.booted_at)
        _with_both_versions(machine)
        back = _INSTALL.format(version="older", wheels="older-wheels", option="")
        # Uninstalling removes all drop-ins, also those of a slow machine.
        files = " ".join(STRETCHED)
        machine.run(f"tar -cf /root/stretched.tar {files}")
        with lab.busy("going back"):
            done = machine.run(
                f"/root/source/scripts/uninstall && tar -C / -xf /root/stretched.tar && {back}",
                check=False,
                timeout=_INSTALLS_WITHIN_S,
            )
        came, found = _older_works(machine)
        lab.report.expect(
            f"going back to {lab.older} by hand works and keeps the configuration",
            came and _keeps(machine),
            f"{found}; {done.stderr[-300:]}",
            "frames",
        )


_ANSWERS = "posenet-edge posenet-edge/broker string 127.0.0.1:1883\n"
_LEFT = (
    "find / -xdev -path /proc -prune -o -path /root -prune -o -path /carried -prune -o -path /var/log -prune -o "
    "-iname '*posenet*' -print; getent passwd | grep posenet; getent group | grep posenet; "
    "dpkg-query -W posenet-edge 2>/dev/null; grep -l posenet-edge/ /var/cache/debconf/*.dat; true"
)


def deb(lab: Lab) -> None:
    """The Debian package: installed without internet, working, removed, and purged without a trace."""
    with lab.machine("deb", lab.bare_disk()) as machine:
        machine.run("debconf-set-selections", stdin=_ANSWERS)
        with lab.busy("installing the package"):
            done = machine.run(
                "DEBIAN_FRONTEND=noninteractive apt-get -y install /carried/deb/*.deb", check=False, timeout=3600
            )
        said = machine.run(f"grep -E '^(host|port)' {CONFIG}", check=False).stdout
        holds = done.returncode == 0 and "1883" in said
        ending = "" if holds else (done.stdout + done.stderr)[-1500:]
        if not lab.report.expect(
            "the package installs with preseeded answers",
            holds,
            f"status {done.returncode}, {' '.join(said.split())} {ending}",
            "status 0, port = 1883",
        ):
            return
        # What a processor that is emulated can do; see scripts/qemu/image.py.
        machine.run(f"cat >{CONFIG} && posenet-edge apply", stdin=lab.config)
        came, found = sensor.wait_for_frames(machine, lab.booted_at)
        lab.report.expect("the package's services work", came, found, "frames")
        _audit(lab, machine)
        with lab.busy("removing the package"):
            machine.run("DEBIAN_FRONTEND=noninteractive apt-get -y remove posenet-edge", timeout=1800)
        kept = machine.run(f"test -e {CONFIG}", check=False).returncode == 0
        gone = machine.run(f"systemctl cat {SENSE}", check=False).returncode != 0
        lab.report.expect(
            "removed it leaves the configuration alone",
            kept and gone,
            f"configuration {'kept' if kept else 'gone'}, units {'gone' if gone else 'there'}",
            "configuration kept, units gone",
        )
        machine.run("DEBIAN_FRONTEND=noninteractive apt-get -y purge posenet-edge", timeout=1800)
        left = machine.say(_LEFT)
        lab.report.expect("purged it leaves nothing", left == "", left or "nothing", "nothing")


TRIALS = {
    "late-camera": Trial(late_camera, "a camera whose driver comes late at boot"),
    "later-camera": Trial(later_camera, "a camera that comes at boot once sense has started"),
    "hotplug": Trial(hotplug, "a camera that is plugged in when the sensor runs"),
    "replug": Trial(replug, "a camera that is unplugged and plugged in again"),
    "audit": Trial(audit, "posenet-edge audit: all claims hold"),
    "seccomp": Trial(seccomp, "every seccomp rule, called for real"),
    "power-cuts": Trial(power_cuts, "the power goes after a confirmed command"),
    "full-disk": Trial(full_disk, "a disk that is full to the last byte"),
    "upgrade": Trial(upgrade, "from an older version to this one"),
    "cut-upgrade": Trial(cut_upgrade, "the power goes in the middle of an upgrade"),
    "going-back": Trial(going_back, "from this version to the older one by hand"),
    "deb": Trial(deb, "the Debian package, installed and purged"),
}
