"""Clips are played through everything and compared with the truth; most of it without the model."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from edge.__main__ import main
from edge.errors import BadInput
from edge.image_quality import ImageQuality
from edge.pose import Person, Pose
from edge.report import configuration
from edge.sense.inference import model
from edge.sense.track import Tracker
from edge.tools.evaluate import clips
from edge.tools.evaluate.clips import (
    ClipFrame,
    FindPersons,
    Playing,
    Results,
    evaluate_clip,
    evaluate_clips,
    with_holds,
)
from edge.tools.evaluate.truth import ClipTruth
from tests.support.camera import make_clip, photo_clip
from tests.support.commands import command
from tests.support.scene_player import SIZE, filmed
from tests.support.stick_people import stick

SHARE = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
COUNTS = {
    "type": "object",
    "properties": {key: {"type": "integer", "minimum": 0} for key in ("of", "suspected", "confirmed")},
    "required": ["of", "suspected", "confirmed"],
    "additionalProperties": False,
}
SCHEMA = Draft202012Validator(
    {
        "type": "object",
        "properties": {
            "clips": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string"},
                        "seen": SHARE,
                        "seen_after_fall": SHARE,
                        "events": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {"time": {"type": "number"}, "kind": {"type": "string"}},
                                "required": ["time", "kind"],
                            },
                        },
                        "present_at_end": {"enum": ["yes", "assumed", "no"]},
                        "postures": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "activity": {"type": "string"},
                                    "from": {"type": "number", "minimum": 0},
                                    "said": {"type": "object", "additionalProperties": SHARE, "minProperties": 1},
                                },
                                "required": ["activity", "from", "said"],
                                "additionalProperties": False,
                            },
                        },
                    },
                    "required": ["file", "seen", "seen_after_fall", "events", "present_at_end"],
                    "additionalProperties": False,
                },
            },
            "falls": COUNTS,
            "everyday": COUNTS,
            "unreadable": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"file": {"type": "string"}, "reason": {"type": "string"}},
                    "required": ["file", "reason"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["clips", "falls", "everyday", "unreadable"],
        "additionalProperties": False,
    }
)
SETTINGS = configuration.load(None, ["publish.max_rate=1000"])
RATE = 10
Film = list[list[Pose]]


def film(scene: str, until: float = 1e9) -> Film:
    """Poses of a scripted scene, at 10 frames a second."""
    return [[person.pose for person in persons] for t, persons in filmed(scene, rate=float(RATE)) if t < until]


def grey(path: Path, frames: int, size: tuple[int, int] = SIZE) -> Path:
    return photo_clip(path, [False] * frames, np.zeros((size[1], size[0], 3), np.uint8))


def scripted(*films: Film) -> Callable[[], FindPersons]:
    """Find the poses of films, one film after the other, by the numbers of the frames, whatever the picture."""
    waiting = iter(films)

    def begin() -> FindPersons:
        film, tracker = next(waiting), Tracker(SETTINGS.track)
        return lambda frame, now: tracker.update(film[frame.number], now)

    return begin


def nobody() -> FindPersons:
    return lambda frame, now: []


def truth(path: Path, onto: str | None = None, fall_from: float | None = None, stretch: float = 1.0) -> ClipTruth:
    return ClipTruth(path.name, path, onto, fall_from, True, stretch)


def kinds(result: dict[str, Any]) -> list[str]:
    return [event["kind"] for event in result["events"]]


def test_falls_and_everyday_clips_are_counted_apart(tmp_path: Path) -> None:
    cast = [("fall-forward", "floor"), ("fall-forward", None), ("fall-forward", "bed"), ("pick-up", None)]
    films = {name: film(name) for name, _ in cast}
    paths = {name: grey(tmp_path / f"{name}.mkv", len(shown)) for name, shown in films.items()}
    truths = [truth(paths[name], onto) for name, onto in cast]
    results = Results()
    evaluate_clips(truths, Playing(SETTINGS, scripted(*(films[name] for name, _ in cast))), results)
    result = results.as_json()
    SCHEMA.validate(result)
    assert result["falls"] == {"of": 1, "suspected": 1, "confirmed": 1}
    assert result["everyday"] == {"of": 2, "suspected": 1, "confirmed": 1}
    assert [clip["present_at_end"] for clip in result["clips"]] == ["yes"] * 4
    text = clips.as_text(results)
    assert "falls onto the floor         1          1          1" in text
    assert "fall confirmed, person 1" in text


def test_a_clip_that_ends_with_the_fall_is_confirmed_in_what_is_played_afterwards(tmp_path: Path) -> None:
    whole = film("fall-forward")
    clip = grey(tmp_path / "whole.mkv", len(whole))
    events = evaluate_clip(truth(clip, "floor"), Playing(SETTINGS, scripted(whole)))["events"]
    suspected = next(event["time"] for event in events if event["kind"] == "fall_suspected")
    cut = film("fall-forward", until=suspected + 1.0)
    for after, expected in ((0.0, False), (12.0, True)):
        cut_clip = grey(tmp_path / f"{after}.mkv", len(cut))
        playing = Playing(SETTINGS, scripted(cut), after=after)
        result = evaluate_clip(truth(cut_clip, "floor", suspected), playing)
        assert "fall_suspected" in kinds(result)
        assert ("fall_confirmed" in kinds(result)) is expected


def test_events_before_the_first_frame_have_negative_times(tmp_path: Path) -> None:
    here = [[stick(300)]] * 10
    result = evaluate_clip(truth(grey(tmp_path / "a.mkv", 10)), Playing(SETTINGS, scripted(here), before=3.0))
    (arrived,) = (event for event in result["events"] if event["kind"] == "arrived")
    assert -3.0 < arrived["time"] < -2.0


def test_the_share_of_frames_with_somebody_is_that_of_the_clip_alone(tmp_path: Path) -> None:
    seen: Film = [[stick(300)]] * 4 + [[]] * 6 + [[stick(300)]] * 10
    playing = Playing(SETTINGS, scripted(seen), before=3.0, after=3.0)
    result = evaluate_clip(truth(grey(tmp_path / "a.mkv", 20), "floor", 0.4), playing)
    assert result["seen"] == 0.7
    assert result["seen_after_fall"] == 0.625
    faint: Film = [[stick(300, score=0.4)]] * 20
    assert evaluate_clip(truth(tmp_path / "a.mkv"), Playing(SETTINGS, scripted(faint)))["seen"] == 1
    strict = configuration.load(None, ["people.sensitivity=low"])
    assert evaluate_clip(truth(tmp_path / "a.mkv"), Playing(strict, scripted(faint)))["seen"] == 0


def test_somebody_who_is_lost_in_the_middle_is_assumed_at_the_end(tmp_path: Path) -> None:
    shown: Film = [*film("sit", until=4.5), *[[]] * 10]
    clip = grey(tmp_path / "a.mkv", len(shown))
    result = evaluate_clip(truth(clip), Playing(SETTINGS, scripted(shown), after=8.0))
    assert result["present_at_end"] == "assumed"


def test_postures_are_compared_with_activities_and_the_end(tmp_path: Path) -> None:
    shown = film("sit-fast", until=8.0)
    clip = grey(tmp_path / "a.mkv", len(shown))
    does = truth(clip)._replace(activities=(("standing", 0.0, 2.0), ("eating", 3.0, 8.0)), ends="sitting")
    results = Results()
    evaluate_clips([does], Playing(SETTINGS, scripted(shown), after=3.0), results)
    SCHEMA.validate(results.as_json())
    assert results.clips[0][1]["postures"] == [
        {"activity": "standing", "from": 0.0, "said": {"standing": 1.0}},
        {"activity": "sitting", "from": 7.9, "said": {"sitting": 1.0}},
    ]
    assert "sitting                      1      100 %        0 %        0 %" in clips.as_text(results)


@pytest.mark.parametrize("size", [SIZE, (480, 640)])
@pytest.mark.parametrize("people", [0, 10])
def test_nobody_and_ten_people_across_and_upright(tmp_path: Path, size: tuple[int, int], people: int) -> None:
    shown: Film = [[stick(25 + 40 * n, height=100) for n in range(people)]] * 20
    result = evaluate_clip(truth(grey(tmp_path / "a.mkv", 20, size)), Playing(SETTINGS, scripted(shown)))
    assert result["seen"] == bool(people)
    assert ("arrived" in kinds(result)) is bool(people)
    assert result["present_at_end"] == ("yes" if people else "no")


@pytest.mark.parametrize(
    ("rate", "stretch", "times"),
    [
        (None, 1.0, [n / 10 for n in range(20)]),
        (5.0, 1.0, [n / 5 for n in range(10)]),
        (50.0, 1.0, [n / 10 for n in range(20)]),
        (None, 2.0, [n / 5 for n in range(20)]),
        (2.5, 2.0, [n * 0.4 for n in range(10)]),
        (4.0, 1.0, [0.0, 0.3, 0.5, 0.8, 1.0, 1.3, 1.5, 1.8]),
    ],
)
def test_frames_are_taken_by_their_times(
    tmp_path: Path, rate: float | None, stretch: float, times: list[float]
) -> None:
    clip = make_clip(tmp_path / "a.mkv", rate=10, frames=20)
    playing = Playing(SETTINGS, nobody, rate)
    assert [frame.time for frame in clips.clip_frames(truth(clip, stretch=stretch), playing)] == pytest.approx(times)


@given(
    st.lists(st.floats(0.01, 0.5), max_size=30),
    st.floats(0, 5),
    st.floats(0, 5),
)
def test_beginning_and_end_are_played_to_and_fro(gaps: list[float], before: float, after: float) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    frames = [ClipFrame(number, float(time), picture) for number, time in enumerate(np.cumsum([0.0, *gaps]))]
    end = frames[-1].time
    shown = list(with_holds(iter(frames), before, after))
    moments = [moment for moment, _ in shown]
    assert moments == sorted(set(moments))
    assert -before <= moments[0] <= 0
    assert end <= moments[-1] <= end + after
    assert moments[0] <= -before + 0.7
    assert moments[-1] >= end + after - 0.7
    inside = [(moment, frame.number) for moment, frame in shown if 0 <= moment <= end]
    assert inside == [(frame.time, frame.number) for frame in frames]
    for moment, frame in shown:
        assert moment >= 0 or frame.time <= 0.7
        assert moment <= end or frame.time >= end - 0.7
    if len(frames) > 1:
        for (one, first), (other, second) in itertools.pairwise(shown):
            # Nobody jumps, or moves at another speed than in the clip.
            assert abs(second.number - first.number) == 1
            assert other - one == pytest.approx(abs(second.time - first.time))


def test_a_clip_without_a_frame_is_no_clip(tmp_path: Path) -> None:
    (tmp_path / "a.mkv").write_bytes(make_clip(tmp_path / "b.mkv").read_bytes()[:700])
    with pytest.raises(BadInput, match=r"a\.mkv"):
        evaluate_clip(truth(tmp_path / "a.mkv"), Playing(SETTINGS, nobody))


def write_truth(folder: Path, *names: str, **changes: Any) -> str:
    file = folder / "truth.json"
    entry = {"people": 1, "fall": None, "present_at_end": True, **changes}
    file.write_text(json.dumps({"clips": [{"file": name, **entry} for name in names]}))
    return str(file)


def test_ctrl_c_prints_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(frame: ClipFrame, now: float) -> list[Person]:
        raise KeyboardInterrupt

    finders = iter((lambda frame, now: [Person(1, stick(300))], interrupted))
    monkeypatch.setattr(clips, "person_finder", lambda *_: next(finders))
    for name in ("a.mkv", "b.mkv"):
        grey(tmp_path / name, 10)
    assert main(["evaluate", "--clips", write_truth(tmp_path, "a.mkv", "b.mkv"), "--json"]) == 130
    out, err = capsys.readouterr()
    result = json.loads(out)
    SCHEMA.validate(result)
    assert [clip["file"] for clip in result["clips"]] == ["a.mkv"]
    assert "stopped after 1 of 2 clips" in err


def test_one_model_is_loaded_for_all_clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []
    make = model.make_interpreter

    def counted(content: bytes, threads: int) -> Any:
        loaded.append(len(content))
        return make(content, threads)

    monkeypatch.setattr(model, "make_interpreter", counted)
    for name in ("a.mkv", "b.mkv", "c.mkv"):
        grey(tmp_path / name, 3)
    file = write_truth(tmp_path, "a.mkv", "b.mkv", "c.mkv")
    assert main(["evaluate", "--clips", file, "--model=fast", "--before=0", "--after=0", "--json"]) == 0
    assert len(loaded) == 1


def test_the_real_model_and_a_clip_that_is_not_there(tmp_path: Path, astronaut: np.ndarray) -> None:
    photo_clip(tmp_path / "a.mkv", [True] * 15, astronaut)
    (tmp_path / "text.mkv").write_text("no clip")
    file = write_truth(tmp_path, "text.mkv", "none.mkv", "a.mkv")
    result = command("evaluate", "--clips", file, "--model", "fast", "--rate", "5", "--before=1", "--after=1", "--json")
    assert result.returncode == 66
    assert "2 of 3 clips could not be read" in result.stderr
    printed = json.loads(result.stdout)
    SCHEMA.validate(printed)
    (clip,) = printed["clips"]
    assert (clip["file"], clip["seen"], clip["seen_after_fall"], clip["present_at_end"]) == ("a.mkv", 1.0, None, "yes")
    assert [each["file"] for each in printed["unreadable"]] == ["text.mkv", "none.mkv"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--clips=none.json"], 66, "there is no file 'none.json'"),
        (["--clips={truth}"], 65, "unknown key 'faal'"),
        (["--clips={truth}", "--rate=0"], 64, "--rate 0: expected a number above 0"),
        (["--clips={truth}", "--rate=nan"], 64, "--rate nan"),
        (["--clips={truth}", "--after=-1"], 64, "--after -1: expected seconds, 0 to 3600"),
    ],
)
def test_a_mistake_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    file = write_truth(tmp_path, "a.mkv", faal=1)
    assert main(["evaluate", *(each.format(truth=file) for each in arguments)]) == code
    out, err = capsys.readouterr()
    assert not out
    assert said in err
    assert err.count("\n") == 1


def test_nobody_found_in_the_dark_is_nobody_who_left(tmp_path: Path) -> None:
    here = film("stand-still", until=3.0)
    shown = here + [[] for _ in range(12 * RATE)]
    clip = truth(grey(tmp_path / "a.mkv", len(shown)))
    for measure, said in ((None, ["arrived", "left"]), (lambda _: ImageQuality(0.01, 0.2, 2.0), ["arrived"])):
        assert kinds(evaluate_clip(clip, Playing(SETTINGS, scripted(shown), measure=measure))) == said
