"""What a rule consists of."""

from collections.abc import Iterator
from dataclasses import dataclass, field

MIDDLES = ("head", "shoulders", "hips", "feet")
"""Places between keypoints that can be named as a joint can: properties of ``edge.report.analytics.body.body.Body``."""
RELATIONS = ("above", "below", "left of", "right of")
"""As the picture shows it, after it was turned and mirrored."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a joint is. joint, other: a keypoint's name, or one of MIDDLES. by: body heights at least."""

    joint: str
    relation: str
    other: str
    by: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A fact that is so or not."""

    fact: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fact that is a word or a number, and a sign of Python's: == != < <= > >=."""

    fact: str
    sign: str
    value: str | float


@dataclass(frozen=True, slots=True)
class Not:
    """So where the part is not."""

    part: "Rule"


@dataclass(frozen=True, slots=True)
class And:
    """So where all parts are."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """So where one part is."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class For:
    """So where the part has been so for ``seconds``. column: of the word itself, which no other in the text has."""

    part: "Rule"
    seconds: float
    column: int = field(compare=False)


Rule = Relation | Flag | Comparison | Not | And | Or | For


def leaves(rule: Rule) -> Iterator[Relation | Flag | Comparison]:
    """What it asks for, from left to right."""
    match rule:
        case Not(part) | For(part):
            yield from leaves(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield rule
