"""``scripts/sbom``: an SBOM (CycloneDX 1.6) of the locked packages, the models and the packages of the system.

The same checkout gives the same bytes: nothing is asked of this machine or of an index.
"""

import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

from edge import __version__
from tests.support.locked import PROJECT, Pin, asked, pins

_PRODUCT, _OPTIONAL = ("base", "video"), ("view", "evaluate")
"""Parts of the lock that ``scripts/install`` puts on a device, and that a user may add; others never leave a desk."""
_SYSTEM = ("mosquitto", "python3", "python3-picamera2", "systemd")
"""Debian's packages in use, in whatever version the system has."""


def reasons() -> dict[str, str]:
    """Read why each package is there, one line each, from docs/dependencies.md."""
    page = (PROJECT / "docs/dependencies.md").read_text()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| ")
    ]
    return {name: row[-1] for row in rows for name in re.findall(r"[a-z0-9][\w.-]*", row[0].replace("(PyAV)", ""))}


def _scope(part: str) -> str:
    return "required" if part in _PRODUCT else "optional" if part in _OPTIONAL else "excluded"


def _package(pin: Pin, part: str, why: str) -> dict[str, Any]:
    name = pin.requirement.name
    purl = f"pkg:pypi/{name}@{pin.version}"
    marker = [{"name": "posenet-edge:marker", "value": str(pin.requirement.marker)}] if pin.requirement.marker else []
    hashes = [{"alg": "SHA-256", "content": each.removeprefix("sha256:")} for each in pin.hashes]
    return {
        "type": "library", "bom-ref": purl, "name": name, "version": pin.version, "purl": purl,
        "scope": _scope(part), "description": why,
        "properties": [{"name": "posenet-edge:part", "value": part}, *marker],
        "externalReferences": [{"type": "distribution", "url": purl, "hashes": hashes}],
    }  # fmt: skip


def sbom() -> dict[str, Any]:
    """Make the document."""
    why, found = reasons(), {}
    for part in sorted(asked(), key=lambda part: (("required", "optional", "excluded").index(_scope(part)), part)):
        for pin in pins(part):
            component = _package(pin, part, why.get(pin.requirement.name, ""))
            found.setdefault(component["bom-ref"], component)
    for model in tomllib.loads((PROJECT / "models/models.toml").read_text())["model"]:
        reference = f"model/{model['name']}"
        found[reference] = {
            "type": "machine-learning-model", "bom-ref": reference, "name": model["name"], "scope": "required",
            "description": f"from {model['source']}", "licenses": [{"license": {"id": model["licence"]}}],
            "hashes": [{"alg": "SHA-256", "content": model["sha256"]}],
        }  # fmt: skip
    for name in _SYSTEM:
        purl = f"pkg:deb/debian/{name}"
        found[purl] = {"type": "application", "bom-ref": purl, "name": name, "purl": purl, "scope": "optional"}
    components = list(found.values())
    root = {
        "type": "application", "bom-ref": "posenet-edge", "name": "posenet-edge", "version": __version__,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }  # fmt: skip
    content = json.dumps([root, components], sort_keys=True)
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, content)}",
        "metadata": {"component": root}, "components": components,
        "dependencies": [{"ref": "posenet-edge", "dependsOn": [each["bom-ref"] for each in components]}],
    }  # fmt: skip


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(sbom(), indent=1) + "\n")
