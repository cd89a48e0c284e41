"""A truth file is read strictly: each problem is named, nothing is guessed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadTruth, NoSource
from edge.tools.evaluate.truth import ClipTruth, parse_truth, read_truth

SECONDS = st.floats(0, 1e4)
NAMES = st.text("abc_-.1", min_size=1, max_size=12)
FALLS = st.fixed_dictionaries(
    {"onto": st.sampled_from(["floor", "bed"])},
    optional={"from": SECONDS, "direction": st.sampled_from(["forward", "right"])},
)
CLIPS = st.fixed_dictionaries(
    {
        "file": NAMES,
        "people": st.integers(0, 10),
        "fall": st.none() | FALLS,
        "present_at_end": st.booleans(),
    },
    optional={
        "seconds": SECONDS,
        "camera": st.sampled_from(["side", "ceiling, straight down", "front, end-on"]),
        "activities": st.lists(st.just(["walking", 0, 1.5]), max_size=2),
        "ends": st.none() | st.just("lying"),
        "time_stretch": st.floats(0.5, 2),
        "set": st.just("own"),
        "note": st.text(max_size=5),
    },
)
FILES = st.lists(CLIPS, min_size=1, max_size=4, unique_by=lambda clip: clip["file"])
FOLDER = Path("/films")


def parse(clips: Any, **others: Any) -> list[ClipTruth]:
    return parse_truth(json.dumps({"clips": clips, **others}).encode(), FOLDER)


def clip(**changes: Any) -> dict[str, Any]:
    return {"file": "a.mp4", "people": 1, "fall": None, "present_at_end": True, **changes}


def fall(**changes: Any) -> dict[str, Any]:
    return clip(fall={"onto": "floor", **changes})


@given(FILES)
def test_what_is_right_is_read(clips: list[dict[str, Any]]) -> None:
    read = parse(clips, sources={"own": "made today"}, truth="times in s")
    assert [each.path for each in read] == [FOLDER / each["file"] for each in clips]
    for said, given_clip in zip(read, clips, strict=True):
        happened = given_clip["fall"] or {}
        assert (said.onto, said.fall_from) == (happened.get("onto"), happened.get("from"))
        assert said.present_at_end is given_clip["present_at_end"]
        assert [list(each) for each in said.activities] == given_clip.get("activities", [])
        assert said.ends == given_clip.get("ends")
        assert said.time_stretch == given_clip.get("time_stretch", 1.0)


@given(st.binary(max_size=50) | FILES.map(lambda clips: json.dumps(clips).encode()))
def test_what_is_no_truth_file_is_refused(text: bytes) -> None:
    with pytest.raises(BadTruth):
        parse_truth(text, FOLDER)


@given(
    FILES,
    st.sampled_from(["file", "people", "fall", "present_at_end", "camera", "seconds", "activities", "time_stretch"]),
    st.sampled_from([-1, "sideways", [["walking", 2, 1]], {"onto": "roof"}, {"onto": "floor", "form": 2}, "\0", ""]),
)
def test_a_wrong_value_is_named(clips: list[dict[str, Any]], key: str, value: Any) -> None:
    if key == "file" and value == "sideways":
        value = 3
    clips[-1][key] = value
    with pytest.raises(BadTruth, match=rf"clip {len(clips)}\b.*{key}"):
        parse(clips)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        (clip(fal=None), "unknown key 'fal', expected file, people"),
        (fall(form=2.0), "clip 1 ('a.mp4'), fall: unknown key 'form', expected onto, from, direction"),
        (fall(onto="roof"), 'onto = \'roof\', expected "floor" or "bed"'),
        (clip(camera="drone"), "camera = 'drone', expected \"side\""),
        (clip(people=True), "people = 'True', expected a whole number"),
        (fall(**{"from": "soon"}), "from = 'soon', expected seconds"),
        ({"file": "a.mp4", "people": 1, "fall": None}, "no key 'present_at_end', expected true or false"),
        ("a.mp4", "clip 1: found 'a.mp4', expected an object with file"),
    ],
)
def test_a_problem_says_what_was_found_and_expected(table: Any, named: str) -> None:
    with pytest.raises(BadTruth) as caught:
        parse([table])
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_problems_are_named_at_once_and_many_are_cut() -> None:
    with pytest.raises(BadTruth) as caught:
        parse([clip(file="a", tall=1), clip(file="b", ends=3), clip(file="a")])
    for named in ("'tall'", "ends = '3'", "clip 3 ('a'): stands there twice"):
        assert named in str(caught.value)
    with pytest.raises(BadTruth, match="and 30 more"):
        parse([clip(file=str(number), wrong=1) for number in range(50)])


@pytest.mark.parametrize("others", [{"clip": []}, {"sources": []}, {"truth": 1}])
def test_the_file_has_no_other_keys(others: dict[str, Any]) -> None:
    with pytest.raises(BadTruth, match=next(iter(others))):
        parse([clip()], **others)


def test_a_file_is_read_and_clips_are_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "truth.json"
    file.write_text(json.dumps({"clips": [clip()]}))
    assert read_truth(file)[0].path == tmp_path / "a.mp4"
    file.write_text("{")
    with pytest.raises(BadTruth, match=r"truth\.json': found not json"):
        read_truth(file)
    with pytest.raises(NoSource, match="there is no file"):
        read_truth(tmp_path / "none.json")
