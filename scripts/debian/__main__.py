"""``python -m scripts.debian``: build the Debian package."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from edge.errors import PosenetEdgeError
from edge.tools.install.build import PARTS
from scripts.debian.package import RELEASES, build
from scripts.debian.wheels import collect
from tests.support.locked import download, locked, pins

_PROJECT = Path(__file__).parents[2]
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def main(words: list[str]) -> int:
    """Run with these command line arguments; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/deb",
        description="Builds a Debian package that installs this checkout without internet: its source, and the wheels "
        "that it locks. For another machine than this one the wheels are downloaded as well.",
    )
    if not shutil.which("dpkg-deb"):
        print("deb: found no dpkg-deb; expected a Debian, or its package dpkg", file=sys.stderr)
        return os.EX_UNAVAILABLE
    parser.add_argument("folder", type=Path, help="where the package goes")
    here = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    default = here if here in _MACHINES else "arm64"
    parser.add_argument("--arch", choices=_MACHINES, default=default, help="default: %(default)s")
    parser.add_argument("--debian", choices=RELEASES, default="13", help="default: %(default)s")
    parser.add_argument(
        "--wheelhouse", type=Path, metavar="FOLDER", help="where the wheels are, instead of downloading them"
    )
    options = parser.parse_args(words)
    target = RELEASES[options.debian]._replace(machine=_MACHINES[options.arch])
    wanted = [pin for part in PARTS for pin in pins(part) if target.wants(pin.requirement)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.wheelhouse
        try:
            if not folder:
                print(f"deb: fetching the Python packages for {target}", file=sys.stderr, flush=True)
                folder = Path(scratch)
                download(locked(target, *PARTS), target, folder)
            made = build(options.folder, _PROJECT, collect(wanted, target, folder), options.arch, options.debian)
        except PosenetEdgeError as error:
            print(f"deb: {error}", file=sys.stderr)
            return error.exit_code
        except subprocess.CalledProcessError as error:
            print(f"deb: {error.cmd[0]} ended with status {error.returncode}; its message is above", file=sys.stderr)
            return os.EX_UNAVAILABLE
    print(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
