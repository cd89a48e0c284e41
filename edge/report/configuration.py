"""The whole configuration: the sections of ``edge.config`` and of the detectors, and the rules."""

import argparse
from functools import partial

from edge.config import loader
from edge.config.settings import Settings
from edge.errors import BadRule, BadSetting
from edge.report.analytics.registry import SECTIONS, facts
from edge.report.analytics.rule_language import parse


def _check_rules(settings: Settings) -> None:
    for number, rule in enumerate(settings.rule, 1):
        try:
            parse(rule.when, facts(settings))
        except BadRule as error:
            raise BadSetting(f"rule {number}.when: {error}") from error


_EXTENSION = loader.Extension(SECTIONS, _check_rules)
load = partial(loader.load, extension=_EXTENSION)
"""Reads a file and assignments as ``edge.config.loader.load`` does, and refuses every unknown section."""
load_text = partial(loader.load_text, extension=_EXTENSION)
"""Reads what is to be written as ``edge.config.loader.load_text`` does, and refuses every unknown section."""
lay_over = partial(loader.lay_over, extension=_EXTENSION)
"""Replaces keys and lists as ``edge.config.loader.lay_over`` does."""


def load_for(arguments: argparse.Namespace, *more: str) -> Settings:
    """Read the settings of a command line: of its ``config`` and ``set``, with ``more`` assignments on top."""
    return load(loader.config_path(arguments.config), [*arguments.set, *more])
