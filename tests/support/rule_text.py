"""Rules of all kinds, and how they are spelled."""

from hypothesis import strategies as st

from edge.config.settings import FloorSettings, Settings, ZoneSettings
from edge.report.analytics.registry import FACTS, facts
from edge.report.analytics.rule_language import JOINTS, RELATIONS, And, Comparison, Flag, For, Not, Or, Relation, Rule

SETTINGS = Settings(
    floor=FloorSettings(camera_height=2.2, tilt=20.0, field_of_view=62.0),
    zone=tuple(ZoneSettings(name=name, polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))) for name in ("shelf", "bed")),
)
KNOWN = facts(SETTINGS)


def _is_flag(name: str) -> bool:
    return not (KNOWN[name].words or KNOWN[name].high)


def _comparisons(name: str) -> st.SearchStrategy[Comparison]:
    fact = KNOWN[name]
    if fact.words:
        return st.builds(Comparison, st.just(name), st.sampled_from(("==", "!=")), st.sampled_from(fact.words))
    numbers = st.integers(0, int(10 * fact.high)).map(lambda tenths: tenths / 10)
    return st.builds(Comparison, st.just(name), st.sampled_from(("==", "!=", "<", "<=", ">", ">=")), numbers)


_RELATIONS = st.builds(
    lambda joints, relation, by: Relation(joints[0], relation, joints[1], by),
    st.lists(st.sampled_from(tuple(JOINTS.values())), min_size=2, max_size=2, unique=True),
    st.sampled_from(RELATIONS),
    st.sampled_from((0.0, 0.1, 1.5)),
)
_ATOMS = st.one_of(
    _RELATIONS,
    st.builds(Flag, st.sampled_from([name for name in FACTS if _is_flag(name)])),
    st.sampled_from([name for name in FACTS if not _is_flag(name)]).flatmap(_comparisons),
)


def rules(lasting: bool = True) -> st.SearchStrategy[Rule]:
    """Any rule; lasting: with ``for`` too."""

    def larger(rule: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
        parts = st.lists(rule, min_size=2, max_size=3).map(tuple)
        made = [st.builds(Not, rule), st.builds(And, parts), st.builds(Or, parts)]
        if lasting:
            made.append(st.builds(For, rule, st.sampled_from((0.1, 1.0, 2.5, 120.0)), st.just(0)))
        return st.one_of(made)

    return st.recursive(_ATOMS, larger, max_leaves=5)


def spell(rule: Rule) -> str:
    """The text of a rule, with a parenthesis only where one is needed."""
    joints = {name: spelled for spelled, name in JOINTS.items()}
    match rule:
        case Relation(joint, relation, other, by):
            return f"{joints[joint]} {relation} {joints[other]}" + (f" by {by}" if by else "")
        case Flag(fact):
            return fact
        case Comparison(fact, sign, str(word)):
            return f"{fact} {sign} '{word}'"
        case Comparison(fact, sign, value):
            return f"{fact}{sign}{value}"
        case Not(part):
            return f"not {_within(part, And, Or, For, Not)}"
        case For(part, seconds):
            return f"{_within(part, And, Or, For)} for {seconds} s"
        case And(parts):
            return " and ".join(_within(part, And, Or) for part in parts)
        case Or(parts):
            return " or ".join(_within(part, Or) for part in parts)


def _within(rule: Rule, *kinds: type) -> str:
    return f"({spell(rule)})" if isinstance(rule, kinds) else spell(rule)
