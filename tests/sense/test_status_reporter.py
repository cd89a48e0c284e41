"""What ``sense`` reports of itself: a line to ``report``, and one for systemd."""

import time

import numpy as np
import pytest

from edge import wire
from edge.config.settings import PeopleSettings
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from edge.runtime.sd_notify import Notifier
from edge.runtime.status_text import SenseStatus
from edge.sense.camera.base import Frame
from edge.sense.camera_controller import CameraController
from edge.sense.inference.heads import ModelSpec
from edge.sense.pose_pipeline import Looking
from edge.sense.stage_timer import StageTimer
from edge.sense.status_reporter import StatusReporter
from tests.support.sense_parts import FakeSandbox, Outlet

SPEC = ModelSpec(257, 353, 16, "int8")
LOOKING = Looking(SPEC, "on", 3, 2, 1, "idle", 1.0, 40)
SURE = Person(1, Pose(0.9, (Keypoint(1.0, 1.0, 0.9),) * KEYPOINT_COUNT))
GUESS = Person(2, Pose(0.1, (Keypoint(1.0, 1.0, 0.2),) * KEYPOINT_COUNT))
BLACK = np.zeros((48, 64, 3), np.uint8)
PEOPLE = PeopleSettings()


class Recorder(Notifier):
    """Keeps what systemd would be told, and what would leave for ``report``."""

    def __init__(self) -> None:
        super().__init__({})
        self.outlet = Outlet()
        self.texts: list[str] = []

    def status(self, text: str) -> None:
        self.texts.append(text)


def make_reporter(
    recorder: Recorder, breaches: tuple[str, ...] = (), people: PeopleSettings = PEOPLE
) -> StatusReporter:
    seal = FakeSandbox(breaches).monitor()
    camera = CameraController(lambda _: None, True, lambda: None)  # type: ignore[arg-type, return-value]
    return StatusReporter(recorder.outlet, recorder, seal, camera, StageTimer(), people)


def report(
    state: str,
    *persons: Person,
    breaches: tuple[str, ...] = (),
    people: PeopleSettings = PEOPLE,
    latencies: tuple[float, ...] = (0.0, 0.0),
) -> tuple[wire.StatusLine, SenseStatus]:
    """What is reported after a long time of black frames, and such persons in the last."""
    recorder = Recorder()
    reporter = make_reporter(recorder, breaches, people)
    now = time.monotonic()
    reporter.observe(Frame(BLACK, now - 60.0, 0.0, 0.0), (), wire.Found(), SPEC)
    for late in latencies:
        reporter.observe(Frame(BLACK, now - late, 0.0, 0.0), persons, wire.Found(upright=1), SPEC)
    reporter.report(state, LOOKING)
    (line,), (text,) = recorder.outlet.lines, recorder.texts
    status = SenseStatus.parse(text)
    assert isinstance(line, wire.StatusLine)
    assert status
    return line, status


def test_a_running_camera() -> None:
    line, status = report("running", SURE, GUESS)
    assert (line.state, line.model_height, line.frames, line.brightness) == ("running", 257, 3, 0.0)
    assert (line.attention, line.looks_near, line.looks_turned, line.looks_zoomed) == ("on", 3, 2, 1)
    assert (line.duty, line.duty_rate, line.frames_spared) == ("idle", 1.0, 40)
    assert (status.state, status.people, status.breaches) == ("running", 2, ())


def test_a_machine_that_is_too_slow_says_so_in_both_lines() -> None:
    line, status = report("running", SURE, latencies=(3.5, 3.5))
    assert line.state == status.state == "too_slow"
    assert line.lateness == pytest.approx(3.5, abs=0.5)
    assert status.latency == pytest.approx(3.5, abs=0.5)
    assert status.people == 1
    line, status = report("running", SURE, latencies=(1.0, 1.0))
    assert (line.state, status.state, line.lateness) == ("running", "running", 0.0)
    assert report("paused", SURE, latencies=(3.5, 3.5))[0].state == "paused"


def test_it_is_still_too_slow_in_an_interval_without_a_frame() -> None:
    recorder = Recorder()
    reporter = make_reporter(recorder)
    reporter.observe(Frame(BLACK, time.monotonic() - 3.0, 0.0, 0.0), (), wire.Found(), SPEC)
    assert [reporter.report("running", LOOKING).state for _ in range(2)] == ["too_slow", "too_slow"]
    reporter.observe(Frame(BLACK, time.monotonic(), 0.0, 0.0), (), wire.Found(), SPEC)
    assert [reporter.report(state, LOOKING).state for state in ("running", "no_frames")] == ["running", "no_frames"]


def test_a_dark_picture_is_told_unless_a_sure_body_is_found_in_it() -> None:
    assert report("running", SURE)[1].blindness == ""
    assert report("running", GUESS)[1].blindness == "dark"


def test_blindness_is_not_told_where_it_is_switched_off() -> None:
    line, status = report("running", GUESS, people=PeopleSettings(blindness=False))
    assert status.blindness == ""
    assert line.brightness == 0.0, "the measures are told all the same"


def test_sure_bodies_are_counted_from_line_to_line() -> None:
    recorder = Recorder()
    reporter = make_reporter(recorder)
    for found in (wire.Found(1, 2, 0, 0), wire.Found(0, 1, 0, wire.MAX_FOUND), wire.Found(0, 0, 0, 5)):
        reporter.observe(Frame(BLACK, 1e9, 0.0, 0.0), (), found, SPEC)
    reporter.report("running", LOOKING)
    reporter.report("running", LOOKING)
    found_each = [line.found for line in recorder.outlet.lines if isinstance(line, wire.StatusLine)]
    assert found_each == [wire.Found(1, 3, 0, wire.MAX_FOUND), wire.Found()]


def test_a_picture_that_becomes_poor_is_reported_at_once() -> None:
    recorder = Recorder()
    reporter = make_reporter(recorder)
    white_and_black = np.tile(np.array([[0], [255]], np.uint8).repeat(16, axis=0), (2, 64))[..., None].repeat(3, axis=2)
    begun = time.monotonic()
    for seconds, picture in enumerate((white_and_black, white_and_black, BLACK, BLACK)):
        reporter.observe(Frame(picture, begun + seconds, 0.0, 0.0), (), wire.Found(), SPEC)
        reporter.report_if_due("running", LOOKING)
    measured = [line.brightness for line in recorder.outlet.lines if isinstance(line, wire.StatusLine)]
    assert measured == [1.0, 0.0]


def test_nothing_is_known_of_the_picture_of_a_camera_that_does_not_run() -> None:
    line, status = report("no_frames", GUESS)
    assert line.image_quality is None
    assert status == SenseStatus("no_frames")


def test_both_tell_what_breaks_the_seal() -> None:
    line, status = report("refused", breaches=("network", "exec"))
    assert line.breaches == status.breaches == ("network", "exec")


def test_a_change_of_state_is_reported_at_once_and_nothing_else_is() -> None:
    recorder = Recorder()
    reporter = make_reporter(recorder)
    for state in ("starting", "starting", "running", "running"):
        reporter.report_if_due(state, LOOKING)
    assert [line.state for line in recorder.outlet.lines if isinstance(line, wire.StatusLine)] == [
        "starting",
        "running",
    ]
