"""How much is shared, and what is told and not judged: how much could be smuggled out beside it."""

import os
from collections.abc import Mapping
from math import log2
from pathlib import Path

from edge.config.settings import Settings
from edge.report.leak_bound import THUMBNAIL_BYTES, leak_bound
from edge.runtime.status_text import ReportStatus
from edge.tools.audit.system import Service
from edge.tools.checks.finding import Answer, CouldNotTell, judge

_LINE_BYTES = 48 * 1024
"""journald.conf(5), LineMax=: a longer line is cut into several messages."""
_POOLS = 5
"""journald counts messages for each of five groups of priorities, which a service may choose for each line."""
_JOURNALS = (Path("/var/log/journal"), Path("/run/log/journal"))


def shares_as_configured(service: Service, level: str) -> Answer:
    """What the running service says that it shares is the configured level, whatever the file said when it started."""
    status = ReportStatus.parse(service.properties.get("StatusText", ""))
    if status is None:
        raise CouldNotTell("it has said nothing yet, or is of another version")
    wrong = status.share != level
    other = [f"it shares {status.share}, {level} is configured: posenet-edge apply"] if wrong else []
    return judge(other, f"it shares {level}")


def log_bits(properties: Mapping[str, str], free: int) -> float:
    """Bits a second that the service may write into this device's journal; infinite without a limit.

    free: bytes free where the journal lies, which journald multiplies the limit by. Source: journald.conf(5),
    RateLimitBurst=, and systemd's journald-rate-limit.c.
    """
    burst, interval = (
        int(properties.get("LogRateLimitBurst", "0")),
        _seconds(properties.get("LogRateLimitIntervalUSec", "")),
    )
    if not burst or not interval:
        return float("inf")
    pools = _POOLS if properties.get("SyslogLevelPrefix", "yes") == "yes" else 1
    power = int(log2(max(free, 1)))
    factor = (power - 16) / 4 if power > 20 else 1.0
    return pools * int(burst * factor) * 8 * _LINE_BYTES / interval


def journal_space() -> int:
    """Bytes free where the journal lies."""
    place = next((path for path in _JOURNALS if path.exists()), Path("/"))
    about = os.statvfs(place)
    return about.f_bavail * about.f_frsize


def tell(settings: Settings, log: float) -> dict[str, str]:
    """The level of sharing, the bound, and the log, in words that stand alone."""
    leak = leak_bound(settings)
    thumbnail = 8 * THUMBNAIL_BYTES / log
    return {
        "sharing": settings.publish.share,
        "leak": f"at most {leak.total / 1000:.3g} kbit/s to the broker: a {THUMBNAIL_BYTES // 1024} KB picture in "
        f"{leak.thumbnail_seconds:.3g} s, if sense were taken over",
        "log": f"at most {log / 1000:.3g} kbit/s more into this device's journal: that picture in {thumbnail:.2g} s, "
        "and off the device only where the journal is forwarded",
    }


def _seconds(text: str) -> float:
    """As systemd prints a time: ``30s``, ``1min 30s``."""
    units = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
    total = 0.0
    for word in text.split():
        number = word.rstrip("abcdefghijklmnopqrstuvwxyz")
        total += float(number or 0) * units.get(word[len(number) :], 0.0)
    return total
