"""The meanings at work: who is not real, and silence that is not absence."""

from dataclasses import replace

import pytest

from edge.meaning_settings import IgnoreSettings
from edge.report.meaning.meaning import State
from edge.report.meaning.watcher import SILENT_AFTER, Watcher
from edge.settings import Settings, sections
from edge.tools.simulate.scenes import frames, scene
from edge.wire import FrameLine, StatusLine

LINES = [FrameLine(number, t, t, 640, 480, persons) for number, (t, persons) in enumerate(frames(scene("stand-still")))]
KNOWN = {"occupied": True, "people": 1}


def unknown(state: State) -> bool:
    return set(state.values()) == {None}


def watch(watcher: Watcher, start: float, seconds: float) -> list[str]:
    return [event.kind for line in LINES if start <= line.monotonic <= start + seconds for event in watcher.see(line)]


def test_silence_is_not_absence() -> None:
    watcher = Watcher(Settings())
    assert unknown(watcher.state(0.0))
    assert watch(watcher, 0.0, 2.0) == ["arrived"]
    assert watcher.state(2.0 + SILENT_AFTER - 0.1).items() >= KNOWN.items()
    assert unknown(watcher.state(2.0 + SILENT_AFTER + 0.1))
    # Who is seen afterwards has arrived anew: nobody knows what was meanwhile, and nothing said that somebody left.
    assert watch(watcher, 10.0, 2.0) == ["arrived"]


@pytest.mark.parametrize(
    "change", [{"brightness": 0.01}, {"contrast": 0.01}, {"sharpness": 0.1}, {"breaches": ("network",)}]
)
def test_a_blind_or_broken_room_says_nothing(status_line: StatusLine, change: dict[str, object]) -> None:
    watcher = Watcher(Settings())
    watch(watcher, 0.0, 2.0)
    watcher.hear(replace(status_line, **change))  # type: ignore[arg-type]
    assert watch(watcher, 2.1, 8.0) == []
    assert unknown(watcher.state(10.1))
    watcher.hear(status_line)
    assert watch(watcher, 11.0, 2.0) == ["arrived"]
    assert watcher.state(13.0).items() >= KNOWN.items()


def test_frames_that_go_backwards_say_nothing() -> None:
    watcher = Watcher(Settings())
    watch(watcher, 2.0, 2.0)
    assert watch(watcher, 0.0, 1.0) == []
    assert watcher.state(4.0).items() >= KNOWN.items()


def test_a_television_shows_nobody() -> None:
    whole = IgnoreSettings(name="television", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    corner = IgnoreSettings(name="mirror", polygon=((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)))
    for ignored, expected in ((whole, []), (corner, ["arrived"])):
        assert watch(Watcher(Settings(ignore=(ignored,))), 0.0, 8.0) == expected


def test_what_is_switched_off_is_not_even_a_key() -> None:
    off = {name: kind(enabled=False) for name, kind in sections().items() if hasattr(kind, "enabled")}
    assert Watcher(Settings(**off)).state(0.0) == {}
