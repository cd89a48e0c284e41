"""The whole configuration: the sections of ``edge.config`` and of the detectors, the rules and the profiles."""

import argparse
from functools import partial

from edge.config import loader
from edge.config.settings import Settings
from edge.config.shapes import show
from edge.errors import BadRule, BadSetting
from edge.report.analytics.registry import SECTIONS, facts
from edge.report.analytics.rule_language import parse


def _check(settings: Settings) -> None:
    for number, rule in enumerate(settings.rule, 1):
        try:
            parse(rule.when, facts(settings))
        except BadRule as error:
            raise BadSetting(f"rule {number}.when: {error}") from error
    zones = [zone.name for zone in settings.zone]
    for number, profile in enumerate(settings.profile, 1):
        for key, names, known in (
            ("detectors_off", profile.detectors_off, list(SECTIONS)),
            ("zones_off", profile.zones_off, zones),
        ):
            if unknown := [name for name in names if name not in known]:
                expected = f"expected of {', '.join(known)}" if known else "there is no [[zone]]"
                raise BadSetting(f"profile {number}.{key}: found {show(unknown[0])}, {expected}")


_EXTENSION = loader.Extension(SECTIONS, _check)
load = partial(loader.load, extension=_EXTENSION)
"""Reads a file and assignments as ``edge.config.loader.load`` does, and refuses every unknown section."""
load_text = partial(loader.load_text, extension=_EXTENSION)
"""Reads what is to be written as ``edge.config.loader.load_text`` does, and refuses every unknown section."""
lay_over = partial(loader.lay_over, extension=_EXTENSION)
"""Replaces keys and lists as ``edge.config.loader.lay_over`` does."""


def load_for(arguments: argparse.Namespace, *more: str) -> Settings:
    """Read the settings of a command line: of its ``config`` and ``set``, with ``more`` assignments on top."""
    return load(loader.config_path(arguments.config), [*arguments.set, *more])
