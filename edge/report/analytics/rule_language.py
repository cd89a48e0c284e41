"""Rules of one's own, as ``left_wrist above left_shoulder for 2 s and zone == 'shelf'``: a parser and its syntax tree.

The parser goes by recursive descent, without eval:

either = both {"or" both}
both   = lasts {"and" lasts}
lasts  = ["not"] one ["for" NUMBER ("s" | "min")]
one    = "(" either ")" | JOINT RELATION JOINT ["by" NUMBER] | FLAG | WORD_FACT ("==" | "!=") 'WORD'
       | NUMBER_FACT ("==" | "!=" | "<" | "<=" | ">" | ">=") NUMBER
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from edge.errors import BadRule
from edge.pose import KEYPOINT_NAMES

MIDDLES = ("head", "shoulders", "hips", "feet")
"""Places between keypoints that can be named as a joint can: attributes of ``edge.report.analytics.body.body.Body``."""
RELATIONS = ("above", "below", "left of", "right of")
"""As the picture shows it, after it was turned and mirrored."""


class Fact(NamedTuple):
    """What a rule can ask for besides joints; a flag where it has neither words nor bounds.

    Attributes:
        of_person: It is true of one person; otherwise of the room.
        words: What it may be.
        low: Smallest value of a number.
        high: Largest value of a number.
        key: Of ``state``, from which it is taken.
        missing: Why it cannot be asked for with these settings; empty: it can.
    """

    of_person: bool = False
    words: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    key: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a joint is.

    Attributes:
        joint: A keypoint's name, or one of MIDDLES.
        relation: One of RELATIONS.
        other: As ``joint``.
        by: Body heights at least.
    """

    joint: str
    relation: str
    other: str
    by: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A fact that is true or false."""

    fact: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fact that is a word or a number, and a sign of Python's: == != < <= > >=."""

    fact: str
    sign: str
    value: str | float


@dataclass(frozen=True, slots=True)
class Not:
    """True where the part is false."""

    part: "Rule"


