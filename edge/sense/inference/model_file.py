"""Find model files by name or path, and check them against the table of known models."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from edge.errors import BadModel
from edge.runtime.installation import install_command

AUTO = "auto"
"""The name that stands for the largest model that is fast enough."""


class ModelFile(NamedTuple):
    """A .tflite file as it was read; ``content`` is what was checked, also if the file changes later."""

    path: Path
    content: bytes
    pixels: int = 0
    """Height times width of its input, as the table has it; 0 for a file that is not in the table."""


def find_models(name: str, folder: Path) -> list[ModelFile]:
    """Read the model files among which a name leaves the choice.

    Args:
        name: As for ``find_model``, or ``AUTO``: the file of each role in the table that is there.
        folder: Holds the table and its files.

    Returns:
        One at least, the smallest input first.

    Raises:
        BadModel: There is none, or one of them cannot be used.
    """
    if name != AUTO:
        return [find_model(name, folder)]
    table = _read_table(folder)
    roles = table.get("role", {}).values()
    there = [entry["name"] for entry in table.get("model", []) if (folder / entry["file"]).exists()]
    files = [find_model(each, folder) for each in there if each in roles]
    if not files:
        wanted = ", ".join(roles) or "the models"
        raise BadModel(f"model {AUTO}: none of {wanted} is in {folder}; install again: {install_command()}")
    return sorted(files, key=lambda file: file.pixels)


def find_model(name: str, folder: Path) -> ModelFile:
    """Read a model file.

    A file that the table ``models.toml`` lists must have the table's sha256, in whichever folder it is.

    Args:
        name: A role or a name in the table, or the path of a .tflite file.
        folder: Holds the table and its files.

    Returns:
        Its path and content.

    Raises:
        BadModel: There is no such file, it cannot be read, or it is not the one that the table lists.
    """
    table = _read_table(folder)
    known = {entry["name"]: entry for entry in table.get("model", [])}
    entry = known.get(table.get("role", {}).get(name, name))
    path = folder / entry["file"] if entry else Path(name).expanduser()
    if not path.exists():
        names = ", ".join([AUTO, *table.get("role", {}), *known])
        raise BadModel(f"model {name}: no such file; expected a .tflite file or one of {names}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadModel(f"model {path}: cannot be read ({error.strerror})") from error
    entry = entry or next((known for known in known.values() if known["file"] == path.name), None)
    if entry:
        found = hashlib.sha256(content).hexdigest()
        if found != entry["sha256"]:
            raise BadModel(
                f"model {path}: {len(content)} bytes with sha256 {found[:12]}..., expected {entry['sha256'][:12]}... "
                "as models.toml says; the file is damaged or was changed: run scripts/build-models, or rename your own"
            )
    return ModelFile(path, content, entry.get("height", 0) * entry.get("width", 0) if entry else 0)


def _read_table(folder: Path) -> dict[str, Any]:
    path = folder / "models.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadModel(f"{path}: cannot be read: {error}") from error
