"""Makes Picamera2 take libcamera's virtual camera, and lets a test break camera and model from outside.

A fault is a file in /etc/rehearsal, which every service can see: ``frozen`` (the camera gives no more frames),
``stuck`` (copying a frame never returns), ``unplugged`` (libcamera lists no camera), ``busy`` (an inference never
returns). Taking the file away ends the fault. With ``hurried`` a ``report`` that starts takes ``command/restart`` at
once, and not only after the five minutes that it must have run.
"""

import os
import time


def fault(name):
    return os.path.exists(f"/etc/rehearsal/{name}")


FRAME_S = 0.2
"""A frame lasts that long, as in the dark: the virtual camera gives each at once, and two processors would do no more."""


def _stand_still(name, function):
    def wrapped(*arguments, **named):
        while fault(name):
            time.sleep(0.02)
        return function(*arguments, **named)

    return wrapped


def equip_picamera2(module):
    import libcamera
    from picamera2.allocators import LibcameraAllocator

    camera, manager = module.Picamera2, module.CameraManager
    held, given = [], [0.0]
    begin, listed, handle = camera.__init__, camera.global_camera_info, manager.handle_request

    def __init__(self, *arguments, **named):
        begin(self, *arguments, **named)
        # The virtual camera fills only buffers of its own making.
        self.allocator = LibcameraAllocator(self.camera)

    def _get_raw_modes(self):
        # It has no raw stream: its ordinary modes are given for the sensor's.
        formats = self.camera.generate_configuration([libcamera.StreamRole.Viewfinder]).at(0).formats
        return [
            {"format": str(pixels), "size": (size.width, size.height)}
            for pixels in formats.pixel_formats
            for size in formats.sizes(pixels)
        ]

    def handle_request(self, flushid=None):
        # A camera that hangs completes no request; stopping it still gives back those that wait.
        if fault("frozen") and flushid is None:
            # Kept alive, since a camera still owns what it has not completed.
            held.extend(self.cms.get_ready_requests())
        else:
            if flushid is None:
                time.sleep(max(0.0, given[0] + FRAME_S - time.monotonic()))
                given[0] = time.monotonic()
            handle(self, flushid)

    camera.__init__ = __init__
    camera._get_raw_modes = _get_raw_modes
    camera.global_camera_info = staticmethod(lambda: [] if fault("unplugged") else listed())
    manager.handle_request = handle_request
    request = module.CompletedRequest
    request.make_buffer = _stand_still("stuck", request.make_buffer)


def equip_runtime(module):
    module.Interpreter.invoke = _stand_still("busy", module.Interpreter.invoke)


def hurry(module):
    if fault("hurried"):
        module.APART_S = 0.0


MODULES = {
    "picamera2.picamera2": equip_picamera2,
    "ai_edge_litert.interpreter": equip_runtime,
    "edge.report.commands.restart": hurry,
}
