"""Hands, waving and exercises on every scene: what is there is said, and nothing else."""

import pytest

from edge.report.analytics.base import Detector
from edge.report.analytics.body.body import Body, People
from edge.report.analytics.detectors.exercise import Exercise, RepetitionsSettings
from edge.report.analytics.detectors.raised_hand import HandsSettings, RaisedHand
from edge.report.analytics.detectors.waving import Waving, WavingSettings
from edge.report.analytics.event import Event
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import SCENES
from tests.support.scene_player import SIZE, filmed, nobody

REST = 13.0
"""Seconds after which an exercise has ended."""
HAPPENS = {
    "wave": ["waving right"],
    "raise-hand": ["hand_raised right", "hand_lowered"],
    "both-hands": ["both_hands_raised", "hand_lowered"],
    "squats": ["exercise_ended squats 8"],
    "slow-squats": ["exercise_ended squats 4"],
    "jumping-jacks": ["exercise_ended jumping_jacks 10"],
    "arm-raises": ["exercise_ended arm_raises 8"],
}
"""By scene, without each repetition; in all the others nothing happens."""


def seen(name: str, camera: Camera, rate: float, noise: Noise, seed: int) -> list[tuple[float, list[Body]]]:
    """A scene, and then nobody for a while."""

    people = People()
    played = [(t, people.see(persons, SIZE, t)) for t, persons in filmed(name, camera, rate, noise, seed)]
    return played + [(t, []) for t, _ in nobody(REST, rate, played[-1][0] + 1 / rate)]


def gestures() -> list[Detector]:
    return [RaisedHand(HandsSettings()), Waving(WavingSettings()), Exercise(RepetitionsSettings())]


def said(name: str, camera: Camera, rate: float, noise: Noise = EXACT, seed: int = 0) -> list[Event]:
    meanings = gestures()
    return [
        event
        for t, bodies in seen(name, camera, rate, noise, seed)
        for meaning in meanings
        for event in meaning.update(bodies, t)
    ]


def spoken(events: list[Event]) -> list[str]:
    return [" ".join(map(str, (event.kind, *event.details.values()))) for event in events if event.kind != "repetition"]


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
@pytest.mark.parametrize("name", SCENES)
def test_without_noise_what_is_said_is_exactly_what_happens(name: str, camera: Camera) -> None:
    for rate in (5.0, 10.0, 15.0) if name in HAPPENS else (10.0,):
        assert spoken(said(name, camera, rate)) == HAPPENS.get(name, []), rate


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
@pytest.mark.parametrize("name", SCENES)
def test_noise_makes_no_gesture_and_hides_none(name: str, camera: Camera) -> None:
    """A repetition may be lost or found."""
    for rate, seed in ((8.0, 0), (10.0, 1), (15.0, 2)) if name in HAPPENS else ((10.0, 0),):
        expected, found = HAPPENS.get(name, []), spoken(said(name, camera, rate, Noise(), seed))
        if found != expected:
            (ended,), (told,) = found, expected
            assert ended.split()[:-1] == told.split()[:-1]
            assert abs(int(ended.split()[-1]) - int(told.split()[-1])) <= 1


def test_states_and_events_have_fixed_words() -> None:
    meanings = gestures()
    assert [set(meaning.state) for meaning in meanings] == [
        {"hand_raised", "both_hands_raised"},
        {"waving"},
        {"exercise", "repetitions", "tempo"},
    ]
    for meaning in meanings:
        meaning.update([], 0.0)
        assert set(meaning.state.values()) <= {False, "none"}


@pytest.mark.parametrize("name", ["both-hands", "wave", "squats", "two-cross", "fall"])
def test_ids_that_jump_cause_no_alarm(name: str) -> None:
    """Each second somebody else: nothing is said that isn't said of one who stays."""
    meanings = gestures()
    happened = set()
    for t, bodies in seen(name, CORNER, 10.0, EXACT, 0):
        others = [body._replace(id=int(t) * 10 + body.id) for body in bodies]
        for meaning in meanings:
            happened |= {event.kind for event in meaning.update(others, t)}
    assert happened <= {told.split()[0] for told in HAPPENS.get(name, [])}
    assert all(len(meaning.by_person) <= 7 for meaning in meanings)  # type: ignore[attr-defined]
