"""What many tests share: real photographs, and a real broker."""

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings

from edge.data_files import PHOTOS
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from edge.tools.mosquitto import Mosquitto
from edge.wire import FrameLine, StatusLine
from scripts.message_docs import example_status

# A shell in the background and nohup have these ignored, and so would be all that tests start and then interrupt.
for _number, _handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)

# A busy machine is no error, so nothing has a deadline. The same examples every time: a change that breaks nothing
# breaks no test; scripts/explore looks for others with the second profile.
settings.register_profile("fixed", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("explore", deadline=None, max_examples=500, print_blob=True)
settings.load_profile("fixed")


def read_photo(name: str) -> np.ndarray:
    """RGB of one of the two sample photos."""
    return cv2.cvtColor(cv2.imread(str(PHOTOS / name), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    return read_photo("astronaut.jpg")


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    """A real one on a free loopback port; scripts/test installs it, so this is never skipped there."""
    with Mosquitto() as running:
        yield running


@pytest.fixture
def broker_folder() -> Iterator[Path]:
    """A folder whose files a broker may read; root starts it as another user, to whom tmp_path is shut."""
    with tempfile.TemporaryDirectory(prefix="posenet-edge-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def frame_line() -> FrameLine:
    """A frame with a person who is seen well and one who is not."""
    strong = Pose(0.75, tuple(Keypoint(10.0 * n, 5.0 * n + 0.25, n / 16) for n in range(KEYPOINT_COUNT)))
    weak = Pose(0.05, tuple(Keypoint(1.5, -2.5, 0.05) for _ in range(KEYPOINT_COUNT)))
    return FrameLine(7, 123.5, 1_700_000_000.123, 640, 480, (Person(3, strong), Person(12, weak)))


@pytest.fixture
def status_line() -> StatusLine:
    return example_status(
        monotonic=125.0,
        time=1_700_000_001.5,
        state="running",
        source="stills",
        model_height=257,
        model_width=353,
        output_stride=16,
        quantization="int8",
        model_choice="set",
        frames=100,
        frames_dropped=3,
        frames_damaged=4,
        lines_dropped=2,
        camera_failures=1,
        frame_rate=14.8,
        fit_ms=0.4,
        invoke_ms=6.2,
        decode_ms=0.5,
        latency_ms=12.5,
        breaches=(),
        brightness=0.43,
        contrast=0.228,
        sharpness=2.41,
        temperature=None,
        uptime=9.5,
    )
