"""The app for Home Assistant: its folder is whole, and its start leads to a view that only the ingress can ask."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge import __version__
from edge.tools.mosquitto import Mosquitto
from tests.support.commands import PROJECT
from tests.tools.view.client import ask

APP = PROJECT / "examples/homeassistant-app/posenet_edge_view"
CONFIG: dict[str, Any] = yaml.safe_load((APP / "config.yaml").read_text())
SECRET = "the-token-of-the-supervisor"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app") / "addons"
    subprocess.run([PROJECT / "scripts/homeassistant-app", folder], check=True, capture_output=True)
    return folder


def test_its_version_is_the_projects() -> None:
    assert CONFIG["version"] == __version__


def test_each_option_is_explained_in_each_language_and_documented() -> None:
    assert set(CONFIG["options"]) == {name for name, kind in CONFIG["schema"].items() if not kind.endswith("?")}
    languages = list((APP / "translations").iterdir())
    assert {file.stem for file in languages} >= {"en", "de", "fr"}
    for file in languages:
        told = yaml.safe_load(file.read_text())["configuration"]
        assert list(told) == list(CONFIG["schema"]), file.name
        assert all(text["name"] and text["description"] for text in told.values()), file.name
    documented = (APP / "DOCS.md").read_text()
    assert all(f"`{name}`" in documented for name in CONFIG["schema"])


def test_it_asks_for_no_rights_and_opens_no_port() -> None:
    more = "ports host_network host_pid privileged full_access devices map docker_api hassio_role homeassistant_api"
    assert not set(more.split()) & set(CONFIG)


def test_the_made_folder_holds_what_its_image_is_built_from(made: Path) -> None:
    assert (made / "repository.yaml").is_file()
    app = made / CONFIG["slug"]
    assert {file.name for file in APP.iterdir() if file.name != "__pycache__"} < {file.name for file in app.iterdir()}
    for names in re.findall(r"^COPY (.+) \S+$", (app / "Dockerfile").read_text(), re.MULTILINE):
        for name in names.split():
            assert len(list(app.glob(name))) == 1, name
    assert next(app.glob("*.whl")).name.startswith(f"posenet_edge-{__version__}-")
    locked = (app / "requirements.txt").read_text()
    assert {"paho-mqtt", "aiohttp"} <= set(re.findall(r"^([a-z0-9-]+)==", locked, re.MULTILINE))
    # With --require-hashes, pip takes nothing without one.
    for entry in re.split(r"\n(?=[a-z])", locked):
        assert entry.startswith("#") or "--hash=sha256:" in entry, entry


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    script = PROJECT / "scripts/homeassistant-app"
    result = subprocess.run([script, tmp_path], capture_output=True, text=True, check=False)
    assert result.returncode == os.EX_CANTCREAT
    assert "expected a new or empty folder" in result.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]
    for wrong in ([], [""], ["--frobnicate"], ["a", "b"]):
        assert subprocess.run([script, *wrong], capture_output=True, check=False).returncode == os.EX_USAGE


@contextmanager
def supervisor(told: dict[str, Any] | None) -> Iterator[str]:
    """A Supervisor that knows this MQTT service, or none; its address."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = told is not None and self.headers["Authorization"] == f"Bearer {SECRET}"
            known = known and self.path == "/services/mqtt"
            body = {"result": "ok", "data": told} if known else {"result": "error", "message": "Service not enabled"}
            self.send_response(200 if known else 400)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def started(folder: Path, options: dict[str, Any] | str, address: str) -> Iterator[subprocess.Popen[str]]:
    """The app's process, as in its container, but for addresses and folders."""
    file = folder / "options.json"
    file.write_text(options if isinstance(options, str) else json.dumps(options))
    environment = {
        **os.environ,
        "OPTIONS_FILE": str(file),
        "SUPERVISOR_ADDRESS": address,
        "SUPERVISOR_TOKEN": SECRET,
        "INGRESS_ADDRESS": "127.0.0.1",
        "LISTEN": "127.0.0.1:0",
        "CONFIGURATION_FOLDER": str(folder / "run"),
        # Nobody cannot read a checkout or a Python in root's home.
        "USER_ID": str(os.geteuid()),
    }
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-P", APP / "run.py"], env=environment, **pipes) as process:
        end = threading.Timer(60, process.kill)
        end.start()
        try:
            yield process
        finally:
            end.cancel()
            process.terminate()


@pytest.fixture
def locked_broker(broker_folder: Path) -> Iterator[Mosquitto]:
    """One that asks for a password."""
    passwords = broker_folder / "passwords"
    passwords.write_text("view:it is 'secret'\n")
    passwords.chmod(0o644)
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True)
    passwords.chmod(0o644)
    with Mosquitto(f"password_file {passwords}") as broker:
        yield broker


@pytest.mark.parametrize("known_by", ["options", "supervisor"])
def test_it_becomes_a_view_of_that_broker_without_the_supervisors_token(
    locked_broker: Mosquitto, broker_folder: Path, known_by: str
) -> None:
    login = {"username": "view", "password": "it is 'secret'"}
    options: dict[str, Any] = dict(CONFIG["options"])
    told = None
    if known_by == "options":
        options |= {"broker": f"127.0.0.1:{locked_broker.port}", **login}
    else:
        told = {"host": "127.0.0.1", "port": locked_broker.port, "ssl": False, "protocol": "3.1.1", **login}
    with supervisor(told) as address, started(broker_folder, options, address) as process:
        assert process.stdout
        assert process.stderr
        port = int(process.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        assert any("connected to broker" in line for line in process.stderr)
        answer = ask(port, "/setup", Host="home.example:8123", X_Ingress_Path="/api/hassio_ingress/x")
        assert json.loads(answer.body)["commands"] is False
        assert SECRET not in Path(f"/proc/{process.pid}/environ").read_text()
        assert (broker_folder / "run/password").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_gives_up_root_and_still_reads_its_password(broker_folder: Path) -> None:
    (broker_folder / "run").mkdir(mode=0o700)
    (broker_folder / "run/password").touch(mode=0o600)
    code = f"""
import importlib.util, os
spec = importlib.util.spec_from_file_location("run", {str(APP / "run.py")!r})
run = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run)
run.become(run.USER)
assert os.getresuid() == os.getresgid() == (65534,) * 3, (os.getresuid(), os.getresgid())
assert os.getgroups() == []
open(run.FOLDER / "password").close()
try:
    os.setuid(0)
except PermissionError:
    print("for ever")
"""
    environment = {**os.environ, "CONFIGURATION_FOLDER": str(broker_folder / "run")}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert result.stdout == "for ever\n", result.stderr


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("{", "options.json"),
        ({"topic": "posenet"}, "install the app Mosquitto"),
        ({"broker": "broker.lan:"}, "expected HOST or HOST:PORT"),
        ({"broker": "a, b"}, "expected HOST or HOST:PORT"),
        ({"broker": "broker.lan", "topic": "posenet/#"}, "topic"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_one_line(broker_folder: Path, options: dict[str, Any] | str, why: str) -> None:
    with supervisor(None) as address, started(broker_folder, options, address) as process:
        said = process.communicate(timeout=60)[1]
        assert process.returncode
    assert why in said
    assert len(said.splitlines()) == 1
