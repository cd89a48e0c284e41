"""A sensing room that sees scripted scenes: ``feeder.py SOCKET``, with the product's Python.

Standard input says what it sees from then on: ``play SCENE`` (and then nobody), ``blind`` (a dark picture), ``hang``
(no line goes out any more); its end ends this.
"""

import selectors
import socket
import sys
import time
from itertools import chain, repeat

from edge import wire
from edge.tools.simulate.scenes import frames, scene
from edge.tools.simulate.view import CORNER

RATE, SIZE = 15.0, (640, 480)
NOBODY = (0.0, ())


def status(brightness: float) -> wire.StatusLine:
    return wire.StatusLine(
        monotonic=time.monotonic(), time=time.time(), state="running", source="fake", model_height=257,
        model_width=353, output_stride=16, quantization="int8", frames=100, frames_dropped=3, lines_dropped=0,
        camera_failures=0, frame_rate=RATE, fit_ms=0.4, invoke_ms=6.2, decode_ms=0.5, latency_ms=12.5, breaches=(),
        brightness=brightness, contrast=0.2, sharpness=2.0, temperature=48.5, uptime=10.0,
    )  # fmt: skip


def main() -> None:
    wall = socket.socket(socket.AF_UNIX)
    wall.connect(sys.argv[1])
    words = selectors.DefaultSelector()
    words.register(sys.stdin, selectors.EVENT_READ)
    seen, brightness, hangs, number = repeat(NOBODY), 0.4, False, 0
    next_at = time.monotonic()
    while True:
        if words.select(max(next_at - time.monotonic(), 0)):
            word, _, name = sys.stdin.readline().strip().partition(" ")
            if not word:
                return
            seen = chain(frames(scene(name, CORNER), RATE, SIZE) if word == "play" else (), repeat(NOBODY))
            brightness, hangs = 0.01 if word == "blind" else 0.4, word == "hang"
            continue
        next_at += 1 / RATE
        number += 1
        _, persons = next(seen)
        if not hangs:
            frame = wire.FrameLine(number, time.monotonic(), time.time(), *SIZE, tuple(persons))
            wall.sendall(wire.encode(frame))
            if number % 15 == 1:
                wall.sendall(wire.encode(status(brightness)))


main()
