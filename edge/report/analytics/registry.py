"""All detectors, found in their folder, and what they registered together."""

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TypeVar

from edge.config.settings import Settings, lists
from edge.report.analytics import detectors
from edge.report.analytics.base import EventKind, Registration, RuleFact
from edge.report.analytics.rule_language import Fact
from edge.report.fields import ByName, Field, Number, Words

_Part = TypeVar("_Part")


def _find() -> tuple[Registration, ...]:
    modules = [
        import_module(f"{detectors.__name__}.{found.name}") for found in pkgutil.iter_modules(detectors.__path__)
    ]
    registrations: list[Registration] = [module.REGISTRATION for module in modules]
    return tuple(sorted(registrations, key=lambda each: each.order))


def join(parts: Iterable[Mapping[str, _Part]]) -> dict[str, _Part]:
    """Join what several detectors registered by name.

    Returns:
        All of it, in the order of the parts.

    Raises:
        ValueError: Two of them register the same name.
    """
    joined: dict[str, _Part] = {}
    for part in parts:
        if twice := joined.keys() & part.keys():
            raise ValueError(f"two detectors register {', '.join(sorted(twice))}; expected each name once")
        joined |= part
    return joined


REGISTRATIONS = _find()
"""All registrations, in the order in which the detectors are asked."""
STATE: dict[str, Field] = join(each.state for each in REGISTRATIONS)
"""The fields of ``state`` that detectors fill, by key."""
EVENTS: dict[str, EventKind] = join(each.events for each in REGISTRATIONS)
"""Every kind of event, the last level of its topic ``event/<kind>``."""
FACTS: dict[str, RuleFact] = join(each.facts for each in REGISTRATIONS)
"""The facts that rules can ask for, by name."""
SECTIONS = {each.section: each.settings for each in REGISTRATIONS if each.settings}
"""The detectors' own sections of the settings, each with its dataclass."""


def names_of(field: Field, settings: Settings) -> tuple[str, ...]:
    """Return the names of the zones, lines or rules for which a field has a value each; empty where it has one only."""
    return tuple(each.name for each in getattr(settings, field.section)) if isinstance(field, ByName) else ()


def facts(settings: Settings) -> dict[str, Fact]:
    """Return what a rule can ask for, with the words and bounds that these settings give it."""
    return {name: _fact(each, declared, settings) for each in REGISTRATIONS for name, declared in each.facts.items()}


def _fact(registration: Registration, declared: RuleFact, settings: Settings) -> Fact:
    field = registration.state[declared.key]
    fact = Fact(declared.of_person, names_of(field, settings), key=declared.key)
    if isinstance(field, Words):
        fact = fact._replace(words=field.allowed)
    if isinstance(field, Number):
        fact = fact._replace(low=field.low, high=field.high)
    if registration.is_on(settings):
        return fact
    section = registration.section
    off = f"[{section}] is switched off; expected enabled = true there"
    absent = f"there is no [[{section}]]" if section in lists() else f"[{section}] is not set"
    return fact._replace(missing=off if registration.settings else absent)
