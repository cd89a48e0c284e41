"""The level of sharing, and the bounds on what could be smuggled out beside it."""

import shutil
from collections.abc import Mapping
from math import isfinite, log2
from pathlib import Path

from edge.config.settings import Settings
from edge.report.leak_bound import THUMBNAIL_BYTES, leak_bound
from edge.runtime.status_text import ReportStatus
from edge.tools.audit.system import Service
from edge.tools.checks.finding import Answer, CouldNotTell, judge

_LINE_BYTES = 48 * 1024
"""Bytes of a log message; a longer line becomes several. Source: journald.conf(5), LineMax=."""
_POOLS = 5
"""Groups of priorities for which journald counts messages apart; a service may choose one for each line."""
_JOURNALS = (Path("/var/log/journal"), Path("/run/log/journal"))


def shares_as_configured(service: Service, level: str) -> Answer:
    """Check that the running service shares the configured level, whatever the file said when it started."""
    status = ReportStatus.parse(service["StatusText"])
    if status is None:
        raise CouldNotTell("it has no status line yet, or one of another version")
    wrong = status.share != level
    other = [f"it shares {status.share}, {level} is configured: posenet-edge apply"] if wrong else []
    return judge(other, f"it shares {level}")


def log_bits(properties: Mapping[str, str], free: int) -> float:
    """Compute the bound on what the service may write into this device's journal.

    journald raises the limit of a service with the free space. Source: journald.conf(5), RateLimitBurst=, and
    systemd's journald-rate-limit.c.

    Args:
        properties: Of the service, as systemd shows them.
        free: Bytes free where the journal is stored.

    Returns:
        Bits a second; infinite without a limit.
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
    """Measure the bytes free where the journal is stored."""
    place = next((path for path in _JOURNALS if path.exists()), Path("/"))
    return shutil.disk_usage(place).free


def tell(settings: Settings, log: float) -> dict[str, str]:
    """Put the level of sharing and two bounds into words.

    Args:
        settings: Of the sensor.
        log: Bound on what the service may write into the journal, bits a second; infinite without a limit.

    Returns:
        A text for each.
    """
    leak = leak_bound(settings)
    journal = "not bounded: the unit of report, which bounds it, is not installed here, or was changed"
    if isfinite(log):
        journal = (
            f"at most {log / 1000:.3g} kbit/s more into this device's journal: that picture in "
            f"{8 * THUMBNAIL_BYTES / log:.2g} s, and off the device only where the journal is forwarded"
        )
    return {
        "sharing": settings.publish.share,
        "leak": f"at most {leak.total / 1000:.3g} kbit/s to the broker: a {THUMBNAIL_BYTES // 1024} KB picture in "
        f"{leak.thumbnail_seconds:.3g} s, if sense were taken over",
        "log": journal,
    }


def _seconds(text: str) -> float:
    """Read a time span that systemd printed, such as ``1min 30s``, in seconds."""
    units = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
    total = 0.0
    for word in text.split():
        number = word.rstrip("abcdefghijklmnopqrstuvwxyz")
        total += float(number or 0) * units.get(word[len(number) :], 0.0)
    return total
