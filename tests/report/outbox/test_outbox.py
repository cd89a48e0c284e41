"""Which events are said when, on which topic, and which are given up."""

import logging
from pathlib import Path

import pytest

from edge.config.settings import OutboxSettings
from edge.report.messages.event import EVENT
from edge.report.outbox import outbox as module
from edge.report.outbox.outbox import AT_ONCE, Outbox
from tests.support.outbox import Answers, happened


class Setup:
    """An outbox at a broker that answers when it is told to; the clock stands still until it is set."""

    def __init__(self, connected: bool = True, **settings: object) -> None:
        self.now = self.wall = 1000.0
        self.broker = Answers(connected)
        self.settings = OutboxSettings(**settings)  # type: ignore[arg-type]
        self.folder: Path | None = None
        self.outbox = self.started()

    def started(self) -> Outbox:
        return Outbox(self.settings, self.broker, self.folder, lambda: self.now, lambda: self.wall)  # type: ignore[arg-type]

    def flush(self) -> None:
        """Let the broker answer until nothing waits."""
        while len(self.outbox):
            self.now += 0.1
            self.broker.answer()
            self.outbox.send()

    @property
    def persons(self) -> list[tuple[str, int]]:
        """First level of the topic and person of each message."""
        return [(name.partition("/")[0], payload["id"]) for name, payload, _ in self.broker.said]


def test_an_event_is_said_at_once_and_kept_until_it_is_acknowledged() -> None:
    setup = Setup()
    setup.outbox.put(happened(1))
    (said,) = setup.broker.said
    assert (said[0], said[2]) == ("event/hand_raised", EVENT.expires)
    setup.outbox.send()
    assert len(setup.outbox) == 1
    assert len(setup.broker.said) == 1
    setup.broker.answer()
    setup.outbox.send()
    assert len(setup.outbox) == setup.outbox.lost == 0


def test_what_a_lost_connection_took_along_is_said_again_under_its_number() -> None:
    setup = Setup()
    setup.outbox.put(happened(1))
    setup.broker.answer("lost")
    setup.now += 20.0
    setup.outbox.send()
    (first, second) = setup.broker.said
    assert first[1] == second[1]
    assert (second[0], second[2]) == ("event/hand_raised", EVENT.expires - 20)


def test_late_ones_have_a_topic_of_their_own_and_keep_their_order_and_time() -> None:
    setup = Setup(connected=False)
    for person in range(1, 41):
        setup.outbox.put(happened(person, time=500.0 + person))
    setup.now += EVENT.expires
    setup.outbox.put(happened(99, time=600.0))
    setup.broker.connected = True
    setup.flush()
    assert setup.persons == [("event", 99), *(("late", person) for person in range(1, 41))]
    assert [payload["time"] for _, payload, _ in setup.broker.said][1:] == [500.0 + person for person in range(1, 41)]
    assert [payload["sequence"] for _, payload, _ in setup.broker.said] == [41, *range(1, 41)]
    assert {expires for _, _, expires in setup.broker.said[1:]} == {0}


def test_after_an_outage_nobody_is_flooded() -> None:
    setup = Setup(connected=False)
    for person in range(1, 101):
        setup.outbox.put(happened(person))
    setup.broker.connected = True
    setup.outbox.send()
    assert len(setup.broker.said) == AT_ONCE, "more than wait for an answer at a time"
    setup.now += 2 * EVENT.expires
    said = len(setup.broker.said)
    for _ in range(20):
        setup.broker.answer()
        setup.outbox.send()
    assert len(setup.broker.said) - said == 20, "more late ones a second than the bound"


def test_the_oldest_are_given_up_counted_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    setup = Setup(connected=False, events=100)
    setup.outbox.put(happened(1, kind="arrived"))
    for person in range(2, 104):
        setup.outbox.put(happened(person))
    assert (len(setup.outbox), setup.outbox.lost) == (100, 3)
    assert not caplog.records
    setup.broker.connected = True
    setup.flush()
    sequences = [payload["sequence"] for _, payload, _ in setup.broker.said]
    assert sequences == list(range(4, 104)), "a gap declares what was lost"
    assert [record.message for record in caplog.records] == [
        "events were lost, as the broker did not take them: 2 hand_raised, 1 arrived"
    ]


