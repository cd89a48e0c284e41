"""A scripted camera: frames that can be foretold, and failures on order."""

from typing import TYPE_CHECKING

from edge.sense.camera.registry import SourceKind, SourceRequest, register

if TYPE_CHECKING:
    from edge.sense.camera.base import Camera


def _make(request: SourceRequest) -> "Camera":
    from edge.sense.camera.fake.source import FakeSource

    return FakeSource(request.settings, request.stopping, request.argument)


register(SourceKind("fake", "a scripted camera, for tests", ("fake:frames=20,end",), _make, "optional"))
