"""Whether this machine can boot a container at all: ``python -m tests.rehearsal.probe``, in name spaces of its own."""

import subprocess
import sys
from pathlib import Path

from tests.rehearsal.debian import device_root
from tests.rehearsal.machine import Failed, Machine

WORKSHOP = Path("/run/posenet-rehearsal")
"""Where the machines' layers are."""


def make_workshop() -> None:
    """A folder in memory that is gone with this process, whatever ends it: its name space ends as well."""
    # The first is where nspawn puts what it leaves behind; elsewhere /run need not be in memory.
    for folder, size in (("/run/systemd/nspawn", "1m"), (str(WORKSHOP), "8g")):
        Path(folder).mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=755,size={size}", "rehearsal", folder], check=True)


def main() -> None:
    """Boots the device's bare root once; status 1, with the reason, where that is not possible."""
    root = device_root()
    try:
        make_workshop()
        with Machine([root], WORKSHOP / "probe") as machine:
            machine.run("true")
    except (OSError, subprocess.SubprocessError, Failed) as error:
        sys.exit(f"rehearse: {error}")


if __name__ == "__main__":
    main()
