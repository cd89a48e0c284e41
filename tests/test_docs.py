"""What the docs say is so: links lead somewhere, every field, dependency, verb and state is described."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from edge import wire
from edge.__main__ import COMMANDS
from edge.config.settings import CameraSettings, Settings
from edge.report import configuration
from edge.report.analytics.registry import EVENTS, FACTS
from edge.report.analytics.rule_language import JOINTS, MIDDLES, RELATIONS
from edge.report.leak_bound import leak_bound
from edge.report.messages.schema import SCHEMAS
from edge.report.messages.state import COMMANDED, STATE
from edge.sense.camera import open_camera

PROJECT = Path(__file__).parent.parent
PAGES = [page for page in sorted(PROJECT.rglob("*.md")) if not any(part.startswith(".") for part in page.parts)]
README = (PROJECT / "README.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        assert "://" in target or (page.parent / target).exists(), target


def test_the_readme_begins_with_the_two_commands() -> None:
    assert README.index("scripts/demo") < README.index("scripts/test") < README.index("## ")


def test_every_verb_stands_in_the_readme() -> None:
    shown = re.findall(r"^\| `posenet-edge ([a-z-]+)", README, flags=re.MULTILINE)
    assert set(shown) == set(COMMANDS)


def test_every_source_in_the_readme_is_one() -> None:
    table = README[README.index("### Sources") : README.index("### On a Raspberry Pi")]
    sources = re.findall(r"`((?:picamera2|v4l2|video|stills|fake)[^`]*)`", table)
    assert {source.partition(":")[0] for source in sources} == set(wire.SOURCES) - {"none"}
    for source in sources:
        assert (
            open_camera(Settings(camera=CameraSettings(source=source)), (257, 353), None).kind == source.split(":")[0]
        )


def names(schema: dict[str, Any]) -> set[str]:
    found = set(schema.get("properties", {}))
    for value in schema.values():
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            if isinstance(part, dict):
                found |= names(part)
        if isinstance(value, dict):
            found |= names(value)
    return found


def test_every_published_field_and_state_is_described() -> None:
    page = (PROJECT / "docs" / "messages.md").read_text()
    sections = {part.split("\n")[0]: part for part in page.split("\n## ")[1:]}
    sections["event"] = sections.pop("event/<kind>")
    assert set(sections) == {*SCHEMAS, "command/<name>"}
    for topic in ("poses", "event", "places", "health"):
        section = sections[topic]
        described = set(re.findall(r"`([a-z_]+)`", section)) | {"version", "keypoints", "x", "y", "width", "height"}
        described |= {"output_stride", "quantization"} if topic == "health" else set()
        details = {name for kind in EVENTS.values() for name in kind.details} if topic == "event" else set()
        assert names(SCHEMAS[topic]) - details <= described
    for state in (*wire.STATES, "silent"):
        assert f"`{state}`" in sections["health"]


def test_every_meaning_is_described_with_its_events() -> None:
    page = (PROJECT / "docs" / "analytics.md").read_text()
    rows = [line.split("|")[1:] for line in page.splitlines() if line.startswith("| `")]
    assert {key for row in rows for key in re.findall(r"`(\w+)`", row[0])} == set(STATE) - set(COMMANDED)
    told = " ".join(row[2] for row in rows)
    for kind, about in EVENTS.items():
        found = re.search(rf"`{kind}`(?: \(([^)]*)\))?", told)
        assert found, kind
        assert set(re.findall(r"`(\w+)`", found[1] or "")) == set(about.details), kind


@pytest.mark.parametrize(
    ("row", "changes"),
    [
        ("`poses`: all 17 joints, ten people, 15 frames/s", []),
        ("`body`: 12 joints, without the face", ["publish.share=body"]),
        ("`poses`, one person, `max_rate = 1`", ["publish.max_rate=1", "decode.mode=single"]),
        ("`events`: no coordinates", ["publish.share=events"]),
    ],
)
def test_the_bounds_in_the_text_are_those_of_the_settings(row: str, changes: list[str]) -> None:
    page = (PROJECT / "docs" / "privacy.md").read_text()
    found = re.search(rf"\| {re.escape(row)} \| ([0-9.]+) kbit/s \| ([0-9.]+) s \|", page)
    assert found
    leak = leak_bound(configuration.load(None, changes))
    assert float(found[1]) == pytest.approx(leak.total / 1000, rel=0.05)
    assert float(found[2]) == pytest.approx(leak.thumbnail_seconds, rel=0.1)


def test_rules_are_as_described(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "analytics.md").read_text()
    section = page[page.index("## Rules of your own") : page.index("## Settings")]
    (example,) = re.findall(r"```toml\n(.*?)```", section, flags=re.DOTALL)
    zones = "".join(
        f"[[zone]]\nname = '{name}'\npolygon = [[0, 0], [1, 0], [1, 1]]\n"
        for name in set(re.findall(r"zone [!=]= '(\w+)'", example))
    )
    (tmp_path / "config.toml").write_text(example + zones)
    assert len(configuration.load(tmp_path / "config.toml").rule) == example.count("[[rule]]")
    described = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", section))))
    assert set(FACTS) | set(MIDDLES) | {word for relation in RELATIONS for word in relation.split()} <= described
    assert {
        part for joint in JOINTS for part in joint.removeprefix("left_").removeprefix("right_").split()
    } <= described


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    page = (PROJECT / "docs" / "dependencies.md").read_text()
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    for line in project["dependencies"] + extras:
        name = re.match(r"[a-z0-9-]+", line)
        assert name
        shown = {"av": "av (PyAV)"}.get(name[0], name[0])
        assert re.search(rf"^\|.*{re.escape(shown)}.* \|", page, flags=re.MULTILINE), name[0]
