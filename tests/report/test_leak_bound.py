"""The bound on what could be smuggled out, against a count made another way."""

import math
from dataclasses import replace

import pytest

from edge.config.settings import (
    CameraSettings,
    DecodeSettings,
    FloorSettings,
    PublishSettings,
    RuleSettings,
    Settings,
    ZoneSettings,
)
from edge.report.analytics.registry import EVENTS, SECTIONS
from edge.report.leak_bound import leak_bound
from edge.report.messages.health import FROM_SENSE, HEALTH
from edge.wire import REASONS

EVERYTHING = Settings(publish=PublishSettings(max_rate=10.0))


def with_share(share: str) -> Settings:
    return replace(EVERYTHING, publish=replace(EVERYTHING.publish, share=share))


def test_coordinates_at_their_full_range_and_precision() -> None:
    """One pose more adds exactly its own numbers: 17 times x, y and score, the pose's score, and an id."""
    one, two = (leak_bound(replace(EVERYTHING, decode=DecodeSettings(max_poses=most))).poses / 10 for most in (1, 2))
    places = 3 * 16384 / 0.1
    ways = 17 * (2 * math.log2(places) + math.log2(1001)) + math.log2(1001) + math.log2(2**31 - 1)
    assert two - one == pytest.approx(ways + math.log2(3) - math.log2(2))


def test_each_level_shares_less() -> None:
    bits = [leak_bound(with_share(share)).total for share in ("poses", "body", "events")]
    assert bits[0] > bits[1] > bits[2] > 0
    assert leak_bound(with_share("events")).poses == 0


def test_a_zone_adds_what_it_can_say() -> None:
    """Two flags (three words each), and up to 20 people or nothing; each half second, at a time of its own."""
    zone = ZoneSettings(name="sofa", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    none, one, two = (leak_bound(Settings(zone=(zone,) * number)).state for number in range(3))
    assert one - none == pytest.approx(2 * (2 * math.log2(3) + math.log2(22)))
    assert two - one == pytest.approx(one - none)


def test_with_every_detector_off_it_still_says_that_it_is_paused_and_how_light_it_is() -> None:
    """Three words, and 0 to 100 % in steps of 5 or nothing; each half second, at a time of its own."""
    off = Settings(detectors={name: kind(enabled=False) for name, kind in SECTIONS.items()})
    assert leak_bound(off).state == pytest.approx(2 * (math.log2(3) + math.log2(22) + math.log2(1000)))


def test_a_floor_adds_positions_distance_and_speed() -> None:
    """0 to 100 m in halves, 0 to 10 m/s in fifths, or nothing; positions only where persons are told of."""
    floor = FloorSettings(camera_height=2.2, tilt=20.0, field_of_view=62.0)
    with_events = with_share("events")
    more = leak_bound(replace(with_events, floor=floor)).state - leak_bound(with_events).state
    assert more == pytest.approx(2 * (math.log2(202) + math.log2(52)))


def test_a_rule_adds_a_flag_and_a_name() -> None:
    rules = tuple(RuleSettings(name=name, when="occupied") for name in "ab")
    one, two = (leak_bound(Settings(rule=rules[:number])) for number in (1, 2))
    assert two.state - one.state == pytest.approx(2 * math.log2(3))
    # Five events a second; one with more details than a name has a place for one too.
    assert two.events - one.events == pytest.approx(5 * (math.log2(3) - math.log2(2)))


def test_an_event_says_its_kind_who_how_many_how_sure_and_its_details() -> None:
    """An id or none, 0 to 20 people or nothing, and a confidence in hundredths; five a second, each at its time."""
    details = max(sum(field.bits(0, 0) for field in kind.details.values()) for kind in EVENTS.values())
    common = math.log2(len(EVENTS)) + 31 + math.log2(22) + math.log2(101)
    assert leak_bound(Settings()).events == pytest.approx(5 * (common + details + math.log2(200)))


def test_how_many_lines_are_refused_and_why_is_counted() -> None:
    """Of the lines of a second, two status lines among them, any number may be refused, each for any reason.

    And each may say that it started again.
    """
    reasons = len(REASONS) - 1
    slow, fast = (leak_bound(Settings(publish=PublishSettings(max_rate=rate))).health for rate in (1.0, 2.0))
    three, four = (sum(math.comb(reasons + refused - 1, refused) for refused in range(n + 1)) for n in (3, 4))
    assert fast - slow == pytest.approx(math.log2(four) - math.log2(three) + math.log2(5 / 4))
    status = sum(HEALTH.fields[name].bits(0, 0) for name in FROM_SENSE)
    assert slow - status == pytest.approx(math.log2(three) + 53 + math.log2(4) + 53 + math.log2(1000))


def test_it_grows_with_the_rate() -> None:
    slow, fast = (leak_bound(Settings(camera=CameraSettings(frame_rate=rate))).poses for rate in (5.0, 50.0))
    assert fast / slow == pytest.approx((2 * 50 + 2) / (2 * 5 + 2))


def test_a_thumbnail_takes_its_bits() -> None:
    leak = leak_bound(with_share("events"))
    assert leak.thumbnail_seconds == pytest.approx(2048 * 8 / (leak.state + leak.events + leak.health))
    assert leak_bound(Settings()).thumbnail_seconds < 1, "at full poses the bound protects nobody, and docs say so"
