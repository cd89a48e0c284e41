"""The real Home Assistant, as a layer over a device's Debian: its packages, and the tests that run inside of it."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.rehearsal.cache import kept, say
from tests.rehearsal.debian import borrowed_network, device_root

VERSION = "pytest-homeassistant-custom-component==0.13.316"
"""Home Assistant 2026.2.3, the last for Trixie's Python 3.13, with what its own tests start it by."""

SITE = "/srv/home-assistant"
"""Where its packages are; for PYTHONPATH."""

_REQUIREMENTS = [VERSION, "paho-mqtt==2.1.0"]


def home_assistant() -> Path:
    """The layer; two minutes when it is made, 500 MB."""
    return kept("home-assistant", "\n".join([*_REQUIREMENTS, device_root().name, Path(__file__).read_text()]), _make)


def _make(folder: Path) -> None:
    say(f"installing {VERSION} (once, about two minutes)")
    work, root = folder.with_name(f"{folder.name}-work"), folder.with_name(f"{folder.name}-root")
    for each in (folder, work, root):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
    layers = f"lowerdir={device_root()},upperdir={folder},workdir={work}"
    # One of them is to be had as source only. What pip writes beside its target is not wanted.
    pip = (
        f"python3 -m pip install -qq --root-user-action=ignore --no-cache-dir --target={SITE} {' '.join(_REQUIREMENTS)}"
    )
    with borrowed_network(folder):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        mount = f"mount -t overlay -o {layers} overlay {root} && exec chroot {root} {pip}"
        subprocess.run(["unshare", "--mount", "sh", "-c", mount], check=True, env=environment)
    for rest in (work, root, folder / "tmp", folder / "root"):
        shutil.rmtree(rest, ignore_errors=True)
    # The plugin's folder of configuration lacks the file without which Home Assistant does not start.
    (configuration,) = folder.glob("srv/*/pytest_homeassistant_custom_component/testing_config")
    (configuration / "configuration.yaml").touch()


if __name__ == "__main__":
    home_assistant()
