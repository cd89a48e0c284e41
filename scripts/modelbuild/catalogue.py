"""The models that posenet-edge ships, and ``models.toml`` with the checksum and measured figures of each."""

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.errors import BadModel
from scripts.modelbuild.graph import Shape
from scripts.modelbuild.npm_source import POSENET

CATALOGUE = "models.toml"
ROUNDING = "rounding.npz"

_HEAD = """\
# Written by scripts/build-models, figures by `scripts/build-models measure --record`; README.md explains them.
# ap, ap_home_like: COCO keypoint AP, 0..1, on photos of COCO val2017, of which most are like a home.
# found: part of the people found (OKS >= 0.5), of those up to 0.3, up to 0.6 and above 0.6 of the photo's height.
# fidelity: px of the model input between the keypoints of this model and those of its float32 original.
# invoke_ms: median of one run on one thread of that kind of processor. Not yet measured on a Raspberry Pi.
"""


@dataclass(frozen=True)
class Model:
    """One shipped model: its ``shape``, and the ``role`` by which settings may name it, if it has one."""

    shape: Shape
    role: str = ""

    @property
    def name(self) -> str:
        """Name in settings and messages."""
        return self.float_name.replace("-f32", "-int8")

    @property
    def float_name(self) -> str:
        """Name of the float32 model of the same shape."""
        height, width, stride = self.shape
        return f"posenet-075-s{stride}-{height}x{width}-f32"


SHIPPED = (
    Model(Shape(193, 257, 16), "fast"),
    Model(Shape(257, 353, 16), "default"),
    Model(Shape(353, 481, 16), "accurate"),
    Model(Shape(257, 353, 8)),
    Model(Shape(257, 353, 32)),
)

CALIBRATED = Shape(257, 353, 16)
"""Shape with which rounding is chosen for all; choosing it for each gave no better figures (models/README.md)."""


@dataclass(frozen=True)
class Entry:
    """Entry of ``models.toml``: ``sha256`` of the file, and the ``measured`` figures by name."""

    sha256: str
    measured: dict[str, Any] = field(default_factory=dict)


Entries = dict[str, Entry]
"""Entries by model name."""


def sha256(content: bytes) -> str:
    """Checksum as in ``models.toml``."""
    return hashlib.sha256(content).hexdigest()


def load(folder: Path) -> Entries:
    """Read ``folder/models.toml``.

    Returns:
        The entries; none if there is no such file.

    Raises:
        BadModel: The file cannot be understood.
    """
    path = folder / CATALOGUE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return {entry["name"]: Entry(entry["sha256"], entry.get("measured", {})) for entry in table["model"]}
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise BadModel(f"{path}: not a table of models ({error!r}); git restores the file") from error


def render(entries: Entries) -> str:
    """Text of ``models.toml`` for the shipped models that have an entry."""
    parts = [_HEAD]
    known = [model for model in SHIPPED if model.name in entries]
    roles = "".join(f"{model.role} = {_toml(model.name)}\n" for model in known if model.role)
    parts.append(f"[role]\n{roles}")
    parts.extend(_section(model, entries[model.name]) for model in known)
    return "\n".join(parts)


def _section(model: Model, entry: Entry) -> str:
    height, width, stride = model.shape
    fields = {
        "name": model.name,
        "file": f"{model.name}.tflite",
        "height": height,
        "width": width,
        "output_stride": stride,
        "quantization": "int8",
        "sha256": entry.sha256,
        "source": f"npm {POSENET.name} {POSENET.version}",
        "licence": "Apache-2.0",
    }
    text = "[[model]]\n" + _lines(fields)
    if entry.measured:
        text += "[model.measured]\n" + _lines(entry.measured)
    return text


def _lines(fields: dict[str, Any]) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in fields.items())


def _toml(value: Any) -> str:
    """Number or text in TOML; none of the texts needs escapes."""
    return f'"{value}"' if isinstance(value, str) else str(value)
