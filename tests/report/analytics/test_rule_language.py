"""Rules as they are spelled: every one is read, and whatever else is refused, where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import Settings
from edge.errors import BadRule
from edge.pose import KEYPOINT_NAMES
from edge.report.analytics.detectors.waving import WavingSettings
from edge.report.analytics.registry import FACTS, facts
from edge.report.analytics.rule_language import (
    DEEPEST,
    JOINTS,
    LONGEST,
    And,
    Comparison,
    Flag,
    For,
    Not,
    Or,
    Relation,
    Rule,
    is_of_person,
    parse,
)
from tests.support.rule_text import KNOWN, rules, spell

OCCUPIED, WAVING, RAISED = Flag("occupied"), Flag("waving"), Flag("hand_raised")
ABOVE = Relation("leftWrist", "above", "leftShoulder", 0.0)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (
            "left_wrist above left_shoulder for 2 s and zone == 'shelf'",
            And((For(ABOVE, 2.0, 0), Comparison("zone", "==", "shelf"))),
        ),
        ("left_wrist  above\tleft_shoulder ", ABOVE),
        ("head left of hips", Relation("head", "left of", "hips", 0.0)),
        ("feet right  of nose by .25", Relation("feet", "right of", "nose", 0.25)),
        ('zone != "bed"', Comparison("zone", "!=", "bed")),
        ("people>=2", Comparison("people", ">=", 2.0)),
        ("occupied for 2.5min", For(OCCUPIED, 150.0, 0)),
        ("occupied and waving or hand_raised", Or((And((OCCUPIED, WAVING)), RAISED))),
        ("occupied or waving and hand_raised", Or((OCCUPIED, And((WAVING, RAISED))))),
        ("(occupied or waving) and hand_raised", And((Or((OCCUPIED, WAVING)), RAISED))),
        ("occupied and (waving and hand_raised)", And((OCCUPIED, And((WAVING, RAISED))))),
        ("occupied and waving for 1 s", And((OCCUPIED, For(WAVING, 1.0, 0)))),
        ("(occupied and waving) for 1 s", For(And((OCCUPIED, WAVING)), 1.0, 0)),
        ("not occupied for 60 s", For(Not(OCCUPIED), 60.0, 0)),
        ("not (occupied for 60 s)", Not(For(OCCUPIED, 60.0, 0))),
        ("not occupied and waving", And((Not(OCCUPIED), WAVING))),
        ("((occupied))", OCCUPIED),
        (" or ".join(["(occupied)"] * (DEEPEST + 1)), Or((OCCUPIED,) * (DEEPEST + 1))),
    ],
)
def test_a_rule_is_read(text: str, rule: Rule) -> None:
    assert parse(text, KNOWN) == rule


@given(rules())
def test_every_rule_is_read_as_it_was_spelled(rule: Rule) -> None:
    assert parse(spell(rule), KNOWN) == rule


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("left_wirst above nose", 1, ["found 'left_wirst'", "expected a joint", "did you mean left_wrist?"]),
        ("waving and leftWrist above nose", 12, ["'leftWrist'", "did you mean left_wrist?"]),
        ("nose above left-wrist", 12, ["'left-wrist'", "did you mean left_wrist?"]),
        ("xyz", 1, ["found 'xyz'", "one of nose, left_eye", "feet", "people"]),
        ("nose above nose", 12, ["expected another joint"]),
        ("nose abov head", 6, ["'abov'", "expected a relation", "did you mean above?"]),
        ("nose left head", 6, ["'left'", "did you mean left of?"]),
        ("nose above hips by 3", 20, ["'3'", "a number from 0 to 2"]),
        ("zone = 'bed'", 6, ["'='", "did you mean ==?"]),
        ("zone < 'bed'", 6, ["'<'", "one of ==, !="]),
        ("zone == 'shlf'", 9, ["a zone", "did you mean 'shelf'?"]),
        ("zone == shelf", 9, ["a zone", "did you mean 'shelf'?"]),
        ("zone == xbedx", 9, ["'xbedx'", "expected a zone"]),
        ("zone == 'shelf", 9, ["a zone", "one of 'shelf', 'bed'"]),
        ("people >= two", 11, ["'two'", "a number from 0 to 20"]),
        ("people >= 21", 11, ["'21'", "a number from 0 to 20"]),
        ("people > -1", 10, ["'-'", "a number from 0 to 20"]),
        ("people", 7, ["found the end", "a sign"]),
        ("occupied == true", 10, ["'=='", "expected and, or or the end"]),
        ("occupied AND waving", 10, ["'AND'", "did you mean and?"]),
        ("occupied fro 2 s", 10, ["'fro'", "did you mean for?"]),
        ("occupied for 0 s", 14, ["'0'", "a number from 0.1 to 86400"]),
        ("occupied for 2", 15, ["found the end", "a unit of time, one of s, min"]),
        ("occupied for 2 s for 2 s", 18, ["'for'", "expected and, or or the end"]),
        ("occupied for 2 hours", 16, ["'hours'", "a unit of time"]),
        ("(occupied", 10, ["found the end", "expected and, or or )"]),
        ("occupied)", 9, ["')'", "expected and, or or the end"]),
        ("occupied and  ", 13, ["found the end", "a joint or a fact"]),
        ("occupied\nand waving", 9, [r"'\n'"]),
        ("", 1, ["found the end"]),
        ("not not occupied", 5, ["'not'", "a joint or a fact"]),
        ("__import__('os').system('id')", 1, ["'__import__'"]),
        ("(" * (DEEPEST + 1) + "occupied", DEEPEST + 1, [f"at most {DEEPEST} parentheses"]),
        ("x" * (LONGEST + 1), LONGEST + 1, [f"{LONGEST + 1} characters", f"at most {LONGEST}"]),
    ],
)
def test_what_is_wrong_is_refused_with_its_column(text: str, column: int, words: list[str]) -> None:
    with pytest.raises(BadRule) as refused:
        parse(text, KNOWN)
    assert refused.value.column == column
    message = str(refused.value)
    assert message.startswith(f"column {column}: ")
    assert "\n" not in message
    for word in words:
        assert word in message


def test_nobody_is_asked_whether_what_was_found_was_meant() -> None:
    with pytest.raises(BadRule, match=r"found 'for', expected and, or or the end$"):
        parse("occupied for 2 s for 2 s", KNOWN)


def test_what_nothing_finds_out_is_refused() -> None:
    known = facts(Settings(detectors={"waving": WavingSettings(enabled=False)}))
    with pytest.raises(BadRule, match=r"column 14: found 'waving', but \[waving\] is switched off"):
        parse("occupied and waving", known)
    with pytest.raises(BadRule, match=r"column 1: found 'zone', but there is no \[\[zone\]\]"):
        parse("zone == 'bed'", known)


WORDS = ("above", "left", "of", "left of", "by", "for", "s", "min", "and", "or", "not")
SIGNS = ("(", ")", "==", "=", ">", "'bed'", '"', "'", "2", "0.5", ".", "1e9", "-", "é", "٣", "😀", "\t", "\n", "\0")
PIECES = st.sampled_from((*JOINTS, *FACTS, *WORDS, *SIGNS))


@given(st.one_of(st.text(max_size=LONGEST + 5), st.lists(PIECES, max_size=40).map(" ".join)))
def test_any_text_is_read_or_refused_within_it(text: str) -> None:
    try:
        rule = parse(text, KNOWN)
    except BadRule as refused:
        assert 1 <= refused.column <= len(text) + 1
        assert str(refused).isprintable()
    else:
        assert parse(spell(rule), KNOWN) == rule


def test_every_keypoint_has_a_name_in_rules() -> None:
    assert set(KEYPOINT_NAMES) < set(JOINTS.values())
    assert JOINTS["left_wrist"] == "leftWrist"
    assert not set(JOINTS) & set(FACTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("occupied and people == 1", False),
        ("not (occupied for 2 s)", False),
        ("occupied or nose above hips", True),
        ("not (zone == 'bed' for 2 s)", True),
        ("waving", True),
    ],
)
def test_which_rules_are_about_persons(text: str, expected: bool) -> None:
    assert is_of_person(parse(text, KNOWN), KNOWN) is expected
