"""Reads a rule, as ``left_wrist above left_shoulder for 2 s and zone == 'shelf'``: by recursive descent, no eval.

either = both {"or" both}
both   = lasts {"and" lasts}
lasts  = ["not"] one ["for" NUMBER ("s" | "min")]
one    = "(" either ")" | JOINT RELATION JOINT ["by" NUMBER] | FLAG | WORD_FACT ("==" | "!=") 'WORD'
       | NUMBER_FACT ("==" | "!=" | "<" | "<=" | ">" | ">=") NUMBER
"""

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple, NoReturn

from edge.config.rules.ast import MIDDLES, RELATIONS, And, Comparison, Flag, For, Not, Or, Relation, Rule
from edge.config.rules.facts import FACTS, Fact
from edge.errors import BadRule
from edge.pose import KEYPOINT_NAMES

LONGEST = 500
"""Characters."""
DEEPEST = 20
"""Parentheses within each other."""

JOINTS = {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): name for name in KEYPOINT_NAMES}
JOINTS |= {name: name for name in MIDDLES}
"""From how a rule spells a joint to how a body does."""

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
    """The rule that a text spells. facts: those that are found out, of ``edge.config.rules.facts``.

    Raises BadRule with the column, what was found there and what was expected.
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
    """One verb for each line of the grammar; each takes from the text what it reads."""

    def __init__(self, text: str, facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self._tokens = [_Token(str(m.lastgroup), m[0], m.start() + 1) for m in _TOKEN.finditer(text)]
        self._tokens.append(_Token("end", "", len(text.rstrip()) + 1))
        self._at = 0
        self._depth = 0

    def either(self) -> Rule:
        return self._joined("or", lambda: self._joined("and", self._lasts, And), Or)

    def close(self, sign: str, spoken: str) -> None:
        """The end of a rule, or of one in parentheses."""
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
        if self._next.text in FACTS and self._next.text not in self._facts:
            self._refuse_unfound(FACTS[self._next.text].section)
        name = self._word("a joint or a fact", [*JOINTS, *self._facts])
        fact = self._facts[name]
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
        """Whether that is what comes next; if so, it is read."""
        if self._next.text != text:
            return False
        self._at += 1
        return True

    def _word(self, what: str, allowed: Collection[str]) -> str:
        """One of some words or signs."""
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
        """What was found, what was expected instead, and which of the words that may stand here is the nearest."""
        found = self._next.text
        close = difflib.get_close_matches(found.lower(), allowed, n=1) if found not in allowed else ()
        if close:
            expected += f" (did you mean {close[0]}?)"
        elif allowed and listed:
            expected += f", one of {', '.join(allowed)}"
        raise BadRule(self._next.column, f"found {repr(found) if found else 'the end'}, expected {expected}")

    def _refuse_unfound(self, section: str) -> NoReturn:
        """A fact that nothing finds out."""
        why = "is switched off; expected enabled = true there"
        missing = "there is no [[zone]]" if section == "zone" else f"[{section}] {why}"
        raise BadRule(self._next.column, f"found {self._next.text!r}, but {missing}")
