"""Cameras, clips and photos, all behind one interface: ``base.Source``."""

from edge.sense.camera.registry import auto_source, open_camera

__all__ = ["auto_source", "open_camera"]
