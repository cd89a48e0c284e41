"""Folders of the data files that come with the package, in a checkout or an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(installed: str, checkout: str) -> Path:
    inside = _PACKAGE / installed
    return inside if inside.is_dir() else _PACKAGE.parent / checkout


MODELS = _folder("models", "models")
"""The .tflite files and models.toml."""

PHOTOS = _folder("photos", "examples/photos")
"""Two freely licensed sample photos."""

UNITS = _folder("units", "systemd")
"""The units of systemd, as they were shipped."""
