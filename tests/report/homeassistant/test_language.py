"""Names and words in each language: all of them, nothing else, and ids that no language changes."""

from dataclasses import replace
from typing import Any

import pytest

from edge.config.settings import LANGUAGES, CommandSettings, HomeAssistantSettings, Settings
from edge.report.analytics.engine import Engine
from edge.report.homeassistant import components as module
from edge.report.homeassistant.language import TRANSLATIONS, table, translate
from edge.report.homeassistant.messages import discovery_messages
from tests.support.everything import EVERYTHING

OTHERS = LANGUAGES[1:]
SPOKEN = {"name", "subtype", "options", "value_template", "command_template"}
"""Keys of a component that a language changes."""


def settings_in(language: str) -> Settings:
    return replace(
        EVERYTHING, command=CommandSettings(enabled=True), homeassistant=HomeAssistantSettings(language=language)
    )


def parts_in(language: str) -> dict[str, dict[str, Any]]:
    settings = settings_in(language)
    ((_, message),) = discovery_messages(settings, Engine(settings).keys, "hall").items()
    components: dict[str, dict[str, Any]] = message["components"]
    return components


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every English text of which a translation is asked."""
    texts: set[str] = set()

    def record(text: str, language: str) -> str:
        texts.add(text)
        return translate(text, language)

    monkeypatch.setattr(module, "translate", record)
    return texts


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_name_and_word_and_nothing_else(asked: set[str], language: str) -> None:
    parts_in(language)
    assert {"Occupancy", "Jumping jacks", "{}: entered", "Sensitivity", "Event"} <= asked
    assert set(table(language)) == asked


def test_each_table_is_of_a_language_that_can_be_set() -> None:
    assert {file.stem for file in TRANSLATIONS.iterdir()} == set(OTHERS)


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_place_of_a_name_where_the_english_has_one(language: str) -> None:
    for english, text in table(language).items():
        assert text.count("{}") == english.count("{}") == text.count("{") == text.count("}"), english
        assert text == text.strip()
        assert text


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_told_apart_and_none_is_taken_for_a_state_of_its_own(language: str) -> None:
    """``None`` is how Home Assistant is told that a value is not known, of a select in any spelling."""
    for key, part in parts_in(language).items():
        options = part.get("options", [])
        assert len(set(options)) == len(options), key
        assert not {"none", "unknown", "unavailable"} & {option.lower() for option in options}, key


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_changes_what_people_read_and_nothing_else(language: str) -> None:
    english, other = parts_in("en"), parts_in(language)
    assert english.keys() == other.keys()
    for key, part in english.items():
        assert {name: value for name, value in part.items() if name not in SPOKEN} == {
            name: value for name, value in other[key].items() if name not in SPOKEN
        }
    assert english["event"]["event_types"] == other["event"]["event_types"]
    triggers = [part["subtype"] for part in other.values() if "subtype" in part]
    assert len(set(triggers)) == len(triggers), "automations know a trigger by it"


def test_words_are_shown_in_the_language() -> None:
    german = parts_in("de")
    assert german["exercise"]["name"] == "Übung"
    assert german["exercise"]["options"] == ["Keine Übung", "Kniebeugen", "Hampelmänner", "Armheben"]
    assert '"jumping_jacks": "Hampelmänner"' in german["exercise"]["value_template"]
    assert german["sensitivity"]["options"] == ["Niedrig", "Normal", "Hoch"]
    assert '"Hoch": "high"' in german["sensitivity"]["command_template"]
    assert german["zone_left_occupied"]["name"] == "Left: Anwesenheit"
    assert german["trigger_line_crossed_middle_in"]["subtype"] == "Middle: nach innen überquert"
    english = parts_in("en")
    assert english["exercise"]["options"] == ["No exercise", "Squats", "Jumping jacks", "Arm raises"]
    assert english["sensitivity"]["options"] == ["Low", "Normal", "High"]
