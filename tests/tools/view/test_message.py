"""What may be said by anybody who can publish: taken into one form, or left out."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import loader
from edge.config.settings import PublishSettings, Settings
from edge.pose import FACE_NAMES, KEYPOINT_NAMES, Keypoint, Person, Pose
from edge.report.analytics.event import Event
from edge.report.messages.event import event_payload
from edge.report.messages.health import health_payload
from edge.report.messages.message import as_json
from edge.report.messages.places import places_payload
from edge.report.messages.poses import poses_payload
from edge.report.messages.state import STATE_MESSAGE
from edge.tools.view.message import BONES, Message, read
from edge.wire import FrameLine
from tests.support.outbox import NUMBER, OUTBOX
from tests.tools.view.stage import STATUS

coordinate = st.floats(-200, 2000).map(lambda value: round(value, 1))
keypoint = st.builds(Keypoint, coordinate, coordinate, st.floats(0, 1).map(lambda value: round(value, 3)))
pose = st.builds(Pose, st.just(1.0), st.lists(keypoint, min_size=17, max_size=17).map(tuple))


def taken(payload: dict[str, Any], name: str = "poses") -> dict[str, Any]:
    message = read(f"hall/{name}", as_json(payload))
    assert message
    assert message.device == "hall"
    return message.data


@given(st.lists(pose, max_size=5), st.sampled_from(["poses", "body"]), st.sampled_from(["multi", "single"]))
def test_every_way_of_writing_poses_is_read(poses: list[Pose], share: str, mode: str) -> None:
    people = tuple(Person(number, pose) for number, pose in enumerate(poses, 1))
    frame = FrameLine(1, 1.0, 2.0, 640, 480, people)
    data = taken(poses_payload(frame, mode, PublishSettings(share=share)))
    wanted = people[:1] if mode == "single" else people
    assert (data["width"], data["height"]) == (640, 480)
    assert [person["id"] for person in data["people"]] == [person.id for person in wanted]
    for person, read_person in zip(wanted, data["people"], strict=True):
        for part, point, joint in zip(KEYPOINT_NAMES, person.pose.keypoints, read_person["joints"], strict=True):
            if share == "body" and part in FACE_NAMES:
                assert joint is None
            else:
                assert joint[2] == point.score


def test_somebody_far_away_in_the_corner_stays_there() -> None:
    frame = FrameLine(1, 1.0, 2.0, 640, 480, (Person(3, Pose(0.9, (Keypoint(1.6, 1.2, 0.9),) * 17)),))
    (person,) = taken(poses_payload(frame, "multi", PublishSettings()))["people"]
    assert person["joints"] == [[pytest.approx(0.0025), pytest.approx(0.0025), 0.9]] * 17


@pytest.mark.parametrize("positions", ["pixels", "normalised"])
@pytest.mark.parametrize("size", [(640, 480), (160, 120), (4000, 3000)])
def test_pixels_and_fractions_come_to_the_same(positions: str, size: tuple[int, int]) -> None:
    points = tuple(Keypoint(size[0] * (n - 2) / 16, size[1] * n / 20, 0.9) for n in range(17))
    frame = FrameLine(1, 1.0, 2.0, *size, (Person(3, Pose(0.9, points)),))
    (person,) = taken(poses_payload(frame, "multi", PublishSettings(positions=positions)))["people"]
    assert person["joints"] == [
        [pytest.approx((n - 2) / 16, abs=1e-3), pytest.approx(n / 20, abs=1e-3), 0.9] for n in range(17)
    ]


def test_weak_keypoints_that_were_left_out_are_none() -> None:
    points = tuple(Keypoint(100.0, 100.0, 0.05 if n == 5 else 0.9) for n in range(17))
    frame = FrameLine(1, 1.0, 2.0, 640, 480, (Person(3, Pose(0.9, points)),))
    (person,) = taken(poses_payload(frame, "multi", PublishSettings(weak_keypoints="leave_out")))["people"]
    assert [n for n, joint in enumerate(person["joints"]) if joint is None] == [5]


CORNERS = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]
PLACES: dict[str, Any] = json.loads(
    as_json(
        places_payload(
            loader.lay_over(
                Settings(),
                {
                    "zone": [{"name": "sofa", "polygon": CORNERS, "unit": "metres", "dwell": 60.0}],
                    "line": [{"name": "door", "start": [0.1, 0.2], "end": [0.3, 0.4]}],
                    "ignore": [{"name": "television", "polygon": CORNERS}],
                    "floor": {"camera_height": 2.0, "tilt": 20.0, "field_of_view": 60.0},
                },
                "test",
            ),
            "settings",
            5.0,
        )
    )
)


def test_places_are_taken_as_the_sensor_says_them() -> None:
    assert taken(PLACES, "places") == PLACES
    (zone,) = PLACES["zone"]
    assert (zone["point"], zone["dwell"]) == ("feet", 60.0)
    assert taken({**PLACES, "zone": [], "floor": None}, "places")["floor"] is None


@pytest.mark.parametrize(
    "changed",
    [
        {"floor": None},
        {"floor": {"camera_height": 2.0}},
        {"zone": [{**PLACES["zone"][0], "name": "</text>"}]},
        {"zone": [{**PLACES["zone"][0], "colour": "red"}]},
        {"ignore": [{"name": "tv", "polygon": [[0.1, 0.1], [0.4, 0.1], [1.4, 0.4]]}]},
        {"line": [PLACES["line"][0]] * 2},
        {"line": 5},
        {"time": 1e999},
    ],
    ids=str,
)
def test_places_that_no_sensor_says_are_left_out(changed: dict[str, Any]) -> None:
    assert read("hall/places", json.dumps({**PLACES, **changed}).encode()) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
POSES = poses_payload(
    FrameLine(1, 1.0, 2.0, 640, 480, (Person(3, Pose(0.9, (Keypoint(50.0, 60.0, 0.5),) * 17)),)),
    "multi",
    PublishSettings(),
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A good message with one part of it replaced by anything."""
    whole: Any = {"": json.loads(as_json(draw(st.sampled_from([POSES, PLACES]))))}
    part, key = whole, ""
    while isinstance(part[key], dict | list) and part[key] and draw(st.booleans()):
        part = part[key]
        key = draw(st.sampled_from(sorted(part) if isinstance(part, dict) else list(range(len(part)))))
    part[key] = draw(json_values)
    return whole[""]


