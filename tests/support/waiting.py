"""Waiting for a condition: the bound is against hanging for ever, no measure of speed."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], seconds: float = 60.0, what: str | Callable[[], str] = "") -> None:
    """Returns once ``condition`` holds; fails after ``seconds``, saying ``what`` did not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what() if callable(what) else what or condition}")
        time.sleep(0.02)
