"""The wall, in code: neither room imports the other or what belongs to the other's world.

What libraries import is not looked at here: picamera2 itself imports socket. For those the kernel answers.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
SHARED = {
    "edge",
    "edge.pose",
    "edge.wire",
    "edge.config.settings",
    "edge.errors",
    "edge.config.loader",
    "edge.runtime.process",
    "edge.runtime.backoff",
    "edge.runtime.sd_notify",
    "edge.runtime.reload",
    "edge.runtime.service",
    "edge.image_quality",
    "edge.geometry.polygon",
    "edge.geometry.ground_plane",
    "edge.config.shapes",
    "edge.config.analytics_settings",
    "edge.wire.strict_json",
    "edge.config.rules",
}
SENSE_MAY = SHARED | {"edge.data_files"}
REPORT_MAY = SHARED
NETWORK = {
    "paho", "http", "urllib", "requests", "ssl", "smtplib", "ftplib", "asyncio", "socketserver", "xmlrpc", "websockets",
}  # fmt: skip
SOCKET = {"socket", "_socket"}
PICTURES = {"cv2", "PIL", "av", "picamera2", "libcamera", "numpy", "ai_edge_litert", "tflite_runtime"}


def imports(file: Path, package: str) -> Iterator[str]:
    """Every module that a file imports, wherever in the file; a text that looks like a module counts as one."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(
                    [*package.split(".")[: len(package.split(".")) - node.level + 1], *filter(None, [base])]
                )
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if base.split(".")[0] == "edge")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant))
        elif isinstance(node, ast.Constant) and re.fullmatch(r"[a-z_0-9]+(\.[a-z_0-9]+)+", str(node.value)):
            yield str(node.value)


def breaches(room: str, may: set[str], never: set[str], project: Path = PROJECT) -> list[str]:
    """``file: module`` for each import of the room that is not its own, not shared, or never allowed."""
    found = []
    for file in sorted((project / "edge" / room).rglob("*.py")):
        package = ".".join(file.relative_to(project).parent.parts)
        for module in imports(file, package):
            top = module.split(".")[0]
            ours = top == "edge"
            own = f"{module}.".startswith(f"edge.{room}.")
            allowed = any(module == name or (name != "edge" and module.startswith(f"{name}.")) for name in may)
            dunder = module == "edge.__version__"
            if (ours and not (own or allowed or dunder)) or top in never:
                found.append(f"{file.relative_to(project)}: {module}")
    return found


def test_sense_knows_no_network() -> None:
    assert breaches("sense", SENSE_MAY, NETWORK) == []


def test_only_the_outlet_has_a_socket_and_only_a_unix_one() -> None:
    """And the test of the cell, which tries whether it could get another."""
    having = [b.split(":")[0] for b in breaches("sense", SENSE_MAY, SOCKET)]
    assert set(having) == {"edge/sense/line_sender.py", "edge/sense/sandbox/probe_sockets.py"}
    tried = (PROJECT / "edge/sense/sandbox/probe_sockets.py").read_text()
    assert not re.search(r"\.(send|sendto|sendmsg|sendall|recv|bind|listen|accept|makefile)\(", tried)
    text = (PROJECT / "edge/sense/line_sender.py").read_text()
    assert "AF_INET" not in text
    assert text.count("socket.socket(") == text.count("socket.socket(socket.AF_UNIX")


def test_report_knows_no_camera_no_model_and_no_picture() -> None:
    assert breaches("report", REPORT_MAY, PICTURES) == []


def test_the_vocabulary_knows_neither_room() -> None:
    for name in sorted(SHARED | {"edge.data_files"}):
        path = PROJECT / Path(*name.split("."))
        whole = path.glob("__init__.py" if name == "edge" else "**/*.py")
        for file in whole if path.is_dir() else [path.with_suffix(".py")]:
            for module in imports(file, name):
                assert not module.startswith(("edge.sense", "edge.report", "edge.tools")), file
                assert module.split(".")[0] not in NETWORK | PICTURES, file


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("sense", "import paho.mqtt.client"),
        ("sense", "from edge.report import broker"),
        ("sense", "from edge import report"),
        ("sense", "from ..report.gate import Gate"),
        ("sense", "def f():\n    import http.client"),
        ("sense", "import importlib\nimportlib.import_module('urllib.request')"),
        ("sense", "from edge.tools import bench"),
        ("report", "import numpy"),
        ("report", "from edge.sense.inference.model import Model"),
        ("report", "from edge.data_files import MODELS"),
        ("report", "from picamera2 import Picamera2"),
    ],
)
def test_a_planted_breach_is_found(tmp_path: Path, room: str, line: str) -> None:
    folder = tmp_path / "edge" / room
    folder.mkdir(parents=True)
    (folder / "breach.py").write_text(line + "\n")
    may, never = {"sense": (SENSE_MAY, NETWORK), "report": (REPORT_MAY, PICTURES)}[room]
    assert breaches(room, may, never, tmp_path)
