"""The whole configuration: the sections of ``edge.config`` and of the detectors, and the rules."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from edge.config import loader
from edge.config.settings import Settings
from edge.errors import BadRule, BadSetting
from edge.report.analytics.registry import SECTIONS, facts
from edge.report.analytics.rule_language import parse


def load(path: Path | None = None, assignments: Iterable[str] = ()) -> Settings:
    """Read a file and assignments as ``edge.config.loader.load`` does, and refuse every unknown section."""
    return loader.load(path, assignments, _EXTENSION)


def lay_over(settings: Settings, table: dict[str, Any], where: str) -> Settings:
    """Replace keys and lists as ``edge.config.loader.lay_over`` does."""
    return loader.lay_over(settings, table, where, _EXTENSION)


def _check_rules(settings: Settings) -> None:
    for number, rule in enumerate(settings.rule, 1):
        try:
            parse(rule.when, facts(settings))
        except BadRule as error:
            raise BadSetting(f"rule {number}.when: {error}") from error


_EXTENSION = loader.Extension(SECTIONS, _check_rules)
