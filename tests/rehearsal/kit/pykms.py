"""Stands in for the module with which Picamera2 draws previews on a screen, which it imports in any case."""


class _Names(type):
    def __getattr__(cls, name: str) -> str:
        return name


class PixelFormat(metaclass=_Names):
    """Any format by its name."""
