"""Progress is said of what takes long, and then ever more seldom."""

import logging

import pytest

from edge.tools.progress import Progress


def test_it_speaks_after_two_seconds_and_then_later_and_later(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    now = 0.0
    progress = Progress(lambda: now)
    times = []
    for second in range(300):
        now = float(second)
        said = len(caplog.messages)
        progress.say(second, 15 * second)
        if len(caplog.messages) > said:
            times.append(second)
    assert times == [2, 6, 14, 30, 62, 122, 182, 242]
    assert caplog.messages[0] == "2 s, 30 frames"
