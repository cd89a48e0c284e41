"""What a sensor announces to Home Assistant by some configurations: ``announcements.py``, with the product's Python.

Standard input is a JSON object of configuration files by device id; standard output, of the discovery messages by topic.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from edge.report.analytics.engine import Engine
from edge.report.configuration import load
from edge.report.homeassistant.messages import discovery_messages


def announced(name: str, text: str) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(text)
        file.flush()
        settings = load(Path(file.name))
    return {
        topic: message
        for expires in (True, False)
        for topic, message in discovery_messages(
            settings, Engine(settings).keys, name if expires else f"{name}_3", expires
        ).items()
    }


json.dump({name: announced(name, text) for name, text in json.load(sys.stdin).items()}, sys.stdout)
