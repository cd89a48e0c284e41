"""What ``sense`` reports of itself: a line to ``report``, and one for systemd."""

import numpy as np

from edge import wire
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

LOOKING = Looking(ModelSpec(257, 353, 16, "int8"), "on", 3, 2, 1)
SURE = Person(1, Pose(0.9, (Keypoint(1.0, 1.0, 0.9),) * KEYPOINT_COUNT))
GUESS = Person(2, Pose(0.1, (Keypoint(1.0, 1.0, 0.2),) * KEYPOINT_COUNT))
BLACK = np.zeros((48, 64, 3), np.uint8)


class Recorder(Notifier):
    """Keeps what systemd would be told, and what would leave for ``report``."""

    def __init__(self) -> None:
        super().__init__({})
        self.outlet = Outlet()
        self.texts: list[str] = []

    def status(self, text: str) -> None:
        self.texts.append(text)


def make_reporter(recorder: Recorder, breaches: tuple[str, ...] = ()) -> StatusReporter:
    seal = FakeSandbox(breaches).monitor()
    camera = CameraController(lambda _: None, True, lambda: None)  # type: ignore[arg-type, return-value]
    return StatusReporter(recorder.outlet, recorder, seal, camera, StageTimer())


def report(state: str, *persons: Person, breaches: tuple[str, ...] = ()) -> tuple[wire.StatusLine, SenseStatus]:
    """What is reported after a black frame with such persons."""
    recorder = Recorder()
    reporter = make_reporter(recorder, breaches)
    reporter.observe(Frame(BLACK, 1e9, 0.0, 0.0), persons)
    reporter.report(state, LOOKING)
    (line,), (text,) = recorder.outlet.lines, recorder.texts
    status = SenseStatus.parse(text)
    assert isinstance(line, wire.StatusLine)
    assert status
    return line, status


def test_a_running_camera() -> None:
    line, status = report("running", SURE, GUESS)
    assert (line.state, line.model_height, line.frames, line.brightness) == ("running", 257, 1, 0.0)
    assert (line.attention, line.looks_near, line.looks_turned, line.looks_zoomed) == ("on", 3, 2, 1)
    assert (status.state, status.people, status.breaches) == ("running", 2, ())


def test_a_dark_picture_is_told_unless_a_sure_body_is_found_in_it() -> None:
    assert report("running", SURE)[1].blindness == ""
    assert report("running", GUESS)[1].blindness == "dark"


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
