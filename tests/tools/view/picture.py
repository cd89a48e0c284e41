"""Makes docs/view.png and view-phone.png: ``.venv/bin/python -m tests.tools.view.picture [FOLDER]``.

They show what a real ``report`` says of a scripted scene.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from selenium import webdriver

from edge.tools.mosquitto import Mosquitto
from tests.support.commands import COMMAND, PROJECT
from tests.support.waiting import wait_until
from tests.tools.view.stage import browser, shown, text, viewer

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
_PICTURES = {"view.png": (1100, 790, False), "view-phone.png": (390, 844, True)}
"""Width and height of the browser, and whether it is dark."""


@contextmanager
def _sensor(port: int) -> Iterator[None]:
    """Before whose camera two people cross, again and again."""
    with tempfile.TemporaryDirectory() as name:
        file, socket = Path(name) / "config.toml", Path(name) / "wall"
        file.write_text(f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\n{_CONFIGURATION}')
        report = subprocess.Popen([*COMMAND, "report", f"--config={file}", f"--socket={socket}"])
        try:
            wait_until(socket.exists, what="report listens")
            with subprocess.Popen(
                [sys.executable, _FEEDER, socket], stdin=subprocess.PIPE, text=True, cwd=PROJECT
            ) as feeder:
                assert feeder.stdin
                print("repeat two-cross", file=feeder.stdin, flush=True)
                yield
        finally:
            report.terminate()
            report.wait(20)


def _apart(page: webdriver.Chrome, px: float) -> bool:
    script = "return [...document.querySelectorAll('.person')].map(person => person.getBoundingClientRect().x)"
    places = page.execute_script(script)
    return len(places) == 2 and abs(places[0] - places[1]) > px and "arrived" in text(page, "body")


def main(folder: Path) -> None:
    """Wait until both are there, before they meet."""
    with Mosquitto() as broker, _sensor(broker.port), viewer(broker.port) as url:
        for name, (width, height, dark) in _PICTURES.items():
            with browser(width, height, dark) as page:
                shown(page, "hall", url)
                time.sleep(10)  # Events of the first time, and a health.
                wait_until(partial(_apart, page, 0.2 * width), what="two people apart")
                page.save_screenshot(str(folder / name))


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or [PROJECT / "docs"]))
