"""The meanings at work: who is not real, and silence that is not absence."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import cos, pi

import numpy as np
import pytest

from edge.config.settings import (
    ExitSettings,
    FloorSettings,
    IgnoreSettings,
    LineSettings,
    MqttSettings,
    PeopleSettings,
    PublishSettings,
    RuleSettings,
    Settings,
    ZoneSettings,
)
from edge.image_quality import (
    ENDS_AFTER_S,
    MIN_BRIGHTNESS,
    MIN_CONTRAST,
    MIN_SHARPNESS,
    ImageQuality,
    blindness,
)
from edge.pose import KEYPOINT_COUNT, Person, Pose
from edge.report.analytics.base import NOTHING_OFF, State, SwitchedOff
from edge.report.analytics.detectors.presence import PresenceSettings
from edge.report.analytics.engine import SILENT_AFTER, Engine, settings_followed
from edge.report.analytics.registry import SECTIONS
from edge.tools.simulate.motion import Actor, become, hold
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import Scene, frames, scene
from edge.tools.simulate.stances import OVER, SITTING, STANDING
from edge.wire import FrameLine, StatusLine
from tests.support.everything import EVERYTHING
from tests.support.scene_player import filmed

LINES = [FrameLine(number, t, t, 640, 480, persons) for number, (t, persons) in enumerate(filmed("stand-still"))]
UNKNOWN = {"occupied": None, "people": None}
KNOWN = {"occupied": True, "people": 1}


def told(watcher: Engine, now: float) -> State:
    """What it says of presence."""
    return {key: value for key, value in watcher.state(now).items() if key in KNOWN}


def watch(watcher: Engine, start: float, seconds: float) -> list[str]:
    return [event.kind for line in LINES if start <= line.monotonic <= start + seconds for event in watcher.see(line)]


def test_no_frame_in_which_somebody_comes_or_goes_is_passed_over() -> None:
    watcher = Engine(Settings())
    events = [
        event for line in LINES for event in watcher.see(replace(line, persons=()) if line.sequence % 2 else line)
    ]
    assert LINES[1].monotonic - LINES[0].monotonic < 0.07
    assert events == []


def test_silence_is_not_absence() -> None:
    watcher = Engine(Settings())
    assert told(watcher, 0.0) == UNKNOWN
    assert watch(watcher, 0.0, 2.0) == ["arrived"]
    assert told(watcher, 2.0 + SILENT_AFTER - 0.1) == KNOWN
    assert told(watcher, 2.0 + SILENT_AFTER + 0.1) == UNKNOWN
    # Who is seen afterwards has arrived anew: nobody knows what was meanwhile, and nothing said that somebody left.
    assert watch(watcher, 10.0, 2.0) == ["arrived"]


def test_a_slow_machine_is_waited_for(status_line: StatusLine) -> None:
    """A frame is as old as its latency when it comes, and there is none for as long again."""
    watcher = Engine(Settings())
    watcher.hear(replace(status_line, state="too_slow", latency_ms=4000.0, breaches=()))
    lines = [replace(LINES[0], sequence=number, monotonic=100.0 + 4.0 * number) for number in range(5)]
    assert [event.kind for line in lines for event in watcher.see(line)] == ["arrived"]
    assert told(watcher, 116.0 + 4.0 + 4.0) == KNOWN
    assert told(watcher, 116.0 + SILENT_AFTER + 8.1) == UNKNOWN


GOOD = {"brightness": 0.43, "contrast": 0.228, "sharpness": 2.41}
LEAST = {"brightness": MIN_BRIGHTNESS, "contrast": MIN_CONTRAST, "sharpness": MIN_SHARPNESS}
POOR = [{"brightness": 0.01}, {"contrast": 0.01}, {"sharpness": 0.1}]


def tell(watcher: Engine, status: StatusLine, now: float, **changes: object) -> None:
    """Let it hear at ``now`` s what the status line says but for the changes."""
    watcher.hear(replace(status, monotonic=now, **changes))  # type: ignore[arg-type]


def see_as(watcher: Engine, start: float, seconds: float, change: Callable[[Person], Person] | None) -> list[str]:
    """What happens while each person of ``LINES`` is seen as ``change`` has them; None: while nobody is."""
    said = []
    for line in LINES:
        if start <= line.monotonic <= start + seconds:
            persons = tuple(map(change, line.persons)) if change else ()
            said += [event.kind for event in watcher.see(replace(line, persons=persons))]
    return said


def scored(score: float, sure: int = KEYPOINT_COUNT) -> Callable[[Person], Person]:
    """Has somebody seen with this score and so many sure keypoints."""

    def change(person: Person) -> Person:
        points = (
            point._replace(score=0.9 if number < sure else 0.1) for number, point in enumerate(person.pose.keypoints)
        )
        return person._replace(pose=Pose(score, tuple(points)))

    return change


def test_a_broken_room_says_nothing(status_line: StatusLine) -> None:
    for change in ({}, *POOR):
        watcher = Engine(Settings())
        watch(watcher, 0.0, 2.0)
        tell(watcher, status_line, 2.0, breaches=("network",), **change)
        assert watch(watcher, 2.1, 8.0) == []
        assert told(watcher, 10.1) == UNKNOWN
        for now in (7.0, 11.0):
            tell(watcher, status_line, now)
        assert watch(watcher, 11.0, 2.0) == ["arrived"]
        assert told(watcher, 13.0) == KNOWN


@pytest.mark.parametrize("change", POOR)
def test_a_poor_picture_with_nobody_in_it_says_nothing(status_line: StatusLine, change: dict[str, float]) -> None:
    watcher = Engine(Settings())
    tell(watcher, status_line, 0.0, **change)
    assert see_as(watcher, 0.0, 10.0, None) == []
    assert told(watcher, 10.0) == UNKNOWN
    assert watcher.blindness(10.0) == blindness(ImageQuality(**GOOD | change))
    tell(watcher, status_line, 10.0)
    tell(watcher, status_line, 10.0 + ENDS_AFTER_S)
    assert watcher.blindness(10.0 + ENDS_AFTER_S) == ""
    see_as(watcher, 10.1, 8.0, None)
    assert told(watcher, 18.0) == {"occupied": False, "people": 0}


@pytest.mark.parametrize("change", POOR)
def test_a_poor_picture_in_which_a_sure_body_is_found_is_believed(
    status_line: StatusLine, change: dict[str, float]
) -> None:
    watcher = Engine(Settings())
    tell(watcher, status_line, 0.0, **change)
    assert watch(watcher, 0.0, 10.0) == ["arrived"]
    assert told(watcher, 10.0) == KNOWN
    assert watcher.blindness(10.0) == ""
    # Seen less surely for a while, and then not at all: the one has not left, and after a while nothing is known.
    assert see_as(watcher, 10.1, 3.0, scored(0.3, 5)) == []
    assert told(watcher, 13.1) == KNOWN
    assert see_as(watcher, 13.2, 10.0, None) == []
    assert told(watcher, 13.1 + SILENT_AFTER - 0.2) == KNOWN
    assert told(watcher, 13.1 + SILENT_AFTER + 0.2) == UNKNOWN
    assert watcher.blindness(13.1 + SILENT_AFTER + 0.2) != ""
    # Who is seen again has not arrived once more.
    assert watch(watcher, 24.0, 2.0) == []
    assert told(watcher, 26.0) == KNOWN


def at_rate(start: float, end: float, seen: Callable[[float], bool], rate: float = 5.0) -> Iterator[FrameLine]:
    """Frames of somebody who stands there, and is found while ``seen``."""
    person = LINES[60].persons
    for number in range(round(start * rate), round(end * rate)):
        now = number / rate
        yield FrameLine(number, now, now, 640, 480, person if seen(now) else ())


@pytest.mark.parametrize("period", [0.7, 4.0, 9.0, 14.0, 30.0])
@pytest.mark.parametrize("measure", sorted(GOOD))
def test_light_around_the_threshold_lets_nobody_arrive_twice(
    status_line: StatusLine, measure: str, period: float
) -> None:
    """As by a television: somebody is there all the time, and found only while the picture is good enough."""
    watcher = Engine(Settings())
    least = LEAST[measure]

    def level(now: float) -> float:
        return least * (1.0 + 0.6 * cos(2 * pi * now / period))

    kinds, next_at = [], 0.0
    for frame in at_rate(0.0, 60.0, lambda now: level(now) >= least):
        if frame.monotonic >= next_at:
            next_at += 1.0
            tell(watcher, status_line, frame.monotonic, **{measure: level(frame.monotonic)})
        kinds += [event.kind for event in watcher.see(frame)]
    assert kinds == ["arrived"]


def after_dark(status: StatusLine, dark_s: float, is_there: bool, frames: bool = True) -> list[str]:
    """What is said from when the light goes out, if somebody was there before and it lasts ``dark_s``."""
    watcher = Engine(Settings())
    tell(watcher, status, 0.0)
    for frame in at_rate(0.0, 3.0, lambda _: True):
        watcher.see(frame)
    tell(watcher, status, 3.0, brightness=0.01)
    kinds = []
    for frame in at_rate(3.0, 3.0 + dark_s, lambda _: False, 1.0) if frames else ():
        kinds += [event.kind for event in watcher.see(frame)]
    for now in (3.0, 3.0 + ENDS_AFTER_S):
        tell(watcher, status, dark_s + now)
    for frame in at_rate(dark_s + 6.0, dark_s + 16.0, lambda _: is_there):
        kinds += [event.kind for event in watcher.see(frame)]
    return kinds


def test_presence_goes_on_after_the_dark(status_line: StatusLine) -> None:
    assert after_dark(status_line, 300.0, is_there=True) == []
    assert after_dark(status_line, 300.0, is_there=False) == ["left"]


def test_who_is_there_after_a_long_night_has_arrived(status_line: StatusLine) -> None:
    assert after_dark(status_line, 3600.0, is_there=True) == ["arrived"]
    assert after_dark(status_line, 3600.0, is_there=False) == []


def test_who_is_there_after_a_camera_was_away_has_arrived(status_line: StatusLine) -> None:
    assert after_dark(status_line, 300.0, is_there=True, frames=False) == ["arrived"]


def test_absence_before_and_after_the_dark_is_not_added_up(status_line: StatusLine) -> None:
    watcher = Engine(Settings())
    tell(watcher, status_line, 0.0)
    assert [event.kind for frame in at_rate(0.0, 5.0, lambda now: now < 3) for event in watcher.see(frame)] == [
        "arrived"
    ]
    tell(watcher, status_line, 5.0, brightness=0.01)
    assert [event.kind for frame in at_rate(5.0, 25.0, lambda _: False) for event in watcher.see(frame)] == []
    for now in (25.0, 28.0):
        tell(watcher, status_line, now)
    assert [event.kind for frame in at_rate(28.0, 30.0, lambda _: False) for event in watcher.see(frame)] == []
    assert told(watcher, 30.0) == KNOWN


def test_blindness_can_be_switched_off(status_line: StatusLine) -> None:
    watcher = Engine(Settings(people=PeopleSettings(blindness=False)))
    tell(watcher, status_line, 0.0, brightness=0.01)
    assert see_as(watcher, 0.0, 10.0, None) == []
    assert told(watcher, 10.0) == {"occupied": False, "people": 0}
    assert watcher.blindness(10.0) is None


def test_of_a_camera_without_a_picture_it_is_not_known_whether_it_sees(status_line: StatusLine) -> None:
    watcher = Engine(Settings())
    assert watcher.blindness(0.0) is None
    tell(watcher, status_line, 0.0)
    assert watcher.blindness(0.0) == ""
    tell(watcher, status_line, 2.0, brightness=None)
    assert watcher.blindness(2.0) is None


def test_a_room_that_empties_at_once_is_not_said_to_be_empty_in_the_dark(status_line: StatusLine) -> None:
    watcher = Engine(Settings(detectors={"presence": PresenceSettings(clear=0.5)}))
    watcher.hear(replace(status_line, brightness=0.01))
    assert watch(watcher, 0.0, 2.0) == ["arrived"]
    assert see_as(watcher, 2.1, 10.0, None) == []
    assert told(watcher, 2.0 + SILENT_AFTER - 0.1) == KNOWN


@pytest.mark.parametrize(
    "seen",
    [scored(0.2), scored(0.9, 7), scored(0.3, 5)],
    ids=["a poor score", "too few sure keypoints", "both"],
)
@pytest.mark.parametrize("sensitivity", ["normal", "high"])
def test_an_unsure_body_does_not_make_a_poor_picture_useful(
    status_line: StatusLine, sensitivity: str, seen: Callable[[Person], Person]
) -> None:
    watcher = Engine(Settings(people=PeopleSettings(sensitivity=sensitivity)))
    watcher.hear(replace(status_line, brightness=0.01))
    assert see_as(watcher, 0.0, 5.0, seen) == []
    assert told(watcher, 5.0) == UNKNOWN


def test_unsure_bodies_in_the_dark_count_for_a_few_seconds_only(status_line: StatusLine) -> None:
    watcher = Engine(Settings())
    watcher.hear(replace(status_line, brightness=0.01))
    watch(watcher, 0.0, 2.0)
    see_as(watcher, 2.1, 20.0, scored(0.3, 5))
    assert told(watcher, 22.0) == UNKNOWN


def test_who_does_not_count_proves_nothing_in_the_dark(status_line: StatusLine) -> None:
    whole = IgnoreSettings(name="television", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    for settings in (Settings(ignore=(whole,)), Settings(people=PeopleSettings(sensitivity="low"))):
        watcher = Engine(settings)
        watcher.hear(replace(status_line, brightness=0.01))
        assert see_as(watcher, 0.0, 12.0, scored(0.4)) == []
        assert told(watcher, 12.0) == UNKNOWN


def test_on_a_desk_an_unsealed_room_is_believed_if_it_is_so_set(status_line: StatusLine) -> None:
    watcher = Engine(Settings(people=PeopleSettings(although_unsealed=True)))
    watcher.hear(replace(status_line, breaches=("connect",)))
    assert watch(watcher, 0.0, 2.0) == ["arrived"]
    watcher.hear(replace(status_line, breaches=("connect",), brightness=0.01))
    assert see_as(watcher, 2.1, 8.0, None) == []
    assert told(watcher, 10.1) == UNKNOWN


@pytest.mark.parametrize("rate", [5.0, 15.0, 30.0, 60.0])
def test_frames_beyond_what_tells_more_cost_little_and_change_nothing(rate: float) -> None:
    """What is quick is looked at in each frame, the rest less often; a fall is said in the same moment."""
    watcher, said = Engine(Settings()), []
    for number, (t, persons) in enumerate(filmed("fall", rate=rate)):
        said += [(event.kind, t) for event in watcher.see(FrameLine(number, t, t, 640, 480, persons))]
    assert [kind for kind, _ in said] == ["arrived", "fall_suspected", "posture_changed", "fall_confirmed"]
    assert [t for _, t in said] == pytest.approx([1.7, 8.3, 8.9, 13.3], abs=0.25)


def test_frames_that_go_backwards_say_nothing() -> None:
    watcher = Engine(Settings())
    watch(watcher, 2.0, 2.0)
    assert watch(watcher, 0.0, 1.0) == []
    assert told(watcher, 4.0) == KNOWN


def test_a_television_shows_nobody() -> None:
    whole = IgnoreSettings(name="television", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    corner = IgnoreSettings(name="mirror", polygon=((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)))
    for ignored, expected in ((whole, []), (corner, ["arrived"])):
        assert watch(Engine(Settings(ignore=(ignored,))), 0.0, 8.0) == expected


SQUARE = ((-0.5, 0.0), (0.5, 0.0), (0.5, 1.0), (-0.5, 1.0))
SCREENS = ((0.6, 0.64, 0.8), (1.4, 0.85, 0.6))
"""Width, height and height of the lower edge, m: as tight around the one on it as can be, and large."""


def screen(camera: Camera, width: float, height: float, bottom: float) -> IgnoreSettings:
    """What a camera sees of the television in the scene ``tv``."""
    corners = [(0.9 + across * width, 4.8, bottom + up * height) for across, up in SQUARE]
    pixels, _ = camera.project(np.array(corners))
    return IgnoreSettings("television", tuple((x / 640, y / 480) for x, y in pixels.tolist()))


def counts(seen: Scene, ignored: tuple[IgnoreSettings, ...], seed: int) -> list[int | None]:
    """How many were taken for real in each frame."""
    watcher = Engine(Settings(detectors={"presence": PresenceSettings(enter=0.0, clear=0.0)}, ignore=ignored))
    found = []
    for number, (t, persons) in enumerate(frames(seen, 5.0, noise=Noise(), seed=seed)):
        watcher.see(FrameLine(number, t, t, 640, 480, persons))
        found.append(watcher.state(t)["people"])
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("camera", [CORNER, SHELF])
@pytest.mark.parametrize("size", SCREENS)
def test_who_is_on_a_screen_never_counts_and_who_passes_before_it_always_does(
    camera: Camera, size: tuple[float, float, float], seed: int
) -> None:
    ignored = (screen(camera, *size),)
    both = scene("tv", camera)
    somebody, on_screen = (replace(both, actors=(actor,)) for actor in both.actors)
    assert set(counts(on_screen, ignored, seed)) == {0}
    assert max(count or 0 for count in counts(both, ignored, seed)) == 1
    sits = Actor(STANDING._replace(x=0.7, y=3.8, heading=180.0), become(SITTING, 2.0, via=OVER), hold(3.0))
    for seen in (somebody, scene("walk-through", camera), Scene("", "", (), sits.duration, (sits,), camera)):
        assert counts(seen, ignored, seed) == counts(seen, (), seed)


@pytest.mark.parametrize(
    "changed",
    [
        replace(EVERYTHING, detectors={"presence": PresenceSettings(clear=9.0)}),
        replace(EVERYTHING, people=PeopleSettings(although_unsealed=True)),
        replace(EVERYTHING, floor=FloorSettings()),
        replace(EVERYTHING, zone=()),
        replace(EVERYTHING, line=()),
        replace(EVERYTHING, rule=()),
        replace(EVERYTHING, ignore=(IgnoreSettings("tv", EVERYTHING.zone[0].polygon),)),
        replace(EVERYTHING, exit=(ExitSettings("door", EVERYTHING.zone[0].polygon),)),
        replace(EVERYTHING, publish=PublishSettings(share="events")),
    ],
)
def test_a_change_of_any_setting_that_detectors_follow_is_noticed(changed: Settings) -> None:
    assert settings_followed(changed) != settings_followed(EVERYTHING)
    assert settings_followed(replace(changed, mqtt=MqttSettings(host="elsewhere"))) == settings_followed(changed)


def test_what_is_switched_off_is_not_even_a_key() -> None:
    off = {name: kind(enabled=False) for name, kind in SECTIONS.items()}
    assert Engine(Settings(detectors=off)).state(0.0) == {}


PLACES = Settings(
    zone=(ZoneSettings("middle", ((-1.0, 3.0), (1.0, 3.0), (1.0, 5.0), (-1.0, 5.0)), "metres", dwell=1.0),),
    line=(LineSettings("door", (0.4, 0.0), (0.4, 1.0)),),
    floor=FloorSettings(CORNER.height, CORNER.tilt, CORNER.field_of_view),
)


def test_silence_leaves_the_names_of_places_and_nothing_of_what_was_there() -> None:
    watcher = Engine(PLACES)
    unknown = {
        **UNKNOWN,
        "zones": {"middle": {"occupied": None, "people": None, "dwelling": None}},
        "lines": {"door": {"in": None, "out": None}},
        "approach": None,
        "positions": None,
    }
    assert watcher.state(0.0).items() >= unknown.items()
    assert watch(watcher, 0.0, 3.0) == ["arrived", "zone_entered", "zone_dwelling"]
    assert (
        watcher.state(3.0).items()
        >= {
            **KNOWN,
            "zones": {"middle": {"occupied": True, "people": 1, "dwelling": True}},
            "lines": {"door": {"in": 0, "out": 0}},
            "approach": "still",
            "positions": {"1": [0.0, 3.8]},
        }.items()
    )
    assert watcher.state(3.0 + SILENT_AFTER + 0.1).items() >= unknown.items()


def test_nothing_is_told_of_single_persons_where_no_poses_are_shared() -> None:
    for share, told_of in (("events", False), ("body", True), ("poses", True)):
        watcher = Engine(replace(PLACES, publish=PublishSettings(share=share)))
        watch(watcher, 0.0, 1.0)
        assert ("positions" in watcher.state(1.0)) == ("postures" in watcher.state(1.0)) == told_of
        assert "posture" in watcher.state(1.0)


RULED = replace(
    PLACES,
    rule=(
        RuleSettings("rests", "zone == 'middle'"),
        RuleSettings("alone", "people == 1"),
        RuleSettings("calm", "not waving"),
    ),
)


def test_what_is_switched_off_says_nothing_and_the_others_go_on() -> None:
    watcher = Engine(RULED)
    assert sorted(watch(watcher, 0.0, 3.0)) == ["arrived", "rule", "rule", "rule", "zone_dwelling", "zone_entered"]
    before = watcher.state(3.0)
    assert before["rules"] == {"rests": True, "alone": True, "calm": True}
    watcher.switch(SwitchedOff(frozenset({"waving", "posture"}), frozenset({"middle"})), "normal")
    gone = {"waving", "posture", "postures", "zones"}
    assert watch(watcher, 3.1, 2.0) == []
    after = watcher.state(5.1)
    assert set(after) == set(before) - gone == set(watcher.keys)
    assert after["occupied"] is True
    assert after["rules"] == {"rests": None, "alone": True, "calm": None}, "nothing is known of what is off"
    watcher.switch(NOTHING_OFF, "normal")
    # It knows nothing of what was meanwhile: who is inside enters.
    assert sorted(watch(watcher, 5.2, 3.0)) == ["rule", "rule", "zone_dwelling", "zone_entered"]
    assert watcher.state(8.2)["rules"] == before["rules"]


def test_one_zone_is_switched_and_the_other_notices_nothing() -> None:
    (middle,) = PLACES.zone
    watcher = Engine(replace(PLACES, zone=(middle, replace(middle, name="other"))))
    assert sorted(watch(watcher, 0.0, 3.0)) == ["arrived", *["zone_dwelling"] * 2, *["zone_entered"] * 2]
    watcher.switch(SwitchedOff(zones=frozenset({"other"})), "normal")
    assert watch(watcher, 3.1, 2.0) == []
    assert watcher.state(5.1)["zones"] == {"middle": {"occupied": True, "people": 1, "dwelling": True}}


def test_another_sensitivity_holds_at_once_and_nobody_arrives_anew() -> None:
    watcher = Engine(Settings())
    assert see_as(watcher, 0.0, 2.0, scored(0.6)) == ["arrived"]
    watcher.switch(NOTHING_OFF, "low")
    assert see_as(watcher, 2.1, 1.0, scored(0.6)) == []
    assert told(watcher, 3.1) == KNOWN
    # A body of 0.3 counts at normal, and not at low: who is no longer seen is assumed.
    see_as(watcher, 3.2, 3.0, scored(0.3))
    assert watcher.state(6.2)["assumed"] in (0, 1)
    sure, unsure = (Engine(replace(Settings(), people=PeopleSettings(sensitivity=word))) for word in ("normal", "low"))
    for engine in (sure, unsure):
        engine.switch(NOTHING_OFF, "low" if engine is sure else "normal")
        see_as(engine, 0.0, 3.0, scored(0.3))
    assert (told(sure, 3.0)["occupied"], told(unsure, 3.0)["occupied"]) == (None, True)


def test_switching_what_is_so_already_changes_nothing() -> None:
    watcher = Engine(RULED)
    watch(watcher, 0.0, 3.0)
    before = watcher.state(3.0)
    watcher.switch(NOTHING_OFF, "normal")
    assert watcher.state(3.0) == before


def test_everything_can_be_switched_off_and_a_silence_leaves_it_so() -> None:
    off = SwitchedOff(frozenset(SECTIONS), frozenset({"middle"}))
    watcher = Engine(PLACES, off)
    assert watch(watcher, 0.0, 2.0) == []
    assert set(watcher.state(2.0)) == {"lines", "positions", "distance", "speed"}
    watch(watcher, 10.0, 1.0)
    assert set(watcher.state(11.0)) == {"lines", "positions", "distance", "speed"}
    assert watcher.people is None


def test_it_says_how_many_people_are_there() -> None:
    watcher = Engine(Settings())
    assert watcher.people is None
    watch(watcher, 0.0, 2.0)
    assert watcher.people == 1
