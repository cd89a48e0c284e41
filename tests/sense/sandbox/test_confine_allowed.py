"""What still works in a confined process: the model, a clip, threads, and the way to the reporting side."""

import socket
import threading
from pathlib import Path

import numpy as np
import pytest

from edge.data_files import PHOTOS
from tests.sense.sandbox.sandbox_child import child, folder

__all__ = ["folder"]


def test_what_is_allowed_still_works() -> None:
    script = """
    import numpy as np
    confine_start()
    import edge.sense.camera
    confine_running()
    threads = [threading.Thread(target=time.sleep, args=(0.01,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    memory = os.memfd_create("own")
    os.write(memory, b"1")
    tell({
        "numpy": int((np.ones((64, 64)) @ np.ones((64, 64))).sum()),
        "read": len(Path("/etc/passwd").read_bytes()) > 0,
        "list": len(list(Path("/").iterdir())) > 0,
        "random": len(os.urandom(8)) + len(open("/dev/urandom", "rb").read(8)),
        "time": time.time() > 0,
        "cores": len(os.sched_getaffinity(0)) > 0,
        "sysfs": Path("/sys/class").is_dir(),
        "own signal": attempt(lambda: os.kill(os.getpid(), 0)),
        "error stream": os.write(2, b"said"),
    })
    """
    assert child(script) == {
        "numpy": 64**3,
        "read": True,
        "list": True,
        "random": 16,
        "time": True,
        "cores": True,
        "sysfs": True,
        "own signal": "open",
        "error stream": 4,
    }


def test_the_reporting_side_can_be_reached_again_after_it_was_away(folder: Path) -> None:
    path = folder / "wall.sock"
    listener = _listen(path)
    script = """
    from edge.sense.line_sender import SocketLineSender
    confine_start(connects=[path.parent])
    confine_running()
    outlet = SocketLineSender(path)
    sent = outlet.send(b"first\\n")
    deadline = time.monotonic() + 20
    while not path.with_name("again").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    while not (again := outlet.send(b"last\\n")) and time.monotonic() < deadline:
        time.sleep(0.01)
    tell([sent, again])
    """

    def restart() -> None:
        first, _ = listener.accept()
        assert first.recv(6) == b"first\n"
        first.close()
        listener.close()
        path.unlink()
        again.append(_listen(path))
        path.with_name("again").touch()

    again: list[socket.socket] = []
    thread = threading.Thread(target=restart)
    thread.start()
    assert child(script, path=path) == [True, True]
    thread.join()
    again[0].close()


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


def test_the_model_runs_inside_and_finds_the_nose() -> None:
    script = """
    reached = confine_start()
    import cv2
    from edge.data_files import MODELS
    from edge.sense.decode import decode_single
    from edge.sense.inference.letterbox import Letterbox
    from edge.sense.inference.model import Model
    from edge.sense.inference.model_file import find_model
    def nose():
        model = Model(find_model("default", MODELS), threads=2)
        tensor, undo = Letterbox(model.height, model.width, model.quantization)(photo)
        found = undo(decode_single(model(tensor))).keypoints[0]
        return [found.x, found.y, found.score]
    photo = cv2.imread(str(path))[:, :, ::-1].copy()
    first = nose()
    confine_running()
    tell([first, nose()])
    """
    first, second = child(script, path=PHOTOS / "astronaut.jpg")
    assert first == second
    assert first[0] == pytest.approx(221, abs=12)
    assert first[1] == pytest.approx(127, abs=12)
    assert first[2] > 0.9


@pytest.fixture
def clip(folder: Path) -> Path:
    av = pytest.importorskip("av", reason="PyAV is not installed")
    path = folder / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 * level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_a_clip_is_decoded_inside(clip: Path) -> None:
    script = """
    confine_start()
    confine_running()
    import av
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        tell(sum(1 for _ in container.decode(video=0)))
    """
    assert child(script, path=clip) == 5
