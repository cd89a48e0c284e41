"""Makes docs/view.png, view-phone.png and view-overview.png: ``.venv/bin/python -m tests.tools.view.picture [FOLDER]``.

They show what a real ``report`` says of scripted scenes.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from selenium import webdriver

from edge.tools.mosquitto import Mosquitto
from tests.support.commands import COMMAND, PROJECT
from tests.support.waiting import wait_until
from tests.tools.view.stage import browser, text, viewer

_FEEDER = PROJECT / "tests/rehearsal/kit/home/feeder.py"
_CONFIGURATION = """
[device]
id = "hall"
name = "The hall"
[floor]
camera_height = 2.2
tilt = 20
field_of_view = 62
[[zone]]
name = "sofa"
polygon = [[0.05, 0.55], [0.35, 0.55], [0.35, 0.9], [0.05, 0.9]]
[[zone]]
name = "rug"
unit = "metres"
polygon = [[-0.5, 4], [1, 4], [1, 6], [-0.5, 6]]
[[line]]
name = "door"
start = [0.88, 0.92]
end = [0.72, 0.52]
[[ignore]]
name = "television"
polygon = [[0.75, 0.1], [0.95, 0.1], [0.95, 0.35], [0.75, 0.35]]
"""
_PICTURES = {
    "view.png": (1100, 900, False, "hall"),
    "view-phone.png": (390, 844, True, "hall"),
    "view-overview.png": (1100, 460, False, ""),
}
"""Width and height of the browser, whether it is dark, and the sensor; none: all of them."""
_OTHERS = {"bedroom": "fall", "study": "sit", "workshop": "empty"}
"""Scenes of further sensors."""


@contextmanager
def sensor(port: int, scene: str, more: str = "") -> Iterator[None]:
    """Before whose camera ``scene`` is played again and again; with ``more`` in its configuration."""
    with tempfile.TemporaryDirectory() as name:
        file, socket = Path(name) / "config.toml", Path(name) / "wall"
        file.write_text(f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\n{_CONFIGURATION}{more}')
        report = subprocess.Popen([*COMMAND, "report", f"--config={file}", f"--socket={socket}"])
        try:
            wait_until(socket.exists, what="report listens")
            with subprocess.Popen(
                [sys.executable, _FEEDER, socket], stdin=subprocess.PIPE, text=True, cwd=PROJECT
            ) as feeder:
                assert feeder.stdin
                print(f"repeat {scene}", file=feeder.stdin, flush=True)
                yield
        finally:
            report.terminate()
            report.wait(20)


@contextmanager
def _simulated(port: int, device: str, scene: str) -> Iterator[None]:
    """A sensor that plays one scene, again and again."""
    where = ["--set=mqtt.host=127.0.0.1", f"--set=mqtt.port={port}"]
    arguments = ["simulate", f"--scene={scene}", f"--name={device}", "--loop", *where]
    process = subprocess.Popen([*COMMAND, *arguments])
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _apart(page: webdriver.Chrome, px: float) -> bool:
    script = "return [...document.querySelectorAll('.person')].map(person => person.getBoundingClientRect().x)"
    places = page.execute_script(script)
    are_apart = len(places) == 2 and abs(places[0] - places[1]) > px
    # The list of people is written once a second.
    return are_apart and text(page, "#persons").count("Person") == 2 and bool(text(page, "#events"))


def main(folder: Path) -> None:
    """Wait until both are there, before they meet."""
    with ExitStack() as stack:
        broker = stack.enter_context(Mosquitto())
        url = stack.enter_context(viewer(broker.port))
        stack.enter_context(sensor(broker.port, "two-cross"))
        for device, scene in _OTHERS.items():
            stack.enter_context(_simulated(broker.port, device, scene))
        for name, (width, height, dark, device) in _PICTURES.items():
            with browser(width, height, dark) as page:
                page.get(f"{url}#{device}")
                time.sleep(10)  # Events of the first time, and a health.
                if device:
                    wait_until(partial(_apart, page, 0.2 * width), what="two people apart")
                else:
                    wait_until(lambda page=page: "has fallen" in text(page, "#alarms"), 120, what="a fall")
                page.save_screenshot(str(folder / name))


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or [PROJECT / "docs"]))
