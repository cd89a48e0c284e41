"""The link from Home Assistant to the page: set where nobody has set one, told, and taken out again with the page."""

import re
import socket
import subprocess
import tomllib
from pathlib import Path

import pytest

from edge import __version__
from edge.tools.install.installer import main
from edge.tools.install.page_link import add_link, page_address, read_link
from tests.tools.install.stand_in import Machine, checkout

PROJECT = Path(__file__).parents[3]
ADDRESS = "http://hall.local:8470/"
EXAMPLE = (PROJECT / "examples/posenet-edge.toml").read_text()


def uninstalled(folder: Path, text: str) -> str:
    """The configuration after the line of scripts/uninstall that is about the link."""
    config = folder / "config.toml"
    config.write_text(text)
    (line,) = re.findall("^.*configuration_url.*$", (PROJECT / "scripts/uninstall").read_text(), re.MULTILINE)
    subprocess.run(["bash", "-c", f"config={config}\n{line}"], check=True)
    return config.read_text()


@pytest.mark.parametrize(
    "text",
    ["", "# mine\n[mqtt]\nhost = 'h'", "[homeassistant]\nconfiguration_url = \"\" # none\narea = 'Hall'\n", EXAMPLE],
)
def test_it_is_set_and_taken_out_again(tmp_path: Path, text: str) -> None:
    linked = add_link(text, ADDRESS)
    before, after = tomllib.loads(text), tomllib.loads(linked)
    assert after == before | {"homeassistant": before.get("homeassistant", {}) | {"configuration_url": ADDRESS}}
    assert add_link(linked, "http://other:8470/") == linked, "once it is there, it stays"
    left = uninstalled(tmp_path, linked)
    assert read_link(left) == ""
    if "configuration_url" in text:
        assert left == text, "and every comment with it"


def test_one_that_somebody_else_set_stays(tmp_path: Path) -> None:
    for line in ('configuration_url = "https://ha.lan/view"', 'configuration_url = "http://hall.local:8470/"  # mine'):
        text = f"[homeassistant]\n{line}\n"
        assert add_link(text, ADDRESS) == text
        assert uninstalled(tmp_path, text) == text


@pytest.mark.parametrize("text", ["homeassistant = {area = 'Hall'}", "[homeassistant", "homeassistant = 1"])
def test_where_none_can_be_set_the_rest_goes_on(text: str) -> None:
    assert add_link(text, ADDRESS) == text


@pytest.mark.parametrize("address", ["http://localhost:8470/", "http://a b:8470/"])
def test_an_address_that_leads_nobody_there_is_not_set(address: str) -> None:
    assert add_link("", address) == ""


@pytest.mark.parametrize(
    ("name", "avahi", "host"),
    [("hall", True, "hall.local"), ("hall", False, "hall"), ("hall.example.org", True, "hall.example.org")],
)
def test_the_address_is_one_that_others_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, avahi: bool, host: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    if avahi:
        (tmp_path / "run/avahi-daemon").mkdir(parents=True)
    assert page_address(tmp_path) == f"http://{host}:8470/"


def test_the_installer_sets_it_with_the_page_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "hall")
    root, project = tmp_path / "root", checkout(tmp_path / "project", __version__)
    machine, config = Machine(root), root / "etc/posenet-edge/config.toml"
    token = root / "var/lib/posenet-edge/view/token"
    token.parent.mkdir(parents=True)
    token.write_text("a-token\n")
    main([], project, machine.run, root)
    assert read_link(config.read_text()) == ""
    for says in (True, False):
        capsys.readouterr()
        main(["--view"], project, machine.run, root)
        assert read_link(config.read_text()) == "http://hall:8470/"
        assert ("configuration_url = http://hall:8470/\n" in capsys.readouterr().err) is says
    # Later versions leave it.
    main(["--upgrade"], project, machine.run, root)
    assert read_link(config.read_text()) == "http://hall:8470/"
