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

_USED = [
    f"homeassistant.components.{name}"
    for name in (
        "automation.config", "device_automation", "light", "recorder", "mqtt.binary_sensor", "mqtt.config_flow",
        "mqtt.device_trigger", "mqtt.discovery", "mqtt.event", "mqtt.select", "mqtt.sensor", "mqtt.switch",
    )
]  # fmt: skip
# uv, as Home Assistant itself installs by: pip tries a hundred versions of what these depend on, for two minutes. It
# knows nothing of pip's settings. Compiled is what is used, as each worker would do it for itself.
_INSTALL = f"""
export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt UV_CACHE_DIR=/tmp/uv-cache
index=${{PIP_INDEX_URL:-$(python3 -m pip config get global.index-url 2>/dev/null || true)}}
[ -z "$index" ] || export UV_DEFAULT_INDEX=$index
python3 -m pip install -qq --root-user-action=ignore --no-cache-dir --target=/tmp/uv uv
/tmp/uv/bin/uv pip install -q --python=/usr/bin/python3 --target={SITE} {" ".join(_REQUIREMENTS)}
PYTHONPATH={SITE} python3 -c "import pytest_homeassistant_custom_component.plugins, {", ".join(_USED)}"
"""


def home_assistant() -> Path:
    """The layer; half a minute when it is made, 600 MB."""
    return kept("home-assistant", "\n".join([*_REQUIREMENTS, device_root().name, Path(__file__).read_text()]), _make)


def _make(folder: Path) -> None:
    say(f"installing {VERSION} (once, about half a minute)")
    work, root = folder.with_name(f"{folder.name}-work"), folder.with_name(f"{folder.name}-root")
    for each in (folder, work, root):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
    layers = f"lowerdir={device_root()},upperdir={folder},workdir={work}"
    with borrowed_network(folder):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        mount = f"mount -t overlay -o {layers} overlay {root} && exec chroot {root} sh -ec '{_INSTALL}'"
        subprocess.run(["unshare", "--mount", "sh", "-c", mount], check=True, env=environment)
    for rest in (work, root, folder / "tmp", folder / "root"):
        shutil.rmtree(rest, ignore_errors=True)
    # The plugin's folder of configuration lacks the file without which Home Assistant does not start.
    (configuration,) = folder.glob("srv/*/pytest_homeassistant_custom_component/testing_config")
    (configuration / "configuration.yaml").touch()


if __name__ == "__main__":
    home_assistant()
