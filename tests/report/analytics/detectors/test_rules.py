"""Rules of one's own, at work: what is unknown, what lasts, and of whom they are."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import RuleSettings, Settings, ZoneSettings
from edge.config.shapes import find_floor
from edge.pose import KEYPOINT_NAMES, Keypoint, Person, Pose
from edge.report.analytics.base import Context, State, state_by_person
from edge.report.analytics.body.body import Body, People
from edge.report.analytics.detectors.rules import Rules
from edge.report.analytics.engine import SILENT_AFTER, Engine
from edge.report.analytics.event import Event
from edge.report.analytics.registry import FACTS, REGISTRATIONS, STATE, facts
from edge.report.analytics.rule_language import Rule
from edge.report.analytics.signal.kleene import Truth
from edge.report.analytics.signal.on_delay import OnDelay
from edge.report.fields import Flag
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import SCENES
from edge.wire import FrameLine
from tests.support.everything import EVERYTHING
from tests.support.rule_text import KNOWN, SETTINGS, rules, spell
from tests.support.scene_player import SIZE, Said, act, filmed, kinds, play

RIGHT_HALF = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
EVERYWHERE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
NOWHERE = ((0.0, 0.0), (0.01, 0.0), (0.01, 0.01), (0.0, 0.01))
TRUTHS = st.sampled_from((True, False, None))


class Told:
    """A meaning that knows what it is told."""

    def __init__(self, state: State | None = None, each: dict[int, State] | None = None) -> None:
        self.state = dict.fromkeys((*FACTS, "zones")) | (state or {})
        self.by_person = each or {}

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        return []


def made(when: str, *others: Told) -> Rules:
    return Rules((RuleSettings(name="r", when=when),), KNOWN, others)


def someone(number: int = 1, **places: tuple[float, float]) -> Person:
    """A person of whom nothing is seen but these keypoints, px."""
    points = (Keypoint(*places.get(name, (0, 0)), 0.9 if name in places else 0.1) for name in KEYPOINT_NAMES)
    return Person(number, Pose(0.8, tuple(points)))


def value(rules: Rules, times: Sequence[float], *persons: Person) -> Truth:
    """What is so after looks at these persons at these times."""
    people = People()
    for now in times:
        rules.update(people.see(persons, SIZE, now), now)
    found: Truth = rules.state["rules"]["r"]
    return found


def told(when: str, said: Sequence[tuple[float, Truth]]) -> list[Said]:
    """What a rule about ``occupied`` said while that was known to be so."""
    told = Told()
    rules, found = made(when, told), []
    for now, truth in said:
        told.state = {"occupied": truth}
        found.append(Said(now, rules.update([], now), rules.state["rules"]))
    return found


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("left_wrist above nose", True),
        ("nose above left_wrist", False),
        ("nose below left_wrist", True),
        ("left_wrist left of nose", False),
        ("left_wrist right of nose", True),
        ("left_wrist above right_wrist", None),
        ("left_wrist above head", True),
        ("left_wrist above shoulders", True),
        ("hips below shoulders", True),
        ("feet below hips", None),
        # The trunk of 144 px is that of somebody 500 px tall; the wrist is 100 px above the nose.
        ("left_wrist above nose by 0.19", True),
        ("left_wrist above nose by 0.21", False),
    ],
)
def test_relations_are_those_of_the_picture(when: str, expected: Truth) -> None:
    person = someone(leftWrist=(300, 100), nose=(200, 200), leftShoulder=(220, 244), leftHip=(220, 388))
    assert value(made(when), (0.0, 1.0), person) is expected


def test_a_margin_is_unknown_where_nobody_knows_how_tall_somebody_is() -> None:
    person = someone(leftWrist=(300, 100), nose=(200, 200))
    assert value(made("left_wrist above nose"), (0.0, 1.0), person) is True
    assert value(made("left_wrist above nose by 0.1"), (0.0, 1.0), person) is None


@pytest.mark.parametrize(
    ("when", "state", "each", "expected"),
    [
        ("occupied", {"occupied": True}, {}, True),
        ("occupied", {"occupied": None}, {}, None),
        ("occupied", {}, {}, None),
        ("not occupied", {"occupied": False}, {}, True),
        ("people >= 2", {"people": 2}, {}, True),
        ("people > 2", {"people": 2}, {}, False),
        ("people <= 2", {"people": 2}, {}, True),
        ("people < 2", {"people": 2}, {}, False),
        ("people == 2", {"people": 2}, {}, True),
        ("people != 2", {"people": 2}, {}, False),
        ("people != 2", {"people": None}, {}, None),
        ("approach == 'still'", {"approach": "still"}, {}, True),
        ("exercise == 'squats'", {}, {1: {"exercise": "squats"}}, True),
        ("exercise != 'squats'", {}, {1: {"exercise": "arm_raises"}}, True),
        ("waving", {"waving": True}, {1: {"waving": False}}, False),
        ("waving", {"waving": True}, {7: {"waving": True}}, None),
        ("zone == 'shelf'", {}, {1: {"zone": {"shelf": True, "bed": True}}}, True),
        ("zone == 'bed'", {}, {1: {"zone": {"shelf": True, "bed": True}}}, True),
        ("zone != 'bed'", {}, {1: {"zone": {"shelf": True, "bed": False}}}, True),
        ("zone != 'bed'", {}, {1: {"zone": {"shelf": True, "bed": None}}}, None),
        ("zone == 'bed' or occupied", {"occupied": True}, {}, True),
    ],
)
def test_facts_are_what_the_other_meanings_know(
    when: str, state: State, each: dict[int, State], expected: Truth
) -> None:
    assert value(made(when, Told({"people": 5}), Told(state, each)), (0.0, 1.0), someone()) is expected


def test_it_is_so_where_it_is_so_of_anybody() -> None:
    waves, not_known, rests = {"waving": True}, {"waving": None}, {"waving": False}
    for first, second, expected in (
        (waves, rests, True),
        (rests, waves, True),
        (rests, not_known, None),
        (rests, rests, False),
    ):
        rules = made("waving", Told(each={1: first, 2: second}))
        assert value(rules, (0.0, 1.0), someone(1), someone(2)) is expected
    assert value(made("not waving", Told(each={1: waves})), (0.0, 1.0)) is False


def test_all_parts_are_about_the_same_person() -> None:
    rules = made("waving and zone == 'bed'", Told(each={1: {"waving": True}, 2: {"zone": {"bed": True}}}))
    assert value(rules, (0.0, 1.0), someone(1), someone(2)) is None
    rules = made("waving and zone == 'bed'", Told(each={1: {"waving": True, "zone": {"bed": True}}}))
    assert value(rules, (0.0, 1.0), someone(1), someone(2)) is True


@given(rules(lasting=False), st.data())
def test_what_is_unknown_may_turn_out_either_way(rule: Rule, data: st.DataObject) -> None:
    """Where a rule is known though a part is not, it stays the same whatever the part turns out to be."""
    flags = [name for name, fact in FACTS.items() if isinstance(STATE[fact.key], Flag)]
    known = {name: data.draw(TRUTHS, name) for name in flags}
    zones: dict[str, Truth] = {zone.name: data.draw(TRUTHS, zone.name) for zone in SETTINGS.zone}
    before = value(made(spell(rule), Told(known, {1: {**known, "zone": zones}})), (0.0, 1.0), someone())
    known = {name: data.draw(st.booleans()) if truth is None else truth for name, truth in known.items()}
    zones = {name: data.draw(st.booleans()) if truth is None else truth for name, truth in zones.items()}
    after = value(made(spell(rule), Told(known, {1: {**known, "zone": zones}})), (0.0, 1.0), someone())
    assert before in (None, after)


@given(st.lists(st.tuples(st.floats(0.01, 1.5), st.booleans())), st.floats(0.1, 5.0))
def test_what_lasts_was_so_at_every_look_for_so_long(steps: list[tuple[float, bool]], seconds: float) -> None:
    lasting, now, looks = OnDelay(seconds), 0.0, list[tuple[float, bool]]()
    for step, truth in steps:
        now += step
        looks.append((now, truth))
        run = list(takewhile(lambda look: look[1], reversed(looks)))
        # Of the time before the first look nothing is known.
        otherwise = any(not truth for time, truth in looks if now - time <= seconds)
        expected = True if run and now - run[-1][0] >= seconds else False if otherwise else None
        assert lasting.update(truth, now) is expected


@pytest.mark.parametrize("rate", [1.0, 2.0, 5.0, 10.0, 15.0])
def test_it_lasts_as_long_at_any_frame_rate(rate: float) -> None:
    looks = [(n / rate, 2.0 <= n / rate < 10.0) for n in range(int(15 * rate))]
    said = told("occupied for 3 s", looks)
    assert [each.time for each in said if each.events] == [5.0]
    assert {each.time for each in said if each.state["r"] is True} == {t for t, _ in looks if 5.0 <= t < 10.5}


def test_minutes_are_sixty_seconds() -> None:
    said = told("occupied for 2 min", [(float(n), True) for n in range(130)])
    assert [each.time for each in said if each.events] == [120.0]


def test_a_flicker_of_what_is_unknown_breaks_nothing_and_a_longer_one_does() -> None:
    def looks(unknown: float) -> list[tuple[float, Truth]]:
        return [(n / 10, None if 3.0 <= n / 10 < 3.0 + unknown else n >= 20) for n in range(80)]

    for unknown, expected in ((0.4, 5.0), (1.0, 7.0)):
        said = told("occupied for 3 s", looks(unknown))
        assert [each.time for each in said if each.events] == [expected]
    said = told("occupied for 3 s", [(n / 10, n != 40) for n in range(80)])
    assert kinds(said) == ["rule", "rule"]


def test_what_is_not_known_for_a_moment_is_not_said_again() -> None:
    said = told("occupied", [(n / 10, None if n in (20, 21, 22) else True) for n in range(40)])
    assert kinds(said) == ["rule"]
    assert {each.state["r"] for each in said} == {True}
    said = told("occupied", [(n / 10, None if 20 <= n < 30 else True) for n in range(40)])
    assert kinds(said) == ["rule", "rule"]
    assert said[29].state["r"] is None


def test_not_belongs_to_what_lasts_and_for_to_what_stands_before_it() -> None:
    looks: list[tuple[float, Truth]] = [(float(n), n < 4) for n in range(9)]
    assert [each.time for each in told("not occupied for 2 s", looks) if each.events] == [6.0]
    assert [each.time for each in told("not (occupied for 2 s)", looks) if each.events] == [4.0]
    assert [each.time for each in told("people == 1 or occupied for 2 s", looks) if each.events] == [2.0]


def test_each_person_lasts_alone_and_the_room_for_all() -> None:
    """Two who wave one after the other have not waved for long; the room is occupied for long whoever is there."""

    def run(when: str) -> list[float]:
        told = Told()
        rules, times = made(when, told), []
        for now in range(20):
            told.state = {"occupied": now >= 4}
            number = 1 if now < 10 else 2
            told.by_person = {number: {"waving": now >= 6}}
            if rules.update([Body.of(someone(number), SIZE)] if now >= 6 else [], float(now)):
                times.append(float(now))
        return times

    assert run("waving for 3 s") == [9.0, 13.0]
    assert run("waving for 7 s") == [17.0]
    assert run("waving and occupied for 7 s") == [11.0]
    assert run("waving and occupied for 1 s") == [6.0]


def test_who_gets_another_id_is_no_second_event() -> None:
    rules = made("left_wrist above nose")
    up = {"leftWrist": (300.0, 100.0), "nose": (200.0, 200.0)}
    events = []
    for n in range(60):
        events += rules.update([] if 26 <= n < 31 else [Body.of(someone(1 if n < 30 else 2, **up), SIZE)], n / 10)
    assert [(event.kind, event.person, event.details) for event in events] == [("rule", 1, {"rule": "r"})]
    assert rules.state == {"rules": {"r": True}}


@pytest.mark.parametrize("rate", [0.5, 1.0, 5.0])
def test_what_is_remembered_of_somebody_goes_with_them(rate: float) -> None:
    """It lasts for who is seen in every frame, however few there are, and ends with who is not seen for a second."""
    rules, said = made("waving for 4 s", Told(each={1: {"waving": True}})), list[tuple[float, Truth]]()
    for n in range(int(24 * rate)):
        rules.update([] if 8 <= n / rate < 16 else [Body.of(someone(), SIZE)], n / rate)
        said.append((n / rate, rules.state["rules"]["r"]))
    assert [now for now, so in said if so and now < 8] == [now for now, _ in said if 4 <= now < 8]
    assert {so for now, so in said if 9.5 + 1 / rate < now < 16} == {False}
    assert [now for now, so in said if so and now >= 16] == [now for now, _ in said if now >= 20], "it begins anew"


def test_an_event_is_of_the_person_of_whom_it_is_so() -> None:
    rules = made("waving", Told(each={1: {"waving": False}, 2: {"waving": True}}))
    (event,) = rules.update([Body.of(someone(1), SIZE), Body.of(someone(2), SIZE)], 0.0)
    assert (event.person, event.confidence) == (2, 0.8)
    (event,) = made("occupied", Told({"occupied": True})).update([Body.of(someone(), SIZE)], 0.0)
    assert (event.person, event.confidence) == (None, 1.0)


@pytest.mark.parametrize("rate", [5.0, 10.0, 15.0])
@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
@pytest.mark.parametrize("noise", [EXACT, Noise()], ids=["exact", "noisy"])
def test_a_hand_above_the_shoulder_in_the_scene(camera: Camera, rate: float, noise: Noise) -> None:
    """The right hand goes up from 1.6 s on, is up from 2.4 s to 6.4 s, and goes down."""
    for seed in range(1 if noise is EXACT else 4):
        said = act(made("right_wrist above right_shoulder for 2 s"), "raise-hand", camera, rate, noise, seed)
        (time,) = (each.time for each in said if each.events)
        assert 1.6 + 2.0 <= time <= 2.4 + 2.0 + 2 / rate
        assert said[-1].state == {"rules": {"r": False}}


@pytest.mark.parametrize("name", SCENES)
def test_who_does_not_raise_a_hand_keeps_to_the_rule(name: str) -> None:
    when = "(left_wrist above head by 0.12 or right_wrist above head by 0.12) for 2 s and hips below shoulders by 0.1"
    for camera in (CORNER, SHELF):
        said = kinds(act(made(when), name, camera, 10.0, Noise(), 5))
        assert said == (["rule"] if name in ("raise-hand", "both-hands") else []), camera


POINTS = st.builds(Keypoint, st.floats(-700, 1400), st.floats(-700, 1400), st.sampled_from((0.0, 0.3, 1.0)))
PERSONS = st.builds(
    Person,
    st.integers(1, 5),
    st.builds(Pose, st.floats(0, 1), st.tuples(*[POINTS] * len(KEYPOINT_NAMES))),
)


@given(rules(), st.lists(st.tuples(st.floats(0.0, 3.0), st.lists(PERSONS, max_size=3)), max_size=6))
def test_no_people_break_a_rule(rule: Rule, seen: list[tuple[float, list[Person]]]) -> None:
    def times() -> Iterator[tuple[float, list[Person]]]:
        now = 0.0
        for step, persons in seen:
            now += step
            yield now, persons

    said = play(made(spell(rule)), times())
    for before, after in pairwise(said):
        if after.events:
            assert (before.state["rules"]["r"], after.state["rules"]["r"]) in ((False, True), (None, True))


def test_a_meaning_says_of_each_person_what_rules_ask_of_one() -> None:
    floor = find_floor(EVERYTHING.floor)
    context = Context(EVERYTHING, floor, facts(EVERYTHING), ())
    detectors = [each.make(context) for each in REGISTRATIONS if each.is_on(EVERYTHING)]
    people, said = People(floor), set[str]()
    for t, persons in filmed("raise-hand"):
        bodies = people.see(persons, SIZE, t)
        for detector in detectors:
            detector.update(bodies, t)
            said |= set(state_by_person(detector).get(1, {}))
    assert said == {name for name, fact in FACTS.items() if fact.of_person}


@pytest.mark.parametrize("noise", [EXACT, Noise()], ids=["exact", "noisy"])
def test_a_zone_is_that_of_the_person(noise: Noise) -> None:
    """Somebody walks through the frame, from the left to the right."""
    zones = (*EVERYTHING.zone, replace(EVERYTHING.zone[0], name="right", polygon=RIGHT_HALF))
    asked = {
        "left": "zone == 'left'",
        "right": "zone == 'right' and hips below head",
        "elsewhere": "zone != 'left' and zone == 'right'",
        "long": "zone == 'left' for 1 min",
    }
    watcher = Engine(Settings(zone=zones, rule=tuple(RuleSettings(name, when) for name, when in asked.items())))
    found = filmed("walk-through", rate=10.0, noise=noise)
    said = [event for n, (t, persons) in enumerate(found) for event in watcher.see(FrameLine(n, t, t, *SIZE, persons))]
    entered = [str(event.zone or event.details["rule"]) for event in said if event.kind in ("zone_entered", "rule")]
    assert entered[:2] == ["left", "left"]
    assert sorted(entered[2:]) == ["elsewhere", "right", "right"]


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
def test_who_lies_elsewhere_than_on_the_bed(camera: Camera) -> None:
    """Both lie for ten seconds and more at the end of their scenes: one on the floor, one on a bed."""
    down = RuleSettings(name="down", when="(posture == 'lying' and zone != 'bed') for 5 s")
    for name, zone, expected in (
        ("fall", NOWHERE, ["down"]),
        ("lie-down", NOWHERE, ["down"]),
        ("lie-down", EVERYWHERE, []),
        ("sit", NOWHERE, []),
    ):
        watcher = Engine(Settings(rule=(down,), zone=(ZoneSettings(name="bed", polygon=zone),)))
        found = enumerate(filmed(name, camera, 10.0))
        events = [event for n, (t, persons) in found for event in watcher.see(FrameLine(n, t, t, *SIZE, persons))]
        assert [event.details["rule"] for event in events if event.kind == "rule"] == expected, name


def test_a_rule_in_the_configuration_asks_all_other_meanings() -> None:
    settings = Settings(
        rule=(
            RuleSettings(name="help", when="hand_raised and occupied and people == 1"),
            RuleSettings(name="empty", when="not occupied for 1 s"),
        )
    )
    watcher = Engine(settings)
    lines = [FrameLine(n, t, t, *SIZE, persons) for n, (t, persons) in enumerate(filmed("raise-hand"))]
    said = [event for line in lines for event in watcher.see(line)]
    assert [event.details["rule"] for event in said if event.kind == "rule"] == ["help"]
    assert [event.kind for event in said] == ["arrived", "hand_raised", "rule", "hand_lowered"]
    assert watcher.state(lines[-1].monotonic)["rules"] == {"help": False, "empty": False}
    assert watcher.state(lines[-1].monotonic + SILENT_AFTER + 1)["rules"] == {"help": None, "empty": None}
