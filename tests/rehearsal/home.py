"""The real Home Assistant, as a layer over a Debian: its packages, and the tests that run inside of it."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.rehearsal.bare_debian import bare_root
from tests.rehearsal.cache import kept, say
from tests.rehearsal.debian import borrowed_network, device_root

SITE = "/srv/home-assistant"
"""Where its packages are; for PYTHONPATH."""

_HARNESS = "pytest-homeassistant-custom-component"
"""What Home Assistant's own tests start it by; each version belongs to one of Home Assistant."""


class Home(NamedTuple):
    """A version of Home Assistant, and a system that has the Python for it."""

    version: str
    harness: str
    root: Callable[[], Path]

    @property
    def requirements(self) -> list[str]:
        return [f"{_HARNESS}=={self.harness}", "paho-mqtt==2.1.0"]


USUAL = Home("2026.2.3", "0.13.316", device_root)
"""The last for Trixie's Python 3.13, beside the installed product."""
NEWEST = Home(
    "2026.10.4",
    "0.13.375",
    lambda: bare_root("forky", "python3,python3-pip,ca-certificates,mosquitto"),
)
"""The newest of which there is a harness; it needs Python 3.14, which Trixie does not have."""

_USED = [
    f"homeassistant.components.{name}"
    for name in (
        "automation.config", "device_automation", "light", "recorder", "mqtt.binary_sensor", "mqtt.config_flow",
        "mqtt.device_trigger", "mqtt.discovery", "mqtt.event", "mqtt.select", "mqtt.sensor", "mqtt.switch",
    )
]  # fmt: skip
_SHOWN = ("frontend", "camera", "conversation", "ffmpeg", "stream", "tts")
"""Components of whose services the pages want to know, and that need packages for it."""

# uv, as Home Assistant itself installs by: pip tries a hundred versions of what these depend on, for two minutes. It
# knows nothing of pip's settings. Compiled is what is used, as each worker would do it for itself.
_INSTALL = f"""
export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt UV_CACHE_DIR=/tmp/uv-cache
index=${{PIP_INDEX_URL:-$(python3 -m pip config get global.index-url 2>/dev/null || true)}}
[ -z "$index" ] || export UV_DEFAULT_INDEX=$index
python3 -m pip install -qq --root-user-action=ignore --no-cache-dir --target=/tmp/uv uv
/tmp/uv/bin/uv pip install -q --python=/usr/bin/python3 --target={SITE} "$@"
PYTHONPATH={SITE} python3 -c "import pytest_homeassistant_custom_component.plugins, {", ".join(_USED)}"
"""


def home_assistant(home: Home = USUAL) -> Path:
    """The layer, to be laid over ``home.root()``; half a minute when it is made, 600 MB."""
    recipe = "\n".join([*home.requirements, home.root().name, Path(__file__).read_text()])
    return kept(f"home-assistant-{home.version}", recipe, partial(_make, home))


def frontend() -> Path:
    """Its pages, and what they do not load without, to be laid over ``home_assistant()``; half a minute, 500 MB."""
    base = home_assistant()
    (components,) = base.glob("srv/*/homeassistant/components")
    manifests = [json.loads((components / name / "manifest.json").read_text()) for name in _SHOWN]
    requirements = sorted({each for manifest in manifests for each in manifest.get("requirements", ())})
    recipe = "\n".join([*requirements, base.name])
    return kept("home-assistant-frontend", recipe, partial(_make_layer, [base, USUAL.root()], requirements))


def _make(home: Home, folder: Path) -> None:
    say(f"installing Home Assistant {home.version} (once, about half a minute)")
    _make_layer([home.root()], home.requirements, folder)
    # The plugin's folder of configuration lacks the file without which Home Assistant does not start.
    (configuration,) = folder.glob("srv/*/pytest_homeassistant_custom_component/testing_config")
    (configuration / "configuration.yaml").touch()


def _make_layer(lower: list[Path], requirements: list[str], folder: Path) -> None:
    """Install packages over ``lower``, of which the first is the uppermost, and keep in ``folder`` what that adds."""
    work, root = folder.with_name(f"{folder.name}-work"), folder.with_name(f"{folder.name}-root")
    for each in (folder, work, root):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
    layers = f"lowerdir={':'.join(map(str, lower))},upperdir={folder},workdir={work}"
    with borrowed_network(folder):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        inside = shlex.join(["chroot", str(root), "sh", "-ec", _INSTALL, "sh", *requirements])
        mount = f"mount -t overlay -o {layers} overlay {root} && exec {inside}"
        subprocess.run(["unshare", "--mount", "sh", "-c", mount], check=True, env=environment)
    for rest in (work, root, folder / "tmp", folder / "root"):
        shutil.rmtree(rest, ignore_errors=True)


if __name__ == "__main__":
    home_assistant()
