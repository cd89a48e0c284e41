"""What lines of sense are turned into: words, and a drawing that fits the terminal."""

import itertools
from dataclasses import replace

import pytest

from edge import wire
from edge.tools.setup.aim import Sight, draw
from edge.tools.simulate.scenes import scene
from edge.wire import FrameLine, StatusLine

ONE = scene("stand-still").persons(1.0)


def frame(*persons: object) -> bytes:
    return wire.encode(FrameLine(1, 1.0, 1.0, 640, 480, tuple(persons)))  # type: ignore[arg-type]


@pytest.fixture
def sight() -> Sight:
    return Sight(clock=lambda: 100.0)


def test_before_the_first_frame(sight: Sight) -> None:
    assert (sight.people(), sight.picture(), sight.rate()) == ("The camera is being opened.", "", "")


def test_people_and_frames(sight: Sight, status_line: StatusLine) -> None:
    sight.hear(frame())
    assert (sight.people(), sight.rate()) == ("Nobody is seen.", "Frames of 640x480 px.")
    sight.hear(frame(*ONE))
    sight.hear(wire.encode(replace(status_line, frame_rate=14.84)))
    assert (sight.people(), sight.rate()) == ("1 person is seen.", "Frames of 640x480 px, 14.8 a second.")
    sight.hear(frame(*scene("two-cross").persons(2.0)))
    assert sight.people() == "2 people are seen."
    assert sight.most_people == 2


@pytest.mark.parametrize(
    ("measures", "says"),
    [
        ({"brightness": 0.01}, "The picture is dark, brightness 1 %: switch a light on"),
        ({"contrast": 0.01}, "The picture is covered, brightness 43 %: "),
        ({"sharpness": 0.1}, "The picture is blurred, brightness 43 %: "),
        ({}, "The picture is good, brightness 43 %."),
        ({"state": "no_frames"}, "The camera gives no frames any more"),
        ({"brightness": None}, ""),
    ],
)
def test_the_picture_in_words(status_line: StatusLine, measures: dict[str, object], says: str) -> None:
    now = itertools.count(100.0, 3.0)
    sight = Sight(clock=lambda: next(now))
    sight.hear(frame())
    sight.hear(wire.encode(replace(status_line, **measures)))  # type: ignore[arg-type]
    assert sight.picture().startswith(says)
    assert bool(sight.picture()) == bool(says)


def test_a_dark_picture_in_which_somebody_is_surely_seen_is_good_enough(status_line: StatusLine) -> None:
    now = [100.0]
    sight = Sight(clock=lambda: now[0])
    sight.hear(frame(*ONE))
    sight.hear(wire.encode(replace(status_line, brightness=0.01)))
    assert sight.picture().startswith("The picture is good")
    now[0] += 10
    assert sight.picture().startswith("The picture is dark")


def test_what_is_no_line_is_passed_over(sight: Sight) -> None:
    for line in (b"", b"\xff", b"{}", frame()[:-9], b'{"version":5,"kind":"frame","picture":"x"}'):
        sight.hear(line)
    assert sight.width == 0


def test_a_refused_camera_has_its_reasons(sight: Sight, status_line: StatusLine) -> None:
    sight.hear(wire.encode(replace(status_line, breaches=("connect",))))
    assert sight.refused == ()
    sight.hear(wire.encode(replace(status_line, state="refused", breaches=("connect",))))
    assert sight.refused == ("connect",)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 60), (40, 12), (10, 3), (1, 1)])
def test_a_drawing_fits_the_terminal(status_line: StatusLine, columns: int, rows: int) -> None:
    sight = Sight()
    sight.hear(frame(*ONE))
    sight.hear(wire.encode(replace(status_line, brightness=0.01)))
    lines = draw(sight, columns, rows, sight._clock(), colours=False)
    assert len(lines) == rows
    assert all(len(line) <= columns for line in lines)
    if rows == 24:
        assert lines[-1] == "Press Enter when the camera looks where it should."
        assert any(0x2800 < ord(letter) < 0x2900 for line in lines for letter in line)
