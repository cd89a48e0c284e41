"""Own descriptors: a camera's library may leak some at each failed attempt to open it."""

import os
import resource

_MOST = 0.5
"""Part of the limit from which on the process is to start anew, while all that it does still works."""


def why_exhausted() -> str:
    """Reason why this process should start anew; empty while it has few descriptors."""
    count, (limit, _) = len(os.listdir("/proc/self/fd")), resource.getrlimit(resource.RLIMIT_NOFILE)  # noqa: PTH208
    if count <= _MOST * limit:
        return ""
    return f"{count} of {limit} descriptors are open, as the camera's library leaks them"
