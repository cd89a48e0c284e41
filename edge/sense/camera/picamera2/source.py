"""The Raspberry Pi's camera, through Picamera2 and libcamera.

A camera is opened once and kept, because Picamera2 leaks memory at every opening. It delivers RGB at the sensor's
aspect, scaled down by the camera's image processor.

``captured_at`` is the sensor's own time of the frame (see ``controls.capture_time``), not that of its arrival.
Needs Picamera2 0.3.21 or later, which can take a request back.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar

from edge.errors import NoSource
from edge.sense.camera.base import Clock, Picture, Pictures, Source
from edge.sense.camera.picamera2.controls import capture_time, choose_size, ignored, raw_size, wanted_controls
from edge.sense.camera.picamera2.loader import filled, list_cameras, load, reasons, take_back, translated
from edge.sense.camera.picamera2.pixel_formats import to_rgb
from edge.sense.camera.picamera2.tuning import check_tuning_file
from edge.sense.camera.registry import SourceRequest

_log = logging.getLogger(__name__)

_BUFFERS = 4
"""One being filled, one in the image processor, one waiting to be taken, one being copied; Picamera2's default is 6."""


def _boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Picamera2Source(Source):
    """Frames from camera ``picamera.number``, at ``camera.size`` or a size that suits the model."""

    kind: ClassVar[str] = "picamera2"

    def __init__(
        self, request: SourceRequest, clock: Clock | None = None, boottime: Callable[[], float] = _boottime
    ) -> None:
        super().__init__(request, clock)
        self._boottime = boottime
        self._name = f"camera {request.settings.picamera.number}"
        self._camera: Any = None
        self._stream: dict[str, Any] = {}

    def _open(self) -> None:
        library = load()
        number = self._settings.picamera.number
        found = list_cameras(library)
        if number >= len(found):
            names = ", ".join(str(camera.get("Model", "?")) for camera in found) or "none"
            raise NoSource(
                f"{self._name}: libcamera lists {len(found)} ({names}); check the ribbon cable, then "
                "'rpicam-hello --list-cameras'"
            )
        with translated(
            f"{self._name} is busy or did not start ({{}}); end the program that uses it "
            "('sudo fuser /dev/media* /dev/video*' names it), or check the cable"
        ):
            self._camera = library.Picamera2(number, **self._tuning())
        with translated(f"{self._name} did not start ({{}}); open it again"):
            self._configure()
            self._camera.start()

    def _tuning(self) -> dict[str, str]:
        """Tell Picamera2 which tuning file to use, if one is set."""
        file = self._settings.picamera.tuning_file
        if file is None:
            return {}
        check_tuning_file(self._settings)
        return {"tuning": str(file)}

    def _sensor_modes(self) -> list[dict[str, Any]]:
        """List the modes of the sensor, for which Picamera2 sets each of them; empty where it cannot."""
        try:
            return list(self._camera.sensor_modes)
        except Exception as error:
            _log.debug("%s does not list its sensor modes: %s", self._name, reasons(error))
            return []

    def _configure(self) -> None:
        from libcamera import controls as enums

        camera, settings = self._camera, self._settings
        sensor = tuple(camera.sensor_resolution)
        wish = settings.camera.size
        if wish:
            width, height = (int(side) for side in wish.split("x"))
            size = (width - width % 2, height - height % 2)
        else:
            size = choose_size(sensor, self._shape, settings.camera.rotate)
        for name in ignored(settings, camera.camera_controls):
            _log.warning("%s has no control for %s, which is ignored", self._name, name)
        configuration = camera.create_video_configuration(
            main={"size": size, "format": "BGR888"},
            raw={"size": raw_size(sensor, size, self._sensor_modes())},
            buffer_count=_BUFFERS,
            controls=wanted_controls(settings, camera.camera_controls, enums),
        )
        camera.configure(configuration)
        # configure() may change size and format.
        self._stream = dict(camera.camera_configuration()["main"])
        got = self._stream["size"], self._stream["format"]
        if got != (size, "BGR888"):
            _log.info("%s: asked for %s BGR888, it gives %s %s", self._name, size, *got)

    def _close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is None:
            return
        try:
            camera.close()
        except Exception as error:
            _log.warning("%s could not be closed properly: %s", self._name, reasons(error))

    def _pictures(self) -> Pictures:
        while (request := self._request()) is not None:
            taken = self._clock.now()
            try:
                with translated(f"{self._name} gave no frame ({{}}); open it again"):
                    pixels = to_rgb(request.make_buffer("main")[: filled(request)], self._stream)
                    captured_at = capture_time(request.get_metadata(), taken, self._boottime())
            finally:
                # The camera has only a few buffers, and stops when they are not released.
                request.release()
            if pixels is None:
                self.damage.damaged()
                self.damage.check(self._name, "check the cable; a webcam: try another cable or USB port")
                continue
            self.damage.whole()
            yield Picture(pixels, captured_at)
            self._limit_rate(taken)

    def _request(self) -> Any:
        """Take the latest completed request, which must be released; None once ``stopping`` is set."""
        camera, job = self._camera, None

        def take(timeout: float) -> Any:
            try:
                return camera.wait(job, timeout=timeout)
            except TimeoutError:
                return None

        try:
            with translated(f"{self._name} gave no frame ({{}}); open it again"):
                job = camera.capture_request(wait=False)
                request = self._wait_for(take, self._name)
                if request is not None:
                    job = None
                return request
        finally:
            if job is not None:
                take_back(camera, job)
