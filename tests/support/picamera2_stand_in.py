"""A stand-in for Picamera2 and libcamera that obeys their awkward rules, as their source code has them.

Only one at a time has the camera; configure() adjusts what it cannot do, and refuses odd sizes and controls that are
not there; rows are padded; there are only so many buffers, and a request that is not released keeps its own for ever;
a job that nobody cancels stays at the head of the list and takes the next frame with it.
"""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.camera import Time

CONTROLS = ("FrameDurationLimits", "ExposureTime", "AnalogueGain", "AwbMode", "AfMode", "LensPosition")


class Hardware:
    """What is behind the library: one camera, or none."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.cameras: list[dict[str, Any]] = [{"Model": "imx708", "Id": "/base/soc/i2c0mux/imx708@1a", "Num": 0}]
        self.sensor = (4608, 2592)
        self.modes: list[dict[str, Any]] = [
            {"size": (1536, 864), "crop_limits": (768, 432, 3072, 1728), "fps": 120.13},
            {"size": (2304, 1296), "crop_limits": (0, 0, 4608, 2592), "fps": 56.03},
            {"size": (4608, 2592), "crop_limits": (0, 0, 4608, 2592), "fps": 14.35},
        ]
        self.tuning: str | None = None
        self.controls: tuple[str, ...] = CONTROLS
        self.open: list[Any] = []
        self.adjust: dict[str, Any] = {}
        """What configure() makes of the main stream."""
        self.buffer: Callable[[dict[str, Any]], NDArray[np.uint8]] = lambda stream: np.zeros(
            stream["size"][1] * stream["stride"], np.uint8
        )
        self.metadata: dict[str, Any] = {}
        self.bytes_used: tuple[int, ...] = ()
        """So many bytes of each plane of a buffer are of this frame; empty: libcamera does not tell."""
        self.frames_left = 10**9
        """So many frames, then the cable is out."""
        self.taken = self.released = self.cancelled = self.closed = self.resets = 0
        self.configuration: dict[str, Any] = {}
        self.refuse: dict[str, Exception] = {}
        """Errors by the call that raises them."""

    def fail(self, call: str) -> None:
        if call in self.refuse:
            raise self.refuse[call]


class Request:
    def __init__(self, hardware: Hardware, stream: dict[str, Any]) -> None:
        self._hardware = hardware
        self._stream = stream
        self._released = False
        if hardware.bytes_used:
            planes = [SimpleNamespace(bytes_used=used) for used in hardware.bytes_used]
            self.stream_map = {"main": "a stream"}
            buffer = SimpleNamespace(metadata=SimpleNamespace(planes=planes))
            self.request = SimpleNamespace(buffers={"a stream": buffer})

    def make_buffer(self, name: str) -> NDArray[np.uint8]:
        assert name == "main"
        assert not self._released, "the buffer is the camera's again"
        self._hardware.fail("make_buffer")
        return self._hardware.buffer(self._stream)

    def get_metadata(self) -> dict[str, Any]:
        assert not self._released
        return dict(self._hardware.metadata)

    def release(self) -> None:
        assert not self._released, "released twice"
        self._released = True
        self._hardware.released += 1


class Job:
    def __init__(self) -> None:
        self.result: Request | None = None
        self.cancelled = False


def make_library(hardware: Hardware) -> tuple[ModuleType, ModuleType]:
    """The modules ``picamera2`` and ``libcamera``."""

    class Manager:
        def reset(self) -> None:
            hardware.resets += 1

    class Picamera2:
        _cm = Manager()

        def __init__(self, camera_num: int = 0, tuning: str | None = None) -> None:
            self._held = False
            if hardware.open:
                try:
                    raise RuntimeError("Failed to acquire camera: Device or resource busy")
                except RuntimeError as error:
                    raise RuntimeError("Camera __init__ sequence did not complete.") from error
            hardware.fail("__init__")
            hardware.tuning = tuning
            self._number = hardware.cameras[camera_num]["Num"]
            self.sensor_resolution = hardware.sensor
            self.camera_controls = dict.fromkeys(hardware.controls, (0, 1, 0))
            self._configuration: dict[str, Any] = {}
            self._jobs: list[Job] = []
            self._started = False
            hardware.open.append(self)

        @staticmethod
        def global_camera_info() -> list[dict[str, Any]]:
            hardware.fail("global_camera_info")
            return list(hardware.cameras)

        @property
        def sensor_modes(self) -> list[dict[str, Any]]:
            # Each mode is set to learn of it.
            assert not self._started
            hardware.fail("sensor_modes")
            return [dict(mode) for mode in hardware.modes]

        def create_video_configuration(
            self,
            main: dict[str, Any],
            raw: dict[str, Any] | None = None,
            buffer_count: int = 6,
            controls: dict[str, Any] | None = None,
        ) -> dict[str, Any]:
            return {"main": dict(main), "raw": raw, "buffer_count": buffer_count, "controls": dict(controls or {})}

        def configure(self, configuration: dict[str, Any]) -> None:
            assert not self._started
            hardware.fail("configure")
            width, height = configuration["main"]["size"]
            if width % 2 or height % 2:
                raise RuntimeError("width and height should be even")
            for name in configuration["controls"]:
                if name not in self.camera_controls:
                    raise RuntimeError(f"Control {name} is not advertised by libcamera")
            stream = {**configuration["main"], **hardware.adjust}
            # The image processor begins each row at a multiple of 64 bytes.
            depth = {"BGR888": 3, "RGB888": 3, "XBGR8888": 4}.get(stream["format"], 1)
            stream["stride"] = -(-stream["size"][0] * depth // 64) * 64 + 64
            hardware.configuration = self._configuration = {**configuration, "main": stream}

        def camera_configuration(self) -> dict[str, Any]:
            return self._configuration

        def start(self) -> None:
            assert self._configuration
            hardware.fail("start")
            self._started = True

        def capture_request(self, wait: bool | float | None = None) -> Job:
            assert self._started
            assert wait is False
            hardware.fail("capture_request")
            self._jobs.append(Job())
            return self._jobs[-1]

        def wait(self, job: Job, timeout: float | None = None) -> Request:
            assert timeout is not None
            if job.cancelled:
                raise RuntimeError("CancelledError")
            if job.result is None:
                self.fill()
            if job.result is None:
                hardware.time.now += timeout
                raise TimeoutError
            return job.result

        def fill(self) -> None:
            """Frames go to the oldest job first, and only into buffers that are the camera's."""
            out = hardware.taken - hardware.released
            while self._jobs and hardware.frames_left and out < self._configuration["buffer_count"]:
                self._jobs.pop(0).result = Request(hardware, self._configuration["main"])
                hardware.taken += 1
                hardware.frames_left -= 1
                out += 1
                hardware.time.now += 1 / 30

        def cancel_all_and_flush(self) -> None:
            hardware.cancelled += 1
            for job in self._jobs:
                job.cancelled = True
            self._jobs.clear()

        def close(self) -> None:
            hardware.closed += 1
            hardware.open.remove(self)
            hardware.fail("close")

    picamera2 = ModuleType("picamera2")
    picamera2.Picamera2 = Picamera2  # type: ignore[attr-defined]
    libcamera = ModuleType("libcamera")
    libcamera.controls = SimpleNamespace(  # type: ignore[attr-defined]
        AwbModeEnum=SimpleNamespace(Auto=0, Tungsten=2, Fluorescent=3, Indoor=4, Daylight=5, Cloudy=6),
        AfModeEnum=SimpleNamespace(Manual=0, Auto=1, Continuous=2),
        AeFlickerModeEnum=SimpleNamespace(Off=0, Manual=1, Auto=2),
    )
    return picamera2, libcamera
