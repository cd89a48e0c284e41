"""The image of the tools: what its build copies is there, and what it takes out of the lock is locked."""

import re
import subprocess
import tomllib

from tests.support.commands import PROJECT

TEXT = (PROJECT / "examples/container/Dockerfile").read_text().replace("\\\n", "")


def test_it_copies_what_the_wheel_is_built_from() -> None:
    copied = {name for names in re.findall(r"^COPY (?!--)(.+) \S+$", TEXT, re.MULTILINE) for name in names.split()}
    assert all((PROJECT / name).exists() for name in copied)
    wanted = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    wheel = wanted["tool"]["hatch"]["build"]["targets"]["wheel"]
    about = [wanted["project"]["readme"], *wanted["project"]["license-files"]]
    assert {*wheel["packages"], *wheel["force-include"], *about, "pyproject.toml"} <= copied


def test_its_packages_are_locked() -> None:
    (part,) = re.findall(r"for package in .+? done", TEXT)
    told = subprocess.run(["bash", "-c", part], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    entries = re.split(r"\n(?=[a-z])", told.strip())
    names = [entry.partition("==")[0] for entry in entries]
    assert set(names) == {"paho-mqtt", "numpy", "opencv-python-headless"}
    assert all("--hash=sha256:" in entry and not entry.endswith("\\") for entry in entries)
    assert "--require-hashes" in TEXT


def test_it_runs_as_nobody() -> None:
    last = re.split(r"^FROM ", TEXT, flags=re.MULTILINE)[-1]
    assert re.search(r"^USER 65534:65534$", last, re.MULTILINE)