@dataclass(frozen=True, slots=True)
class And:
    """True where all parts are."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where one part is."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class For:
    """True where the part has been true for a while.

    Attributes:
        part: What must last.
        seconds: How long.
        column: Of the word ``for`` in the text, which makes it unique there.
    """

    part: "Rule"
    seconds: float
    column: int = field(compare=False)


Rule = Relation | Flag | Comparison | Not | And | Or | For


def leaves(rule: Rule) -> Iterator[Relation | Flag | Comparison]:
    """Walk through the relations and facts of a rule from left to right."""
    match rule:
        case Not(part) | For(part):
            yield from leaves(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield rule


def facts_in(rule: Rule) -> set[str]:
    """Collect the names of the facts that a rule asks for."""
    return {leaf.fact for leaf in leaves(rule) if not isinstance(leaf, Relation)}


def is_of_person(rule: Rule, facts: Mapping[str, Fact]) -> bool:
    """Tell whether a rule can be true of one person and false of another."""
    return any(isinstance(leaf, Relation) or facts[leaf.fact].of_person for leaf in leaves(rule))


LONGEST = 500
"""Characters."""
DEEPEST = 20
"""Parentheses within each other."""

JOINTS = {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): name for name in KEYPOINT_NAMES}
JOINTS |= {name: name for name in MIDDLES}
"""How a rule spells a joint, and how a body does."""

_UNITS = {"s": 1.0, "min": 60.0}
_EQUAL = ("==", "!=")
_SIGNS = (*_EQUAL, "<", "<=", ">", ">=")
_TOKEN = re.compile(
    r"""(?P<word>(?:left|right)[ \t]+of\b|[^\W\d][\w-]*)
    |(?P<number>[0-9]*\.?[0-9]+)
    |(?P<quoted>'[^']*'|"[^"]*")
    |(?P<sign>[=!<>]=|[<>()])
    |(?P<other>[^ \t])""",
    re.VERBOSE,
)


def parse(text: str, facts: Mapping[str, Fact]) -> Rule:
    """Read a rule.

    Args:
        text: As in the settings.
        facts: All that there are, by name.

    Returns:
        Its syntax tree.

    Raises:
        BadRule: With the column, what was found there and what was expected.
    """
    if len(text) > LONGEST:
        raise BadRule(LONGEST + 1, f"found a text of {len(text)} characters, expected at most {LONGEST}")
    parser = _Parser(text, facts)
    rule = parser.either()
    parser.close("", "the end")
    return rule


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


class _Parser:
    """A method for each line of the grammar; each takes from the text what it reads."""

    def __init__(self, text: str, facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self._tokens = [_Token(str(m.lastgroup), m[0], m.start() + 1) for m in _TOKEN.finditer(text)]
        self._tokens.append(_Token("end", "", len(text.rstrip()) + 1))
        self._at = 0
        self._depth = 0

    def either(self) -> Rule:
        return self._joined("or", lambda: self._joined("and", self._lasts, And), Or)

    def close(self, sign: str, spoken: str) -> None:
        """Read the end of a rule, or of one in parentheses."""
        if not self._takes(sign):
            self._refuse(f"and, or or {spoken}", ("and", "or", "for", "by"), listed=False)

    def _joined(self, word: str, part: Callable[[], Rule], kind: type[And] | type[Or]) -> Rule:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        return kind(tuple(parts)) if len(parts) > 1 else parts[0]

    def _lasts(self) -> Rule:
        part = Not(self._one()) if self._takes("not") else self._one()
        column = self._next.column
        if not self._takes("for"):
            return part
        number = self._number(0.1, 86400.0)
        return For(part, number * _UNITS[self._word("a unit of time", _UNITS)], column)

    def _one(self) -> Rule:
        if self._next.text == "(":
            return self._parenthesis()
        if self._next.text in JOINTS:
            return self._relation()
        found, known = self._next.text, self._facts
        if found in known and known[found].missing:
            raise BadRule(self._next.column, f"found {found!r}, but {known[found].missing}")
        name = self._word("a joint or a fact", [*JOINTS, *(each for each in known if not known[each].missing)])
        fact = known[name]
        if fact.words:
            return Comparison(name, self._word("a sign", _EQUAL), self._quoted(name, fact.words))
        if fact.high:
            return Comparison(name, self._word("a sign", _SIGNS), self._number(fact.low, fact.high))
        return Flag(name)

    def _parenthesis(self) -> Rule:
        if self._depth == DEEPEST:
            self._refuse(f"at most {DEEPEST} parentheses within each other")
        self._depth += 1
        self._takes("(")
        rule = self.either()
        self.close(")", ")")
        self._depth -= 1
        return rule

    def _relation(self) -> Rule:
        joint = self._word("a joint", JOINTS)
        relation = self._word("a relation", RELATIONS)
        other = self._word("another joint", [name for name in JOINTS if name != joint])
        by = self._number(0.0, 2.0) if self._takes("by") else 0.0
        return Relation(JOINTS[joint], relation, JOINTS[other], by)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _takes(self, text: str) -> bool:
        """Read ``text`` if it comes next, and tell whether it did."""
        if self._next.text != text:
            return False
        self._at += 1
        return True

    def _word(self, what: str, allowed: Collection[str]) -> str:
        """Read one of some words or signs."""
        word = " ".join(self._next.text.split())
        if word not in allowed:
            self._refuse(what, allowed)
        self._at += 1
        return word

    def _quoted(self, what: str, allowed: Collection[str]) -> str:
        word = self._next.text[1:-1]
        if self._next.kind != "quoted" or word not in allowed:
            self._refuse(f"a {what}", [f"'{each}'" for each in allowed])
        self._at += 1
        return word

    def _number(self, low: float, high: float) -> float:
        if self._next.kind != "number" or not low <= float(self._next.text) <= high:
            self._refuse(f"a number from {low:g} to {high:g}")
        self._at += 1
        return float(self._tokens[self._at - 1].text)

    def _refuse(self, expected: str, allowed: Collection[str] = (), listed: bool = True) -> NoReturn:
        """Raise BadRule with what was found, what was expected, and the nearest of the words that may stand here."""
        found = self._next.text
        close = difflib.get_close_matches(found.lower(), allowed, n=1) if found not in allowed else ()
        if close:
            expected += f" (did you mean {close[0]}?)"
        elif allowed and listed:
            expected += f", one of {', '.join(allowed)}"
        raise BadRule(self._next.column, f"found {repr(found) if found else 'the end'}, expected {expected}")
