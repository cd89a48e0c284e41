"""What is said of postures is compared with what people do."""

from pathlib import Path

from edge.tools.evaluate.postures import Postures, posture_lines
from edge.tools.evaluate.truth import ClipTruth

TRUTH = ClipTruth("a.mp4", Path("a.mp4"), None, None, True, 1.0, (("walking", 0, 2), ("squatting", 2, 4)), "lying")


def said(
    truth: ClipTruth, words: dict[float, str | None], end: float = 6.0
) -> list[tuple[str, float, dict[str, float]]]:
    postures = Postures(truth, end, settle=1.0)
    for now, word in words.items():
        postures.note(word, now)
    return [(each["activity"], each["from"], each["said"]) for each in postures.as_json()]


def test_each_activity_has_the_shares_of_the_words_that_were_said_once_they_could_settle() -> None:
    words = {-1.0: "lying", 0.5: "lying", 1.0: "standing", 2.0: None, 2.5: "standing", 3.0: "sitting", 4.5: "bending"}
    assert said(TRUTH, words) == [
        ("walking", 0.0, {"standing": 0.5, "unknown": 0.5}),
        ("squatting", 2.0, {"sitting": 1.0}),
    ]


def test_the_end_is_what_is_played_after_the_clip() -> None:
    assert said(TRUTH, {6.5: "standing", 7.0: "lying", 9.0: "lying"}) == [("lying", 6.0, {"lying": 1.0})]


def test_the_times_of_a_clip_that_plays_too_fast_are_stretched() -> None:
    slow = TRUTH._replace(time_stretch=2.0)
    assert said(slow, {3.0: "standing", 4.5: "standing", 5.0: "sitting"}) == [
        ("walking", 0.0, {"standing": 1.0}),
        ("squatting", 4.0, {"sitting": 1.0}),
    ]


def test_activities_that_are_no_posture_are_not_compared() -> None:
    assert said(TRUTH._replace(activities=(("eating", 0, 9),), ends=None), {3.0: "sitting"}) == []
    assert posture_lines([[], []]) == []


def test_each_activity_counts_alike_in_the_sums() -> None:
    one = {"activity": "kneeling", "from": 0.0, "said": {"sitting": 0.5, "bending": 0.5}}
    other = {"activity": "kneeling", "from": 3.0, "said": {"standing": 0.25, "unknown": 0.75}}
    _, head, line = posture_lines([[one], [other]])
    assert head.split() == ["posture", "said", "while", "times", "right", "wrong", "unknown"]
    assert line.split() == ["kneeling", "2", "50", "%", "12", "%", "38", "%"]
