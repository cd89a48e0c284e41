"""``python -m scripts.qemu``: build, boot and try the installed product on machines with kernels of their own."""

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from types import FrameType

from edge.errors import PosenetEdgeError
from scripts.qemu.lab import Lab
from scripts.qemu.machine import Failed, make_key
from scripts.qemu.report import Report
from scripts.qemu.system import MACHINES, SUITES, System
from scripts.qemu.trials import TRIALS
from tests.rehearsal.cache import CACHE

_PROJECT = Path(__file__).parents[2]
_CLONE_NEWNS, _MS_REC_PRIVATE = 0x20000, 0x44000
_COMMITS_BACK = 100
"""How old the older version is where no version has a tag."""


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/machine",
        description="Builds Debian machines with kernels of their own, boots them in qemu, and tries the installed "
        "product on them. Prints PASS, FAIL or SKIP for each thing that is tried; the status is 0 if nothing failed.",
        epilog="Example: scripts/machine try audit late-camera --arch arm64 --suite bookworm",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, about in (
        ("try", "make trials; all that there are, if none is named"),
        ("build", "only build the machines, which takes minutes; they are kept in ~/.cache/posenet-edge"),
        ("shell", "boot a machine with the product on it and open a shell there; what it writes is gone afterwards"),
    ):
        verb = verbs.add_parser(name, help=about, description=about, allow_abbrev=False)
        verb.add_argument("--arch", choices=[*MACHINES, "all"], default="amd64", help="default: %(default)s")
        verb.add_argument("--suite", choices=[*SUITES, "all"], default="trixie", help="default: %(default)s")
        if name == "try":
            verb.add_argument("trials", nargs="*", metavar="TRIAL", help=", ".join(TRIALS))
            verb.add_argument("--from", dest="older", metavar="COMMIT", help="the version that upgrades start from")
            verb.add_argument(
                "--delays",
                type=_delays,
                default=(0.0, 3.0),
                metavar="S,S",
                help="seconds from a confirmed command to the power cut, one after the other (default: 0,3)",
            )
    verbs.add_parser("list", help="print the trials")
    options = parser.parse_args(words)
    if unknown := [name for name in getattr(options, "trials", []) if name not in TRIALS]:
        parser.error(f"found the trial {unknown[0]}; expected one of {', '.join(TRIALS)}")
    return options


def _delays(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected seconds such as 0,1,5, found {text}") from error
    if not all(0 <= delay <= 3600 for delay in found):
        raise argparse.ArgumentTypeError(f"expected seconds from 0 to 3600, found {text}")
    return found


def systems(options: argparse.Namespace) -> list[System]:
    """List the kinds of machines that are asked for."""
    architectures = list(MACHINES) if options.arch == "all" else [options.arch]
    suites = list(SUITES) if options.suite == "all" else [options.suite]
    return [System(architecture, suite) for suite, architecture in product(suites, architectures)]


def older_version(project: Path) -> str:
    """Name the newest tag before this commit; without a tag a commit of some time ago."""
    git = ["git", "-C", str(project)]
    tag = subprocess.run(
        [*git, "describe", "--tags", "--abbrev=0", "HEAD^"], capture_output=True, text=True, check=False
    )
    return tag.stdout.strip() or f"HEAD~{_COMMITS_BACK}"


def main(words: list[str]) -> int:
    """Run with these command line arguments; returns the exit status."""
    options = parse(words)
    if options.verb == "list":
        for name, trial in TRIALS.items():
            print(f"{name:13} {trial.about}")
        return os.EX_OK
    _own_mounts()
    signal.signal(signal.SIGTERM, _interrupt)
    report = Report()
    older = getattr(options, "older", None) or older_version(_PROJECT)
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        for system in systems(options):
            report.where = str(system)
            with (
                tempfile.TemporaryDirectory(prefix="machine-work-", dir=CACHE) as work,
                Lab(
                    system, _PROJECT, Path(work) / "lab", make_key(CACHE), report, older, getattr(options, "delays", ())
                ) as lab,
            ):
                if options.verb == "build":
                    print(lab.disk().image)
                elif options.verb == "shell":
                    with lab.shared() as machine:
                        return machine.shell()
                else:
                    _try(lab, options.trials or list(TRIALS))
    except KeyboardInterrupt:
        print("machine: interrupted; machines are off, and what they wrote is gone", file=sys.stderr)
        return 128 + signal.SIGINT
    except PosenetEdgeError as error:
        print(f"machine: {error}", file=sys.stderr)
        return error.exit_code
    if options.verb == "build":
        return os.EX_OK
    print(f"machine: {report.summary()}")
    return report.status


def _try(lab: Lab, names: list[str]) -> None:
    for name in names:
        with lab.report.trial(name):
            try:
                TRIALS[name].run(lab)
            except (Failed, PosenetEdgeError, subprocess.SubprocessError) as error:
                lab.report.failed(name, str(error), "a trial that comes to its end")


def _own_mounts() -> None:
    """Leave for a space of mounts of one's own: however this ends, its mounts end too."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) or libc.mount(None, b"/", None, _MS_REC_PRIVATE, None):
        code = ctypes.get_errno()
        raise OSError(code, f"cannot have mounts of its own: {os.strerror(code)}")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
