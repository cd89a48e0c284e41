"""What the docs say is so: links lead somewhere, every field, dependency, verb and state is described."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.__main__ import COMMANDS
from edge.report import configuration
from edge.report.analytics.registry import EVENTS, FACTS
from edge.report.analytics.rule_language import JOINTS, MIDDLES, RELATIONS
from edge.report.leak_bound import leak_bound
from edge.report.messages.schema import SCHEMAS
from edge.report.messages.state import COMMANDED, STATE
from edge.runtime import incidents
from edge.sense.camera.registry import kinds, parse_address
from scripts import message_docs
from tests.support.commands import command

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


def test_the_events_in_the_readme_are_those_that_its_command_prints() -> None:
    ((arguments, printed),) = re.findall(
        r"posenet-edge (simulate .+ --events)\n```\n\n```\n(.+?)```", README, re.DOTALL
    )
    assert command(*arguments.split()).stdout == printed


def test_every_source_in_the_readme_is_one() -> None:
    table = README[README.index("### Sources") : README.index("### On a Raspberry Pi")]
    sources = [source for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for source in row.split("`")[1::2]]
    assert {parse_address(source).kind for source in sources if source != "--source"} == {"auto", *kinds()}


def test_what_is_published_is_described_as_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests in this process have counted some.
    monkeypatch.setattr(incidents, "counted", dict.fromkeys(incidents.KINDS, 0))
    page = (PROJECT / message_docs.PAGE).read_text()
    assert page == message_docs.renew(page), f"{message_docs.PAGE} is not up to date: run {message_docs.COMMAND}"
    sections = {part.split("\n")[0] for part in page.split("\n## ")[1:]}
    assert sections == {*SCHEMAS, "command/<name>", "An empty payload"} - {"event", "late", "availability"} | {
        "event/<kind>"
    }


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


def texts_of_the_product() -> Iterator[str]:
    """Give each text of the source, with ``{}`` where a value is put in."""
    for file in sorted((PROJECT / "edge").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for file in sorted((PROJECT / "edge").rglob("*.js")):
        yield from re.findall(r'["`]([^"`\n]*)["`]', file.read_text())


def test_the_words_of_troubleshooting_are_those_that_a_user_sees() -> None:
    page = (PROJECT / "docs" / "troubleshooting.md").read_text()
    rows = [line.replace("\\|", "") for line in page.splitlines() if line.startswith("| ")]
    words = [text for row in rows for text in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
    assert len(words) > 80
    texts = "\n".join(text.replace("\n", " ") for text in texts_of_the_product())
    for text in words:
        fragments = [re.escape(fragment.strip(" ")) for fragment in text.split("…")]
        assert re.search(".*".join(fragments), texts), text
