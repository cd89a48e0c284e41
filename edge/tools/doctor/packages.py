"""Checks of the services' Python and its libraries, each loaded in a process of its own."""

import json
from typing import Any

from edge.runtime.installation import install_command
from edge.sense.camera.registry import kinds
from edge.tools.checks.finding import Finding, bad, good, unknown, warning
from edge.tools.checks.machine import Machine, Result, Runner, last_line

_OLDEST = (3, 11)
_PROBE = """
import importlib, json, sys
from importlib.metadata import PackageNotFoundError, version
found = {"python": sys.version_info[:3], "prefix": sys.prefix}
def of(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
for name in ("numpy", "ai-edge-litert", "tflite-runtime"):
    found[name] = of(name)
print(json.dumps(found), flush=True)
import numpy
module = "ai_edge_litert" if found["ai-edge-litert"] else "tflite_runtime"
importlib.import_module(module + ".interpreter")
print("loaded", flush=True)
"""
_AGAIN = f"install again: {install_command()}"


def check_python(answer: Result) -> Finding:
    """Check the version of Python. answer: of ``probe``."""
    found = _found(answer)
    if found is None:
        return bad("Python", f"it does not start: {last_line(answer.err)}", _AGAIN)
    version = ".".join(str(part) for part in found["python"])
    if tuple(found["python"]) < _OLDEST:
        return bad("Python", f"{version}; expected 3.11 or newer", "Debian 12, Raspberry Pi OS Bookworm or newer")
    return good("Python", f"{version} in {found['prefix']}")


def check_runtime(answer: Result) -> Finding:
    """Check that the TensorFlow Lite runtime and numpy are installed, load, and fit each other."""
    found = _found(answer)
    if found is None:
        return unknown("runtime", "Python did not start")
    numpy, litert, tflite = found["numpy"], found["ai-edge-litert"], found["tflite-runtime"]
    if not (litert or tflite):
        return bad("runtime", "neither ai-edge-litert nor tflite-runtime is installed", _AGAIN)
    name = f"ai-edge-litert {litert}" if litert else f"tflite-runtime {tflite}"
    if numpy is None:
        return bad("runtime", f"{name} without numpy", _AGAIN)
    if not litert and not numpy.startswith("1."):
        return bad("runtime", f"{name} with numpy {numpy}; it needs numpy 1", "pip install 'numpy<2' in that Python")
    if answer.code != 0 or "loaded" not in answer.out:
        return bad("runtime", f"{name} with numpy {numpy} does not load: {last_line(answer.err)}", _AGAIN)
    return good("runtime", f"{name} with numpy {numpy}")


def probe(run: Runner, python: str) -> Result:
    """Ask ``python`` for its version, and let it load numpy and the runtime."""
    return run([python, "-P", "-c", _PROBE])


def _found(answer: Result) -> dict[str, Any] | None:
    try:
        found = json.loads(answer.out.splitlines()[0])
    except (IndexError, ValueError):
        return None
    return found if isinstance(found, dict) and "python" in found else None


def check_camera_library(machine: Machine, python: str, source: str) -> Finding:
    """Check that the library for ``camera.source`` loads. No camera is opened or looked for."""
    name = "camera library"
    kind = source.partition(":")[0]
    board = machine.read("proc/device-tree/model") or ""
    if kind == "auto":
        return _check_auto(machine, python, board.startswith("Raspberry Pi"))
    library = kinds()[kind].library if kind in kinds() else None
    if not library:
        return good(name, f"none is needed for {kind}")
    answer = _load(machine.run, python, library.module)
    if answer.code == 0:
        return good(name, f"{library.module} loads")
    return bad(name, f"{library.module} does not load: {last_line(answer.err)}", library.install)


def _check_auto(machine: Machine, python: str, pi: bool) -> Finding:
    """Check the libraries of ``auto``, the Pi's camera or a webcam: one is enough, on a Pi it should be both."""
    name = "camera library"
    hints = {kind.library.module: kind.library.install for kind in kinds().values() if kind.finders and kind.library}
    failed = {library: a for library in hints if (a := _load(machine.run, python, library)).code != 0}
    if not failed:
        return good(name, f"{' and '.join(hints)} load")
    said = "; ".join(f"{library} does not load: {last_line(answer.err)}" for library, answer in failed.items())
    if len(failed) == len(hints):
        return bad(name, said, "; or ".join(hints[library] for library in failed))
    if "picamera2" in failed and not pi and "No module named 'picamera2'" in failed["picamera2"].err:
        return good(name, "av loads; picamera2 is for a Raspberry Pi's camera and not installed")
    return warning(name, said, "; ".join(hints[library] for library in failed))


def _load(run: Runner, python: str, library: str) -> Result:
    return run([python, "-P", "-c", f"import {library}"])
