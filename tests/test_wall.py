"""The wall, in code: neither service imports the other, or a library that belongs to the other's side.

What libraries import is not looked at here: picamera2 itself imports socket. For those the kernel answers.
"""

import re
import shutil
from pathlib import Path

import pytest

from edge.tools.audit.import_walk import SOCKET_FILES, breaches, walk

PROJECT = Path(__file__).parent.parent


@pytest.mark.parametrize("service", ["sense", "report"])
def test_no_service_reaches_across_the_wall(service: str) -> None:
    assert breaches(PROJECT, service) == []


@pytest.mark.parametrize("service", ["sense", "report"])
def test_the_walk_reaches_what_both_share(service: str) -> None:
    walked = {str(file.relative_to(PROJECT)) for file in walk(PROJECT, service)}
    assert {"edge/__init__.py", "edge/pose.py", "edge/wire.py", "edge/config/loader.py"} <= walked
    assert {str(file.relative_to(PROJECT)) for file in (PROJECT / "edge" / service).rglob("*.py")} <= walked


def test_no_service_is_imported_by_what_both_share() -> None:
    sense = walk(PROJECT, "sense")
    shared = {file for file in sense if not file.is_relative_to(PROJECT / "edge/sense")}
    for file in shared & walk(PROJECT, "report").keys():
        for module in sense[file]:
            assert not module.startswith(("edge.sense", "edge.report", "edge.tools", "edge.mqtt")), file


def test_the_sockets_of_sense_are_unix_sockets_and_its_probes_say_nothing() -> None:
    for name in SOCKET_FILES - {"edge/sense/sandbox/probe_sockets.py"}:
        text = (PROJECT / name).read_text()
        assert "AF_INET" not in text
        assert text.count("socket.socket(") == text.count("socket.socket(socket.AF_UNIX") > 0
    probes = (PROJECT / "edge/sense/sandbox/probe_sockets.py").read_text()
    assert not re.search(r"\.(send|sendto|sendmsg|sendall|recv|bind|listen|accept|makefile)\(", probes)


@pytest.mark.parametrize(
    ("service", "file", "line"),
    [
        ("sense", "sense/breach.py", "import paho.mqtt.client"),
        ("sense", "sense/breach.py", "import socket"),
        ("sense", "sense/breach.py", "from edge.mqtt import publisher"),
        ("sense", "sense/breach.py", "from edge.report import loop"),
        ("sense", "sense/breach.py", "from edge import report"),
        ("sense", "sense/breach.py", "from ..report.ingress.gate import Gate"),
        ("sense", "sense/breach.py", "def f():\n    import http.client"),
        ("sense", "sense/breach.py", "import importlib\nimportlib.import_module('urllib.request')"),
        ("sense", "sense/breach.py", "name = 'edge.mqtt.publisher'"),
        ("sense", "sense/breach.py", "from edge.tools import bench"),
        ("sense", "sense/breach.py", "from edge.tools.explain import pictures"),
        ("report", "pose.py", "import edge.tools.explain.explain"),
        ("report", "report/breach.py", "import numpy"),
        ("report", "report/breach.py", "from edge.sense.inference.model import Model"),
        ("report", "report/breach.py", "from edge.tools import describe"),
        ("report", "report/breach.py", "from picamera2 import Picamera2"),
        ("report", "mqtt/publisher.py", "import cv2"),
        ("sense", "pose.py", "import ssl"),
        ("sense", "config/loader.py", "from edge.report import gate"),
        ("report", "geometry/polygon.py", "from edge.sense import loop"),
        ("sense", "new.py", "import http.server"),
    ],
)
def test_a_planted_breach_is_found(tmp_path: Path, service: str, file: str, line: str) -> None:
    """In a file of the service's own, or in one that it imports from elsewhere, directly or not."""
    shutil.copytree(PROJECT / "edge", tmp_path / "edge", ignore=shutil.ignore_patterns("__pycache__", "tools"))
    breach = tmp_path / "edge" / file
    breach.write_text((breach.read_text() if breach.exists() else "") + line + "\n")
    if file == "new.py":
        pose = tmp_path / "edge" / "pose.py"
        pose.write_text(pose.read_text() + "\nfrom edge import new\n")
    assert any(found.startswith(f"edge/{file} imports ") for found in breaches(tmp_path, service))


def test_no_test_imports_another() -> None:
    """What tests share is in tests/support, or beside them under a name of its own."""
    imports = re.compile(r"^\s*(?:from|import) (tests\.\S*\btest_\w+|tests\.\S+ import .*\btest_\w+)", re.M)
    files = [path for path in Path(__file__).parent.rglob("*.py") if "kit" not in path.parts]
    assert len(files) > 100
    assert {str(path): found for path in files if (found := imports.findall(path.read_text()))} == {}