def test_what_is_kept_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    setup = Setup(connected=False)
    for person in range(1, 50):
        setup.outbox.put(happened(person))
    assert 0 < len(setup.outbox) < 10
    assert len(setup.outbox) + setup.outbox.lost == 49


def test_what_is_too_old_is_given_up() -> None:
    setup = Setup(connected=False, age=3600.0)
    setup.outbox.put(happened(1))
    setup.now += 1800.0
    setup.outbox.put(happened(2))
    setup.now += 1801.0
    setup.broker.connected = True
    setup.flush()
    assert setup.persons == [("late", 2)]
    assert setup.outbox.lost == 1


def test_an_event_that_the_broker_refuses_is_lost_and_stops_no_other() -> None:
    setup = Setup()
    setup.outbox.put(happened(1))
    setup.broker.answer("refused")
    setup.outbox.put(happened(2))
    setup.flush()
    assert setup.persons == [("event", 1), ("event", 2)]
    assert setup.outbox.lost == 1


def test_what_ends_with_the_process_is_told(caplog: pytest.LogCaptureFixture) -> None:
    setup = Setup(connected=False)
    setup.outbox.put(happened(1))
    setup.outbox.close()
    assert setup.outbox.lost == 1
    assert "events were lost, as the broker did not take them: 1 hand_raised" in caplog.text


class TestAnotherProcess:
    """On disk, what one process left is said by the next."""

    @pytest.fixture
    def setup(self, tmp_path: Path) -> Setup:
        setup = Setup(connected=False, keep="disk")
        setup.folder = tmp_path
        setup.outbox = setup.started()
        return setup

    def restart(self, setup: Setup, later: float, reboot: bool = False) -> None:
        setup.wall += later
        setup.now = 5.0 if reboot else setup.now + later
        setup.broker.connected = True
        setup.outbox = setup.started()

    def test_soon_it_is_still_an_event(self, setup: Setup, caplog: pytest.LogCaptureFixture) -> None:
        setup.outbox.put(happened(1, setup.wall))
        setup.outbox.close()
        assert not caplog.records
        self.restart(setup, 5.0)
        setup.outbox.put(happened(2, setup.wall))
        setup.flush()
        assert setup.persons == [("event", 1), ("event", 2)]
        (first, second) = (payload for _, payload, _ in setup.broker.said)
        assert (first["run"], first["sequence"] + 1) == (second["run"], second["sequence"])

    @pytest.mark.parametrize(
        ("later", "reboot"),
        [(EVENT.expires, False), (30.0, True), (-1e6, True), (-30.0, False)],
        ids=["later", "reboot", "reboot with a clock that is not set", "clock set back"],
    )
    def test_later_or_with_a_doubtful_clock_it_is_late(self, setup: Setup, later: float, reboot: bool) -> None:
        setup.outbox.put(happened(1, setup.wall))
        self.restart(setup, later, reboot)
        setup.flush()
        assert setup.persons == [("late", 1)]
        assert setup.outbox.lost == 0

    def test_what_was_acknowledged_is_not_said_again(self, setup: Setup) -> None:
        setup.broker.connected = True
        setup.outbox.put(happened(1, setup.wall))
        setup.flush()
        self.restart(setup, 1.0)
        assert len(setup.outbox) == 0
        setup.outbox.put(happened(2, setup.wall))
        assert setup.broker.said[1][1]["sequence"] == 2

    def test_the_file_does_not_grow(self, setup: Setup, tmp_path: Path) -> None:
        setup.broker.connected = True
        largest = 0
        for person in range(1, 1001):
            setup.outbox.put(happened(person, setup.wall))
            setup.flush()
            largest = max(largest, (tmp_path / "events").stat().st_size)
        assert 50_000 < largest < 70_000
        self.restart(setup, 1.0)
        setup.outbox.put(happened(1, setup.wall))
        assert setup.broker.said[-1][1]["sequence"] == 1001

    def test_events_of_another_version_are_lost(
        self, setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as before:
            before.setattr("edge.report.messages.message.VERSION", 1)
            setup.outbox.put(happened(1, setup.wall))
        run = setup.outbox._run
        self.restart(setup, 1.0)
        assert (len(setup.outbox), setup.outbox.lost) == (0, 1)
        assert setup.outbox._run != run


def test_no_folder_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    assert Setup(keep="disk").outbox.place == "ram"
    assert "STATE_DIRECTORY" in caplog.text
