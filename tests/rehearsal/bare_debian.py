"""A Debian root that boots, with a few packages and nothing of the product."""

from pathlib import Path

from tests.rehearsal.cache import kept, say
from tests.rehearsal.debian import mmdebstrap

_BOOTS = "systemd,systemd-sysv,dbus,iproute2,procps"


def bare_root(suite: str, packages: str) -> Path:
    """Half a minute when it is made, 300 MB. packages: a list with commas, beside what a container needs to boot."""

    def make(folder: Path) -> None:
        say(f"building a bare Debian {suite} in {folder.parent} (once)")
        mmdebstrap(folder, suite, [suite], ["--variant=minbase", f"--include={_BOOTS},{packages}"])
        (folder / "etc/machine-id").write_text("")

    return kept(f"bare-{suite}", f"{suite} {packages} {Path(__file__).read_text()}", make)
