"""Makes docs/view.png: ``.venv/bin/python -m tests.tools.view.picture [FILE [WIDTH [HEIGHT [dark]]]]``."""

import sys
import tempfile
import time
from pathlib import Path

from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.scenes import frames, scene
from tests.tools.commands import PROJECT
from tests.tools.view.stage import Player, browser, viewer, zones_file

_AT = 2.2
"""Seconds into the scene: both are there, before they meet."""


def main(file: Path, width: int = 1100, height: int = 720, scheme: str = "light") -> None:
    """The scene two-cross, a moment before they meet, with a zone of the configuration."""
    with tempfile.TemporaryDirectory() as folder, Mosquitto() as broker, Player(broker.port) as player:
        player.online()
        player.health(temperature=51.5)
        player.state(occupied=True, people=2, postures={"1": "standing", "2": "standing"})
        with (
            viewer(broker.port, f"--config={zones_file(Path(folder))}") as url,
            browser(width, height, scheme == "dark") as page,
        ):
            page.get(url)
            time.sleep(1)
            player.event("arrived")
            for at, people in frames(scene("two-cross")):
                player.poses(people)
                time.sleep(1 / 15)
                if at > _AT:
                    break
            page.save_screenshot(str(file))


if __name__ == "__main__":
    out, *rest = sys.argv[1:] or [str(PROJECT / "docs" / "view.png")]
    main(Path(out), *map(int, rest[:2]), *rest[2:])
