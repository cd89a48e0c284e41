"""Squats, jumping jacks and arm raises, counted.

Wrong if something else is repeated in the same way: sitting down and standing up, filling a shelf with both arms, and,
seen from behind and above, picking up. Jumping jacks seen from the side count as arm raises, lunges and half squats do
not count, and squats need both legs in sight.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.config.settings import setting
from edge.report.analytics.base import EventKind, Registration, RuleFact, State
from edge.report.analytics.body.body import Body
from edge.report.analytics.body.repetition_detector import RepetitionDetector
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import UNSEEN_S, PerPerson
from edge.report.fields import OFF_AT_FIRST, Entity, Number, Words


@dataclass(frozen=True, slots=True)
class RepetitionsSettings:
    """Detection of squats, jumping jacks and arm raises."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    least: int = setting(3, low=2, high=20)
    """Number of repetitions that make an exercise."""
    pause: float = setting(12.0, low=2.0, high=60.0)
    """Seconds without another after which the exercise has ended."""


_TEMPO_REPETITIONS = 5
"""Number of repetitions from which the tempo is taken."""
_MAX_REPETITIONS = 999
_MAX_TEMPO_PER_MIN = 240
"""Nobody does more; the bounds keep the published numbers narrow."""


class Exercise:
    """``exercise``, ``repetitions`` and ``tempo`` (1/min) of whoever did the last repetition; else none and 0."""

    def __init__(self, settings: RepetitionsSettings) -> None:
        self._each = PerPerson(lambda: PersonExercises(settings), keep=settings.pause + UNSEEN_S)

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``repetition`` for each from the ``least``-th on, and ``exercise_ended`` after a pause."""
        events = [event for number, athlete in self._each.items() for event in athlete.rest(number, now)]
        return events + [event for body, one in self._each.see(people, now) for event in one.update(body, now)]

    @property
    def by_person(self) -> dict[int, State]:
        """State of each person, by id."""
        return {number: _state_of(athlete.run) for number, athlete in self._each.items()}

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return _state_of(_latest(run for athlete in self._each.values() if (run := athlete.run)))


class _Run:
    """Repetitions one after the other, with no more than ``pause`` s between two."""

    def __init__(self, settings: RepetitionsSettings) -> None:
        self._settings = settings
        self._times: deque[float] = deque(maxlen=_TEMPO_REPETITIONS)
        self.exercise = ""
        self.count = 0

    def add(self, exercise: str, now: float) -> None:
        """Count one more, or the first of another exercise."""
        if exercise != self.exercise and self.counts:
            self.clear()
        self.exercise = exercise
        self.count = min(self.count + 1, _MAX_REPETITIONS)
        self._times.append(now)

    def clear(self) -> None:
        self._times.clear()
        self.count = 0

    @property
    def counts(self) -> bool:
        """True if there were enough for an exercise."""
        return self.count >= self._settings.least

    @property
    def last(self) -> float:
        return self._times[-1]

    @property
    def tempo(self) -> int:
        """Repetitions a minute, of the last few."""
        lasted = self._times[-1] - self._times[0]
        return min(_MAX_TEMPO_PER_MIN, round(60 * (len(self._times) - 1) / lasted)) if lasted else 0

    def is_over(self, now: float) -> bool:
        return self.count > 0 and now - self.last > self._settings.pause


class PersonExercises:
    """Counts the exercises of one person, of the hips and of the arms separately."""

    def __init__(self, settings: RepetitionsSettings) -> None:
        self._detector = RepetitionDetector()
        self._hips, self._arms = _Run(settings), _Run(settings)

    def update(self, body: Body, now: float) -> Iterator[Event]:
        """Yield a completed repetition, and the end of an exercise that went over into another."""
        for exercise in self._detector.update(body, now):
            run = self._hips if exercise == "squats" else self._arms
            if run.counts and run.exercise != exercise:
                yield _ended(run, body.id)
            run.add(exercise, now)
            if run.counts:
                details: dict[str, float | int | str] = {"exercise": exercise, "count": run.count, "tempo": run.tempo}
                yield Event("repetition", body.id, confidence=body.score, details=details)

    def rest(self, number: int, now: float) -> Iterator[Event]:
        """Yield the end of each exercise that was not continued."""
        for run in (self._hips, self._arms):
            if run.is_over(now):
                if run.counts:
                    yield _ended(run, number)
                run.clear()

    @property
    def run(self) -> _Run | None:
        """The exercise of the last repetition."""
        return _latest(run for run in (self._hips, self._arms) if run.counts)


def _latest(runs: Iterator[_Run]) -> _Run | None:
    return max(runs, key=lambda run: run.last, default=None)


def _ended(run: _Run, number: int) -> Event:
    return Event("exercise_ended", number, details={"exercise": run.exercise, "count": run.count})


def _state_of(run: _Run | None) -> State:
    return {
        "exercise": run.exercise if run else "none",
        "repetitions": run.count if run else 0,
        "tempo": run.tempo if run else 0,
    }


_WORDS = ("none", "squats", "jumping_jacks", "arm_raises")
_MEASURED = {"state_class": "measurement", **OFF_AT_FIRST}
_TEMPO_OPTIONS = {"icon": "mdi:metronome", "unit_of_measurement": "1/min", **_MEASURED}
_EXERCISE = Words(
    allowed=_WORDS,
    help="what the last repetition was of",
    entity=Entity("sensor", "Exercise", {"icon": "mdi:weight-lifter", **OFF_AT_FIRST}, {"none": "No exercise"}),
)
_COUNT = Number(
    low=0,
    high=_MAX_REPETITIONS,
    help="how many so far",
    entity=Entity("sensor", "Repetitions", {"icon": "mdi:counter", **_MEASURED}),
)
_TEMPO = Number(
    low=0,
    high=_MAX_TEMPO_PER_MIN,
    unit="1/min",
    help="how many a minute, of the last few",
    entity=Entity("sensor", "Tempo", _TEMPO_OPTIONS),
)
_ENDED = {"exercise": _EXERCISE, "count": _COUNT}

REGISTRATION = Registration(
    section="repetitions",
    settings=RepetitionsSettings,
    make=lambda context: Exercise(context.settings.section(RepetitionsSettings)),
    state={"exercise": _EXERCISE, "repetitions": _COUNT, "tempo": _TEMPO},
    events={
        "repetition": EventKind(
            "somebody did one more, from the `repetitions.least`-th on", _ENDED | {"tempo": _TEMPO}
        ),
        "exercise_ended": EventKind("an exercise has ended", _ENDED),
    },
    facts={name: RuleFact(name, of_person=True) for name in ("exercise", "repetitions", "tempo")},
    needs_frame_rate=True,
)
