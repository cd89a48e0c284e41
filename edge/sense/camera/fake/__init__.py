"""A scripted camera: frames that can be foretold, and failures on order."""

from edge.sense.camera.registry import SourceKind

KINDS = (SourceKind("fake", "a scripted camera", ("fake:frames=20,end",), f"{__name__}.source:FakeSource", "optional"),)
