"""A stand-in for ``sense`` that sees scripted scenes: ``feeder.py SOCKET``, with the product's Python.

Standard input says what it sees from then on: ``play SCENE`` (and then nobody), ``repeat SCENE``, ``blind`` (a dark
picture), ``hang`` (no line goes out any more), ``die``; its end ends this. Asked to pause, it says that it has, and sees nothing more.
"""

import os
import selectors
import socket
import sys
import time
from dataclasses import fields
from itertools import chain, repeat
from typing import Any

from edge import wire
from edge.tools.simulate.pinhole_camera import CORNER
from edge.tools.simulate.scenes import frames, scene

RATE, SIZE = 15.0, (640, 480)
NOBODY = (0.0, ())


def status_line(**values: Any) -> wire.StatusLine:
    """With the least value of each number of which nothing is said."""
    least = {field.name: wire.RANGES[field.name][0] for field in fields(wire.StatusLine) if field.name in wire.RANGES}
    return wire.StatusLine(**least | values)


def status(brightness: float, state: str) -> wire.StatusLine:
    return status_line(
        monotonic=time.monotonic(), time=time.time(), state=state, source="fake", model_height=257,
        model_width=353, output_stride=16, quantization="int8", model_choice="set", frames=100, frame_rate=RATE, fit_ms=0.4, invoke_ms=6.2,
        decode_ms=0.5, latency_ms=12.5, breaches=(), found=wire.Found(31), brightness=brightness, contrast=0.2,
        sharpness=2.0, attention="on", duty="full", duty_rate=RATE, temperature=48.5, uptime=10.0, stages=(wire.Percentiles(),) * len(wire.STAGES),
    )  # fmt: skip


def main() -> None:
    wall = socket.socket(socket.AF_UNIX)
    wall.connect(sys.argv[1])
    words = selectors.DefaultSelector()
    words.register(sys.stdin, selectors.EVENT_READ)
    words.register(wall, selectors.EVENT_READ)
    seen, brightness, hangs, state, number = repeat(NOBODY), 0.4, False, "running", 0
    next_at = time.monotonic()
    while True:
        if ready := words.select(max(next_at - time.monotonic(), 0)):
            if ready[0][0].fileobj is wall:
                state = "paused" if wall.recv(64).endswith(b"pause\n") else "running"
                continue
            word, _, name = sys.stdin.readline().strip().partition(" ")
            if word in ("", "die"):
                os._exit(0)
            times = {"play": repeat(name, 1), "repeat": repeat(name)}.get(word, ())
            played = (frames(scene(each, CORNER), RATE, SIZE) for each in times)
            seen = chain(chain.from_iterable(played), repeat(NOBODY))
            brightness, hangs = 0.01 if word == "blind" else 0.4, word == "hang"
            continue
        next_at += 1 / RATE
        number += 1
        if hangs:
            continue
        if number % 15 == 1:
            wall.sendall(wire.encode(status(brightness, state)))
        if state == "running":
            # When it was due, as a camera's frame has its own time: a busy machine makes nobody fall slower.
            _, persons = next(seen)
            frame = wire.FrameLine(number, next_at, time.time(), *SIZE, tuple(persons))
            wall.sendall(wire.encode(frame))


main()
