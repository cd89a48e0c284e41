"""Packets to the broker: their sizes and rate, never their content."""

import re
import subprocess
from collections.abc import Callable, Collection, Sequence

from edge.tools.checks.finding import Answer, CouldNotTell, Level

SECONDS = 20
_LINE = re.compile(r"^[\d.]+ .*?\bIP6? (\S+) > (\S+): tcp (\d+)$")


def run_tcpdump(words: Sequence[str]) -> str:
    """Run tcpdump for ``SECONDS``.

    Returns:
        What it prints.

    Raises:
        OSError: It ended early; a FileNotFoundError if it is not installed.
    """
    tcpdump = subprocess.Popen(["tcpdump", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        complaint = tcpdump.communicate(timeout=SECONDS)[1]
    except subprocess.TimeoutExpired:
        tcpdump.terminate()
        return tcpdump.communicate()[0]
    # It runs until it is stopped; ended by itself, it failed.
    raise OSError(f"tcpdump ended early: {(complaint.splitlines() or ['no output'])[-1]}")


def capture(brokers: Collection[tuple[str, int]], run: Callable[[Sequence[str]], str] = run_tcpdump) -> Answer:
    """Measure bytes a second and the largest packet to the broker, without headers.

    Args:
        brokers: Address and TCP port of each.
        run: Runs tcpdump with these arguments.

    Returns:
        An answer that is always good: nothing is claimed of the packets.

    Raises:
        CouldNotTell: No broker has an address, tcpdump is not installed, or there was no packet.
    """
    if not brokers:
        raise CouldNotTell("the broker's name does not resolve")
    ends = " or ".join(f"(tcp port {port} and host {address})" for address, port in sorted(brokers))
    # 96 bytes of each packet hold its headers; what is in it is not looked at.
    words = ["-i", "any", "-n", "-q", "-tt", "-l", "-s", "96", ends]
    try:
        text = run(words)
    except FileNotFoundError:
        raise CouldNotTell("tcpdump is not installed (apt-get install tcpdump)") from None
    matches = filter(None, map(_LINE.match, text.splitlines()))
    sizes = [int(match[3]) for match in matches if match[2].endswith(tuple(f".{port}" for _, port in brokers))]
    if not sizes:
        raise CouldNotTell(f"nothing was sent to the broker within {SECONDS} s")
    return Answer(
        Level.GOOD,
        f"{sum(sizes) / SECONDS:.0f} bytes/s to the broker in {SECONDS} s, the largest of {len(sizes)} packets "
        f"{max(sizes)} bytes",
    )
