"""What is said of real people in real clips, as a real model saw them: tests/recordings/README.md says which."""

from collections import Counter
from pathlib import Path

import pytest

from edge.config.settings import Settings
from edge.report.analytics.detectors.presence import PresenceSettings
from edge.report.analytics.engine import Engine
from edge.report.analytics.event import Event
from edge.tools.play.recording import Recording

FOLDER = Path(__file__).parents[2] / "recordings"
VISITS = 6
"""In ``one-by-one``: people come one at a time, and are away for three seconds at least."""


def events(name: str, settings: Settings | None = None) -> list[Event]:
    watcher = Engine(settings or Settings())
    return [event for frame in Recording(FOLDER / f"{name}.gz").frames() for event in watcher.see(frame)]


def test_each_visit_is_one_arrival() -> None:
    said = events("one-by-one", Settings(detectors={"presence": PresenceSettings(clear=2.0)}))
    kinds = [event.kind for event in said if event.kind in ("arrived", "left")]
    assert kinds == ["arrived", "left"] * VISITS or kinds == [*["arrived", "left"] * (VISITS - 1), "arrived"]


@pytest.mark.parametrize("name", ["one-by-one", "signer", "door"])
def test_nothing_is_said_that_does_not_happen(name: str) -> None:
    """Nobody falls, waves, raises a hand, exercises, or sits down."""
    kinds = {event.kind for event in events(name)}
    assert kinds <= {"arrived", "left", "approaching", "receding", "posture_changed"}


def test_there_is_never_more_than_one_and_who_stands_stands() -> None:
    watcher, people, postures = Engine(Settings()), set(), Counter[str]()
    for frame in Recording(FOLDER / "one-by-one.gz").frames():
        watcher.see(frame)
        state = watcher.state(frame.monotonic)
        people.add(state["people"])
        if state["posture"]:
            postures[state["posture"]] += 1
    assert people == {None, 0, 1}
    assert postures["standing"] > 0.9 * postures.total()
