"""What a rule can ask for besides joints: one line a fact, in the words of ``state``."""

from typing import NamedTuple

from edge.config.rules.ast import Relation, Rule, leaves
from edge.config.settings import Settings
from edge.wire import MAX_POSES


class Fact(NamedTuple):
    """section: of the settings, whose meaning finds it. words, or low and high: what it may be; neither: so or not."""

    section: str
    of_person: bool = False
    words: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    key: str = ""
    """Of ``state``, what its meaning has there; empty: as the fact."""


FACTS = {
    "zone": Fact("zone", of_person=True, key="zones"),
    "hand_raised": Fact("hands", of_person=True),
    "both_hands_raised": Fact("hands", of_person=True),
    "waving": Fact("waving", of_person=True),
    "exercise": Fact("repetitions", of_person=True, words=("none", "squats", "jumping_jacks", "arm_raises")),
    "repetitions": Fact("repetitions", of_person=True, high=999),
    "tempo": Fact("repetitions", of_person=True, high=240),
    "posture": Fact("posture", of_person=True, words=("standing", "sitting", "bending", "lying")),
    "occupied": Fact("presence"),
    "people": Fact("presence", high=MAX_POSES),
    "fall": Fact("fall"),
    "inactive": Fact("inactivity"),
    "movement": Fact("movement", high=1),
    "approach": Fact("approach", words=("approaching", "leaving", "still")),
}
"""By name. Those of a person are true of one person, the others of the room."""


def facts(settings: Settings) -> dict[str, Fact]:
    """The facts that these settings find out; a zone is one of their zones."""
    zones = tuple(zone.name for zone in settings.zone)
    known = FACTS | {"zone": FACTS["zone"]._replace(words=zones)}
    return {name: fact for name, fact in known.items() if _is_found(settings, fact)}


def _is_found(settings: Settings, fact: Fact) -> bool:
    section = getattr(settings, fact.section)
    return bool(getattr(section, "enabled", section))


def asked_of(rule: Rule) -> set[str]:
    """The facts that it asks for."""
    return {leaf.fact for leaf in leaves(rule) if not isinstance(leaf, Relation)}


def is_of_person(rule: Rule) -> bool:
    """Whether it can be so of one and not of another."""
    return any(isinstance(leaf, Relation) or FACTS[leaf.fact].of_person for leaf in leaves(rule))
