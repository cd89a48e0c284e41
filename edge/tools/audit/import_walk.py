"""Walk the imports of one service's code: its own modules, and transitively all of ``edge`` that these pull in.

The wall between the services, in one sentence: ``sense`` imports neither ``report``, ``tools`` nor ``mqtt``;
``report`` imports neither ``sense`` nor ``tools``; and neither imports, however indirectly, a library that belongs to
the other side: network clients for ``sense``, cameras, models and pictures for ``report``.
"""

import ast
import re
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

FORBIDDEN = {
    "sense": ("edge.report", "edge.tools", "edge.mqtt"),
    "report": ("edge.sense", "edge.tools"),
}
"""Packages of ``edge`` that a service never imports, by service."""
NETWORK_LIBRARIES = frozenset({
    "paho", "http", "urllib", "requests", "ssl", "smtplib", "ftplib", "asyncio", "socketserver", "xmlrpc", "websockets",
    "aiohttp",
})  # fmt: skip
PICTURE_LIBRARIES = frozenset(
    {"cv2", "PIL", "av", "picamera2", "libcamera", "numpy", "ai_edge_litert", "tflite_runtime"}
)
FOREIGN_LIBRARIES = {"sense": NETWORK_LIBRARIES, "report": PICTURE_LIBRARIES}
SOCKET_FILES = frozenset(
    {"edge/sense/line_sender.py", "edge/sense/sandbox/probe_sockets.py", "edge/runtime/sd_notify.py"}
)
"""The files that ``sense`` may run with ``socket``: to reach ``report`` and systemd, and to test the sandbox."""
_MODULE = re.compile(r"[a-z_0-9]+(\.[a-z_0-9]+)+")


def walk(site: Path, service: str) -> dict[Path, set[str]]:
    """Find every file of ``edge`` that a service may load, with the modules that each imports.

    Args:
        site: the folder that holds the package ``edge``.
        service: ``sense`` or ``report``. All files of its folder count, imported or not.

    Returns:
        Imported module names by file. Files of forbidden packages are named by their importers and not entered.
    """
    found: dict[Path, set[str]] = {}
    waiting = sorted((site / "edge" / service).rglob("*.py"))
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found[file] = set(_imports(file, site))
        for module in found[file]:
            if _is_ours(module) and not _is_forbidden(module, service):
                waiting += _files(site, module)
    return found


def breaches(site: Path, service: str) -> list[str]:
    """Name each import by which a service would reach across the wall, as ``file imports module``."""
    found = []
    for file, modules in sorted(walk(site, service).items()):
        name = str(file.relative_to(site))
        for module in sorted(modules):
            library = module.split(".")[0]
            socket = library in ("socket", "_socket") and service == "sense" and name not in SOCKET_FILES
            if _is_forbidden(module, service) or library in FOREIGN_LIBRARIES[service] or socket:
                found.append(f"{name} imports {module}")
    return found


def _is_ours(module: str) -> bool:
    return module.split(".")[0] == "edge"


def _is_forbidden(module: str, service: str) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in FORBIDDEN[service])


def _files(site: Path, module: str) -> Iterator[Path]:
    """Give the files of a module and of the packages around it; a name that is no module has only the latter."""
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        path = site.joinpath(*parts[:count])
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                yield file


def _imports(file: Path, site: Path) -> Iterator[str]:
    """Give each module that a file imports, anywhere in it; a text spelled like a module of ``edge`` counts too."""
    package = ".".join(file.relative_to(site).parent.parts)
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield base
            if _is_ours(base):
                yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (str(word.value) for word in node.args if isinstance(word, ast.Constant))
        elif isinstance(node, ast.Constant) and _MODULE.fullmatch(str(node.value)):
            yield str(node.value)
