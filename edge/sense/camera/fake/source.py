"""A scripted camera: known frames, and failures at known times.

``fake:`` gives frames without end. A script is a list of steps, one after the other::

    fake:frames=20,stall=3,fail=unplugged,busy,missing,end

frames=N      N frames.
stall=S       No frames for S seconds; at ``camera.timeout`` and more the camera counts as failed.
fail=WORD     CameraFailed, saying WORD.
busy          CameraFailed when it is opened the next time (or at once, where it is open).
missing       NoSource when it is opened the next time (CameraFailed, where it is open: unplugged).
end           No more frames; only as the last step. Without it, frames go on after the last step.

As with a real device, there is one for each script in a process: if it is opened again, it goes on where it stopped
(after ``end``, from the beginning), and while it is open it is busy.
"""

import re
from typing import ClassVar, NamedTuple

import numpy as np

from edge.errors import BadSetting, CameraFailed, NoSource
from edge.sense.camera.base import Clock, Picture, Pictures, Source, frame_numbers
from edge.sense.camera.error_text import quoted
from edge.sense.camera.registry import SourceRequest
from edge.sense.camera.rotate import Pixels

_STEP = re.compile(r"frames=[1-9][0-9]{0,6}|stall=[0-9]{1,4}(\.[0-9]{1,3})?|fail=[a-z0-9_-]{1,40}|busy|missing|end")


class Step(NamedTuple):
    """One step of a script: ``verb`` and, after ``=``, ``value`` (empty for busy, missing and end)."""

    verb: str
    value: str


def parse_script(text: str) -> tuple[Step, ...]:
    """Read a script; raises BadSetting naming a step that is not known."""
    words = text.split(",") if text else []
    for number, word in enumerate(words):
        if not _STEP.fullmatch(word):
            raise BadSetting(
                f"fake camera: step {quoted(word)} is not known; expected frames=20, stall=3, fail=unplugged, "
                "busy, missing or end"
            )
        if word == "end" and number < len(words) - 1:
            raise BadSetting(f"fake camera: {quoted(words[number + 1])} comes after end, which must be the last step")
    return tuple(Step(verb, value) for verb, _, value in (word.partition("=") for word in words))


class _Device:
    """The state that a fake camera keeps while it is shut."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps
        self.position = self.given = self.number = 0
        self.open = False

    def step(self) -> Step:
        return self.steps[self.position] if self.position < len(self.steps) else Step("frames", "")

    def next_step(self) -> None:
        self.position += 1
        self.given = 0


_devices: dict[str, _Device] = {}


def forget() -> None:
    """Reset all fake cameras to the beginning of their scripts (for tests)."""
    _devices.clear()


def picture(number: int, width: int, height: int) -> Pixels:
    """Draw frame ``number``: red grows to the right, green downwards, and a blue square moves from left to right.

    Args:
        number: From 0.
        width: Px.
        height: Px.

    Returns:
        ``[height, width, 3]``.
    """
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width).astype(np.uint8)
    pixels[..., 1] = np.linspace(0, 255, height).astype(np.uint8)[:, None]
    side = max(1, min(width, height) // 4)
    left = number * 8 % max(1, width - side)
    pixels[height // 2 : height // 2 + side, left : left + side, 2] = 255
    return pixels


class FakeSource(Source):
    """A scripted camera; ``camera.size`` (or 640x480) at ``camera.frame_rate``."""

    kind: ClassVar[str] = "fake"

    def __init__(self, request: SourceRequest, clock: Clock | None = None) -> None:
        super().__init__(request, clock)
        self._steps = parse_script(self._argument)
        self._device: _Device | None = None

    def _open(self) -> None:
        device = _devices.setdefault(self._argument, _Device(self._steps))
        if device.open:
            raise CameraFailed("fake camera: busy, it is open already; close it first")
        verb = device.step().verb
        if verb in ("busy", "missing"):
            device.next_step()
            if verb == "busy":
                raise CameraFailed("fake camera: busy, as its script says; open it again")
            raise NoSource("fake camera: missing, as its script says; look again")
        device.open = True
        self._device = device

    def _close(self) -> None:
        if self._device is not None:
            self._device.open = False
            self._device = None

    def _pictures(self) -> Pictures:
        width, height = (int(side) for side in (self._settings.camera.size or "640x480").split("x"))
        due = frame_numbers(self._settings.camera.frame_rate, self._stopping, self._clock)
        device = self._device
        while device is not None and not self._stopping.is_set():
            verb, value = device.step()
            if verb == "frames" and not (value and device.given >= int(value)):
                next(due)
                pixels = picture(device.number, width, height)
                device.given += 1
                device.number += 1
                yield Picture(pixels, self._clock.now())
                continue
            device.next_step()
            if verb == "end":
                device.position = device.number = 0
                return
            if verb == "stall":
                self._stall(float(value))
            elif verb != "frames":
                raise CameraFailed(f"fake camera: {value or verb}, as its script says; open it again")

    def _stall(self, seconds: float) -> None:
        self._stopping.wait(min(seconds, self._patience))
        if seconds >= self._patience and not self._stopping.is_set():
            raise CameraFailed(f"fake camera: no frame for {self._patience:g} s; open it again")
