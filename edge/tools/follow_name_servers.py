"""Follow the name servers: systemd runs this at a start, and whenever the files that name them have changed.

A broker with a name is looked up at each connection, so the kernel's filter of ``report`` has to let the name servers
through. ``apply`` allows those of its time; another network, or Tailscale, brings others.
"""

import logging
import sys
import time
from pathlib import Path

from edge.config.settings import Settings
from edge.errors import PosenetEdgeError
from edge.report import configuration
from edge.tools import apply
from edge.tools.dropins import RESOLVER, allowed_addresses, name_servers, with_addresses
from edge.tools.unit_files import APPLY_DROPIN, REPORT

log = logging.getLogger(__name__)

_SECTIONS = ("mqtt", "metrics")
"""Sections of the settings on which the addresses depend."""

_SETTLES_S = 5.0
"""Wait before each look: several programs write these files in turns, and systemd does not tell of what changes during
a run. It also bounds how often systemd is told to reload, whoever writes there how often."""


def main() -> None:
    """Follow until nothing has changed since the last look."""
    logging.basicConfig(format="posenet-edge: %(message)s", level=logging.INFO)
    while True:
        time.sleep(_SETTLES_S)
        if not follow():
            return


def follow(resolver: Path = RESOLVER) -> bool:
    """Put the name servers of now into the drop-in of ``report``, and into its filter.

    Returns:
        True if they were others.

    Raises:
        BadSetting: What was applied cannot be read.
        OutputFailed: The drop-in cannot be written.
        Unavailable: systemd does not reload.
    """
    servers = name_servers(resolver)
    file = apply.UNITS / f"{REPORT}.d" / APPLY_DROPIN
    # What was applied, not config.toml: that may have been changed since, and report still has the former broker.
    applied = apply.last_applied()
    # Between two networks there are no servers; those of before do no harm.
    if not (servers and applied and file.exists()):
        return False
    sections = {name: {key: value for key, value in applied[name].items() if value is not None} for name in _SECTIONS}
    settings = configuration.lay_over(Settings(), sections, str(apply.APPLIED))
    addresses = allowed_addresses(settings, resolver)
    if not apply.write_dropin(REPORT, with_addresses(file.read_text(), addresses)):
        return False
    # Not a restart: that would lose what report knows of the people, and events that the broker does not have yet.
    # systemd gives a running service its new filter when it next starts a process for it, as a reload does.
    apply.systemctl("daemon-reload")
    apply.systemctl("try-reload-or-restart", "--no-block", REPORT)
    log.info("name servers are now %s, and %s may reach them", ", ".join(servers), REPORT)
    return True


if __name__ == "__main__":
    try:
        main()
    except PosenetEdgeError as error:
        sys.exit(f"posenet-edge: {error}")
