"""The link from Home Assistant to the page for browsers, ``homeassistant.configuration_url``, set by the installer."""

import re
import socket
import tomllib
from pathlib import Path

from edge.config.texts import check_url
from edge.config.toml_text import toml_value
from edge.errors import BadSetting
from edge.tools.install.config_text import set_keys

_PORT = 8470
"""Port of the service ``posenet-view``."""
_SECTION, _KEY = "homeassistant", "configuration_url"
_MARK = "  # by scripts/install --view"
"""Behind a link that was set here: scripts/uninstall takes out what ends so, and nothing that somebody else set."""


def page_address(root: Path) -> str:
    """Give the address at which others reach the page: ``hall.local`` where Avahi answers to that name."""
    host = socket.gethostname()
    answers = (root / "run/avahi-daemon").is_dir()
    return f"http://{host}{'.local' if answers and '.' not in host else ''}:{_PORT}/"


def read_link(text: str) -> str:
    """Read the link in the text of a configuration; empty where there is none, or the text cannot be read."""
    try:
        return str(tomllib.loads(text)[_SECTION][_KEY])
    except (tomllib.TOMLDecodeError, RecursionError, KeyError, TypeError):
        return ""


def add_link(text: str, address: str) -> str:
    """Set the link, with a mark, unless somebody else has set one.

    Args:
        text: Of the configuration.
        address: Of the page.

    Returns:
        The new text; the same where it has another link, or none can be set.
    """
    # "localhost" would lead everybody to their own machine.
    if read_link(text) or check_url(address) or address.startswith("http://localhost:"):
        return text
    try:
        changed = set_keys(text, {(_SECTION, _KEY): address})
    except BadSetting:
        return text
    line = f"{_KEY} = {toml_value(address)}"
    return re.sub(rf"^({re.escape(line)}.*)$", rf"\1{_MARK}", changed, count=1, flags=re.MULTILINE)
