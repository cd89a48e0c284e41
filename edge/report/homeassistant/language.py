"""Names and words in the language of the house.

MQTT discovery has no translations of its own, so what Home Assistant shows is sent in the language that is set. English
stands with the declarations of values and events; ``translations/<language>.toml`` has each other language.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from edge.report.fields import Entity

TRANSLATIONS = Path(__file__).parent / "translations"
"""Folder of one table for each language but English: from the English text to its own."""


@cache
def table(language: str) -> Mapping[str, str]:
    """Read what each English text is in a language; empty for English itself."""
    if language == "en":
        return {}
    return tomllib.loads((TRANSLATIONS / f"{language}.toml").read_text(encoding="utf-8"))


def translate(text: str, language: str) -> str:
    """Translate a name, with any ``{}`` in it; what has no translation stays English."""
    return table(language).get(text, text)


def label(entity: Entity, word: str) -> str:
    """Say in English how a word of a value is shown."""
    return entity.words.get(word, word.replace("_", " ").capitalize())
