"""How long the page takes to draw ten people at 30 frames/s: ``.venv/bin/python -m tests.tools.view.frame_time``."""

import time
from itertools import islice

from edge.pose import Person
from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.scenes import frames, scene
from tests.support.waiting import wait_until
from tests.tools.view.stage import DOOR, FLOOR, SOFA, TELEVISION, Player, browser, viewer

_RATE = 30
_SECONDS = 10
_PEOPLE = 10
_COUNT = """window.drawn = 0; window.gaps = []; let last;
new MutationObserver(() => { window.drawn += 1; }).observe(
  document.querySelector('#people'), { subtree: true, attributes: true });
requestAnimationFrame(function tick(now) {
  if (last) window.gaps.push(now - last);
  last = now;
  requestAnimationFrame(tick);
});"""


def crowd() -> list[tuple[Person, ...]]:
    """Ten people who wave, side by side, for as many frames as are shown; no two in a row are the same."""
    moves = [people[0] for _, people in islice(frames(scene("wave"), _RATE), 45, 45 + _RATE * 5)]

    def moved(person: Person, number: int, frame: int) -> Person:
        across = 55.0 * (number - 4.5) + frame % 2
        points = tuple(point._replace(x=point.x + across) for point in person.pose.keypoints)
        return Person(number + 1, person.pose._replace(keypoints=points))

    return [tuple(moved(person, number, frame) for number in range(_PEOPLE)) for frame, person in enumerate(moves)]


def main() -> None:
    """Prints the frames drawn, the page's own work a frame, and the gaps between two of the browser's frames."""
    scenes = crowd()
    with Mosquitto() as broker, Player(broker.port) as player, viewer(broker.port) as url, browser() as page:
        player.online()
        player.health()
        player.places(zone=[SOFA], line=[DOOR], ignore=[TELEVISION], floor=FLOOR)
        page.get(url)
        wait_until(lambda: page.execute_script("return document.querySelector('#link').textContent") == "live")
        page.execute_cdp_cmd("Performance.enable", {})
        player.poses(scenes[0])
        time.sleep(1)
        page.execute_script(_COUNT)
        before = metrics(page)
        begun = time.monotonic()
        for number in range(_RATE * _SECONDS):
            # The first is drawn already: what is the same changes nothing, and would not be counted.
            player.poses(scenes[(number + 1) % len(scenes)])
            time.sleep(max(0.0, begun + (number + 1) / _RATE - time.monotonic()))
        time.sleep(0.2)
        after = metrics(page)
        drawn, gaps = page.execute_script("return [window.drawn, window.gaps]")
    gaps.sort()
    spent = {name: 1000 * (after[name] - before[name]) / drawn for name in ("Script", "RecalcStyle", "Layout", "Task")}
    print(f"drawn {drawn} of {_RATE * _SECONDS} frames of {_PEOPLE} people, sent in {_SECONDS} s")
    print("main thread, ms a frame drawn: " + ", ".join(f"{name} {value:.1f}" for name, value in spent.items()))
    middle, worst = gaps[len(gaps) // 2], gaps[len(gaps) * 99 // 100]
    print(f"between two frames of the browser: median {middle:.1f} ms, 99 % {worst:.1f} ms")


def metrics(page: object) -> dict[str, float]:
    """Seconds of work so far, by kind."""
    told = page.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]  # type: ignore[attr-defined]
    return {entry["name"].removesuffix("Duration"): entry["value"] for entry in told}


if __name__ == "__main__":
    main()
