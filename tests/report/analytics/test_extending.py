"""The detector of docs/extending.md is one file: it is added to a copy of the package, works, and is removed again."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent.parent
PAGE = (PROJECT / "docs" / "extending.md").read_text()
ASK = """
import json
from pathlib import Path
from edge.report import configuration
from edge.report.analytics.engine import Engine
from edge.report.homeassistant.messages import discovery_messages
from edge.report.messages.event import event_payload
from edge.tools.simulate.scenes import frames, scene
from edge.wire import FrameLine

settings = configuration.load(Path("rules.toml"), ["crowd.most=1"])
engine = Engine(settings)
((_, discovery),) = discovery_messages(settings, engine.keys, "hall").items()
events = []
for number, (t, persons) in enumerate(frames(scene("stand-still"), 10.0)):
    both = tuple(each for person in persons for each in (person, person._replace(id=99)))
    events += [event_payload(event, t) for event in engine.see(FrameLine(number, t, t, 640, 480, both))]
print(json.dumps({"components": discovery["components"], "events": events, "state": engine.state(t)}))
"""


class Copy:
    """A copy of the package in which something may be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / "edge", folder / "edge", ignore=ignored)
        (folder / "models").symlink_to(PROJECT / "models")
        (folder / "rules.toml").write_text("[[rule]]\nname = 'full'\nwhen = 'crowded and people == 2'\n")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, "-P", *arguments],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def schema(self, topic: str) -> str:
        return self.run("-m", "edge", "schema", topic).stdout


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_the_detector_of_the_page_is_one_file(copy: Copy) -> None:
    section = PAGE[PAGE.index("## A detector") :].split("\n## ")[0]
    (source,) = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    file = copy.folder / "edge" / "report" / "analytics" / "detectors" / "crowd.py"
    check = ("-m", "edge", "check-config", "--set", "crowd.most=1")
    before = copy.schema("state"), copy.schema("event")
    assert "crowd: no such section" in copy.run(*check).stderr

    file.write_text(source)
    accepted = copy.run(*check)
    assert (accepted.returncode, accepted.stderr) == (0, "")
    refused = copy.run("-m", "edge", "check-config", "--set", "crowd.most=21")
    assert "crowd.most: expected a whole number from 1 to 20, found 21" in refused.stderr
    assert json.loads(copy.schema("state"))["properties"]["crowded"] == {"type": ["boolean", "null"]}
    assert "crowded" in json.loads(copy.schema("event"))["properties"]["kind"]["enum"]
    answer = copy.run("-c", ASK)
    assert answer.stderr == ""
    found = json.loads(answer.stdout)
    assert found["components"]["crowded"]["name"] == "Crowded"
    assert found["components"]["trigger_crowded"]["topic"] == "posenet/hall/event/crowded"
    assert [event["seen"] for event in found["events"] if event["kind"] == "crowded"] == [2]
    assert [event["rule"] for event in found["events"] if event["kind"] == "rule"] == ["full"]
    assert found["state"]["crowded"] is True

    file.unlink()
    assert (copy.schema("state"), copy.schema("event")) == before
    assert "crowd: no such section" in copy.run(*check).stderr