@given(st.sampled_from(["poses", "state", "health", "event/arrived", "places"]), damaged() | json_values)
def test_anything_at_all_is_taken_or_left_out(name: str, value: Any) -> None:
    message = read(f"hall/{name}", json.dumps(value).encode(), retained=True)
    if message:
        told = json.dumps(message.data, allow_nan=False)
        assert all(letter.isprintable() for word in words(message.data) for letter in word)
        assert len(told) < 1 << 18


@given(st.text(), st.binary())
def test_any_topic_and_bytes(topic: str, payload: bytes) -> None:
    message = read(topic, payload)
    assert message is None or message.device


def words(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [word for pair in value.items() for part in pair for word in words(part)]
    if isinstance(value, list):
        return [word for part in value for word in words(part)]
    return [value] if isinstance(value, str) else []


def health(blindness: str | None = "", **changed: Any) -> dict[str, Any]:
    about: dict[str, Any] = {
        "blindness": blindness,
        "clock": None,
        "suggested_rotate": None,
        "time": 1.0,
        "uptime": 12.0,
        "name": "hall",
        "software": "1",
        **OUTBOX,
    }
    return health_payload(replace(STATUS, **changed), {}, 1, 0, {}, **about)


def test_nothing_that_a_terminal_would_obey_comes_through() -> None:
    data = taken({**health(), "name": "\x1b[2Jboo\n\x9b31m"}, "health")
    assert data["name"] == "[2Jboo31m"
    family = "عائلة 👩\u200d👧"
    assert taken({**health(), "name": family}, "health")["name"] == family, "joiners command nothing"
    data = taken(STATE_MESSAGE.build(time=1.0, rules={"\x1b[2J": True}), "state")
    assert data["rules"] == {"[2J": True}
    message = read("ha\x1bll/availability", b"online")
    assert message
    assert message.device == "hall"


@pytest.mark.parametrize("topic", ["hall/other", "hall", "/poses", "", "hall/", "x" * 65 + "/poses"])
def test_other_topics_are_left_out(topic: str) -> None:
    assert read(topic, b"{}") is None


def test_what_is_too_long_is_left_out() -> None:
    assert read("hall/state", b'{"x": "' + b"x" * (1 << 16) + b'"}') is None


@pytest.mark.parametrize("blindness", ["", "dark", "covered", "blurred", None])
def test_blindness_is_what_the_sensor_says(blindness: str | None) -> None:
    assert taken(health(blindness, brightness=0.01), "health")["blind"] == blindness


@pytest.mark.parametrize(("score", "sure"), [(0.9, True), (0.2, False)])
def test_a_frame_says_if_a_sure_body_is_in_it(score: float, sure: bool) -> None:
    frame = FrameLine(1, 1.0, 2.0, 640, 480, (Person(3, Pose(score, (Keypoint(100.0, 100.0, score),) * 17)),))
    assert taken(poses_payload(frame, "multi", PublishSettings()))["sure"] is sure


@pytest.mark.parametrize("version", [1, 3])
def test_a_sensor_of_another_version_is_named_as_one(version: int) -> None:
    message = read("hall/health", as_json(health() | {"version": version, "mood": "good"}))
    assert message
    assert (message.device, message.kind, message.data) == ("hall", "other_version", {})


@pytest.mark.parametrize("name", ["state", "health", "places", "availability"])
def test_what_is_taken_back_is_forgotten(name: str) -> None:
    message = read(f"hall/{name}", b"")
    assert message
    assert (message.kind, message.data) == ("forgotten", {"kind": name})
    assert read("hall/poses", b"") is None
    assert read("hall/event/arrived", b"") is None


@pytest.mark.parametrize(("name", "words"), [("event", "left, how edge"), ("late", "left, how edge, late")])
def test_an_event_has_words(name: str, words: str) -> None:
    told = event_payload(Event("left", confidence=0.5, details={"how": "edge"}), 1.0) | NUMBER
    assert taken(told, f"{name}/left")["words"] == words


@pytest.mark.parametrize("payload", [b"{}", b'{"version": "2"}', b'{"version": 2}'])
def test_what_no_version_says_is_left_out(payload: bytes) -> None:
    assert read("hall/health", payload) is None


def test_poses_of_the_first_version_are_read() -> None:
    assert taken({**POSES, "version": 1})["people"]


def test_a_retained_message_is_as_old_as_it_says_and_any_other_is_new() -> None:
    def age(retained: bool, time_said: float) -> float:
        message = read("hall/state", as_json(STATE_MESSAGE.build(time=time_said)), retained)
        assert isinstance(message, Message)
        return time.monotonic() - message.since

    assert age(True, time.time() - 300) == pytest.approx(300, abs=30)
    assert age(True, time.time() + 300) < 30
    assert age(False, 0.0) < 30


def test_the_bones_join_every_joint_into_one_body() -> None:
    reached, before = {0}, 0
    while len(reached) > before:
        before = len(reached)
        reached |= {end for bone in BONES if reached & set(bone) for end in bone}
    assert reached == set(range(len(KEYPOINT_NAMES)))
    mirrored = {"left": "right", "right": "left"}

    def other(index: int) -> int:
        name = KEYPOINT_NAMES[index]
        side = next((side for side in mirrored if name.startswith(side)), "")
        return KEYPOINT_NAMES.index(mirrored[side] + name.removeprefix(side)) if side else index

    assert {frozenset(map(other, bone)) for bone in BONES} == {frozenset(bone) for bone in BONES}
