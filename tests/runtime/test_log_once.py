"""A thing is said once, and again after a while."""

import logging

import pytest

from edge.runtime.log_once import LogOnce


def test_the_same_words_are_not_repeated_for_five_minutes(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    sparing = LogOnce(logging.getLogger("test"), lambda: now[0])
    for second in range(0, 700, 10):
        now[0] = second
        sparing.log(logging.WARNING, "away")
        sparing.log(logging.WARNING, "back")
    assert [record.message for record in caplog.records] == ["away", "back"] * 3
