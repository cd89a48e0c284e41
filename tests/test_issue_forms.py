"""The forms for issues are such as GitHub takes, and ask for what is needed to help."""

from pathlib import Path
from typing import Any

import pytest
import yaml

FORMS = Path(__file__).parent.parent / ".github" / "ISSUE_TEMPLATE"
KINDS = {"markdown", "input", "textarea", "checkboxes", "dropdown"}


def read(name: str) -> dict[str, Any]:
    return yaml.safe_load((FORMS / name).read_text())


@pytest.mark.parametrize("name", sorted(file.name for file in FORMS.iterdir() if file.name != "config.yml"))
def test_a_form_has_what_github_demands(name: str) -> None:
    form = read(name)
    assert form["name"]
    assert form["description"]
    questions = [part for part in form["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in questions}) == len(questions)
    for part in form["body"]:
        assert part["type"] in KINDS
        assert part["attributes"].get("value" if part["type"] == "markdown" else "label")


def test_a_report_of_a_bug_asks_for_doctor_and_warns_of_pictures() -> None:
    body = read("bug_report.yml")["body"]
    questions = {part["id"]: part for part in body if part["type"] != "markdown"}
    assert "posenet-edge doctor --json" in questions["doctor"]["attributes"]["description"]
    for needed in ("version", "board", "expected", "happened", "doctor"):
        assert questions[needed]["validations"]["required"], needed
    [warning] = [part["attributes"]["value"] for part in body if part["type"] == "markdown"]
    assert "no pictures, and no passwords" in warning


def test_who_has_another_question_is_led_to_a_form() -> None:
    assert read("config.yml")["blank_issues_enabled"] is False
