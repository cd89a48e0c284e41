"""Makes docs/view.png and view-phone.png: ``.venv/bin/python -m tests.tools.view.picture [FOLDER]``."""

import sys
import time
from pathlib import Path

from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.scenes import frames, scene
from tests.support.commands import PROJECT
from tests.tools.view.stage import DOOR, FLOOR, RUG, SOFA, TELEVISION, Player, browser, viewer

_AT = 2.2
"""Seconds into the scene: both are there, before they meet."""
_PICTURES = {"view.png": (1100, 790, False), "view-phone.png": (390, 844, True)}
"""Width and height of the browser, and whether it is dark."""


def main(folder: Path) -> None:
    """The scene two-cross, a moment before they meet, with all kinds of places."""
    with Mosquitto() as broker, Player(broker.port) as player, viewer(broker.port) as url:
        player.online()
        player.health(temperature=51.5)
        player.state(occupied=True, people=2, posture="standing", postures={"1": "standing", "2": "standing"})
        player.places(zone=[SOFA, RUG], line=[DOOR], ignore=[TELEVISION], floor=FLOOR)
        for name, (width, height, dark) in _PICTURES.items():
            with browser(width, height, dark) as page:
                page.get(url)
                time.sleep(1)
                player.event("arrived", person=2)
                for at, people in frames(scene("two-cross")):
                    player.poses(people)
                    time.sleep(1 / 15)
                    if at > _AT:
                        break
                page.save_screenshot(str(folder / name))


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or [PROJECT / "docs"]))
