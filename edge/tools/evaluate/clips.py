"""Play clips through everything from the model to the detectors, and compare what is said with what happens in them."""

import argparse
import itertools
import json
import math
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from edge import wire
from edge.config.settings import Settings
from edge.data_files import MODELS
from edge.errors import BadInput, NoSource, UsageError
from edge.image_quality import ImageQuality
from edge.pose import Person
from edge.report import configuration
from edge.report.analytics.detectors.posture import PostureSettings
from edge.report.analytics.engine import MIN_SCORES, Engine
from edge.report.messages.event import event_payload
from edge.sense.camera.base import Frame
from edge.sense.camera.error_text import quoted
from edge.sense.camera.files.clip import Clip
from edge.sense.camera.rotate import Pixels
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import find_model
from edge.sense.measure_image import MEASURE_INTERVAL_S, measure_image
from edge.sense.pose_pipeline import PosePipeline
from edge.sense.stage_timer import StageTimer
from edge.tools.describe import event_in_words
from edge.tools.evaluate.postures import Postures, posture_lines
from edge.tools.evaluate.truth import ClipTruth, read_truth
from edge.tools.play.playback import events
from edge.tools.progress import Progress

_HELD_S = 0.7
"""Part of a clip at its beginning and at its end that is played to and fro."""
_MAX_RATE, _MAX_HOLD_S = 1000.0, 3600.0
_BAR_WIDTH = 20


class ClipFrame(NamedTuple):
    """One frame of a clip."""

    number: int
    """Among those that are played, from 0."""
    time: float
    """From the first frame, s."""
    pixels: Pixels
    """Upright, RGB ``[height, width, 3]``."""


MeasurePicture = Callable[[Pixels], ImageQuality]
FindPersons = Callable[[ClipFrame, float], Sequence[Person]]
"""From a frame, and the time at which it is shown, s, to the persons in it, px."""


@dataclass(frozen=True)
class Playing:
    """How clips are played."""

    settings: Settings
    begin: Callable[[], FindPersons]
    """Called for each clip: makes what finds the persons in its frames one after the other."""
    rate: float | None = None
    """Most frames a second; None: all."""
    before: float = 0.0
    """Time for which the beginning of a clip is played to and fro first, s."""
    after: float = 0.0
    """Time for which its end is played to and fro afterwards, s."""
    measure: MeasurePicture | None = None
    """Called once a second; None: the camera is never taken for blind."""


@dataclass
class Results:
    """Results so far."""

    clips: list[tuple[ClipTruth, dict[str, Any]]] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """Clips that could not be read, with the reason."""

    def as_json(self) -> dict[str, Any]:
        """Build what ``--json`` prints."""
        return {
            "clips": [result for _, result in self.clips],
            "falls": self._count("floor"),
            "everyday": self._count(None),
            "unreadable": [{"file": name, "reason": why} for name, why in self.unreadable],
        }

    def _count(self, onto: str | None) -> dict[str, int]:
        kinds = [_kinds(result) for truth, result in self.clips if truth.onto == onto]
        return {
            "of": len(kinds),
            "suspected": sum("fall_suspected" in each for each in kinds),
            "confirmed": sum("fall_confirmed" in each for each in kinds),
        }


def evaluate(arguments: argparse.Namespace) -> None:
    """Print the results, also those that are there when Ctrl-C ends it.

    Raises:
        UsageError: A number is out of range.
        NoSource: There is no truth file.
        BadTruth: The truth file cannot be used.
        BadInput: The truth file or a clip cannot be read; all other clips are evaluated.
        KeyboardInterrupt: It was interrupted.
    """
    _check(arguments)
    truths = read_truth(Path(arguments.clips))
    # Bounds against a compromised sense are not needed for these frames.
    settings = configuration.load_for(arguments, "publish.max_rate=1000")
    playing = Playing(
        settings,
        partial(person_finder, settings),
        arguments.rate,
        arguments.before,
        arguments.after,
        picture_measurer(settings),
    )
    results = Results()
    interrupted: KeyboardInterrupt | None = None
    try:
        evaluate_clips(truths, playing, results)
    except KeyboardInterrupt as stop:
        interrupted = stop
        done = len(results.clips) + len(results.unreadable)
        print(f"posenet-edge evaluate: stopped after {done} of {len(truths)} clips", file=sys.stderr)
    print(json.dumps(results.as_json(), indent=2) if arguments.json else as_text(results))
    if interrupted:
        raise interrupted
    if results.unreadable:
        whys = "; ".join(why for _, why in results.unreadable)
        raise BadInput(f"{len(results.unreadable)} of {len(truths)} clips could not be read: {whys}")


def _check(arguments: argparse.Namespace) -> None:
    rate = arguments.rate
    if rate is not None and not 0 < rate <= _MAX_RATE:
        raise UsageError(f"--rate {rate:g}: expected a number above 0, at most {_MAX_RATE:g}")
    for name in ("before", "after"):
        seconds = getattr(arguments, name)
        if not 0 <= seconds <= _MAX_HOLD_S:
            raise UsageError(f"--{name} {seconds:g}: expected seconds, 0 to {_MAX_HOLD_S:g}")


def person_finder(settings: Settings) -> FindPersons:
    """Load the model, and put everything together that ``sense`` does with a frame.

    Args:
        settings: Of model, decoder, tracker and attention.

    Returns:
        The function from a frame to its persons, for one clip. It takes as many second looks as the settings allow,
        however slow this machine is.

    Raises:
        BadModel: The model file cannot be used.
        Unavailable: There is no TensorFlow Lite runtime.
    """
    pipeline = PosePipeline(settings, StageTimer(), clock=lambda: 0.0)
    return lambda frame, now: pipeline.find_persons(Frame(frame.pixels, now, now, now))


def picture_measurer(settings: Settings) -> MeasurePicture:
    """Measure pictures at the scale of the model that the settings ask for.

    Returns:
        The function from a picture to its quality.

    Raises:
        BadModel: The model file cannot be used.
        Unavailable: There is no TensorFlow Lite runtime.
    """
    model = Model(find_model(settings.model.file, MODELS))
    return partial(measure_image, height=model.height, width=model.width)


def evaluate_clips(truths: Sequence[ClipTruth], playing: Playing, results: Results) -> None:
    """Evaluate clips one after the other, with progress on standard error.

    Args:
        truths: The clips.
        playing: How to play them.
        results: Where each result is added as soon as it is there.

    Raises:
        Unavailable: PyAV is not installed.
    """
    progress = Progress("posenet-edge evaluate")
    for number, truth in enumerate(truths):
        done = _BAR_WIDTH * number // len(truths)
        bar = f"[{'#' * done}{'.' * (_BAR_WIDTH - done)}] {number} of {len(truths)} clips, {truth.name}"
        try:
            results.clips.append((truth, evaluate_clip(truth, playing, partial(progress.say, bar))))
        except (NoSource, BadInput) as error:
            results.unreadable.append((truth.name, str(error)))


def evaluate_clip(truth: ClipTruth, playing: Playing, tell: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Evaluate one clip.

    Args:
        truth: What happens in it.
        playing: How to play it.
        tell: Called for each frame.

    Returns:
        The entry in ``clips`` of the results.

    Raises:
        NoSource: There is no such file.
        BadInput: It is not a clip, or has no frame.
        Unavailable: PyAV is not installed.
    """
    settings = playing.settings
    engine, find_persons = Engine(settings), playing.begin()
    lines: list[wire.FrameLine] = []
    shown: list[tuple[float, Sequence[Person]]] = []
    """Persons of the frames of the clip itself."""
    start, measured_at = 0.0, -math.inf
    qualities: dict[float, ImageQuality] = {}
    for moment, frame in with_holds(clip_frames(truth, playing), playing.before, playing.after):
        start = start if lines else moment
        now = moment - start
        persons = tuple(find_persons(frame, now))
        height, width, _ = frame.pixels.shape
        lines.append(wire.FrameLine(len(lines), now, now, width, height, persons))
        if playing.measure and now - measured_at >= MEASURE_INTERVAL_S:
            qualities[now], measured_at = playing.measure(frame.pixels), now
        if moment == frame.time:
            shown.append((moment, persons))
        tell()
    end = shown[-1][0]
    postures = Postures(truth, end, settings.section(PostureSettings).settle)

    def played() -> Iterator[wire.FrameLine]:
        for line in lines:
            if line.monotonic in qualities:
                engine.judge(qualities[line.monotonic], line.monotonic)
            yield line
            # The next line is asked for once the detectors have seen this one.
            postures.note(engine.state(line.monotonic).get("posture"), line.monotonic + start)

    said = [
        # As published, but on the clock of the clip: before its first frame time is negative.
        {**event_payload(event, at), "time": round(at + start, 2)}
        for event, at in events(played(), settings, engine)
    ]
    if truth.onto is None:
        since = math.inf
    elif truth.fall_from is None:
        since = end - _HELD_S
    else:
        since = truth.fall_from * truth.time_stretch
    state = engine.state(lines[-1].monotonic)
    is_assumed = bool(state.get("people")) and state["people"] == state["assumed"]
    return {
        "file": truth.name,
        "seen": _share_seen([persons for _, persons in shown], settings),
        "seen_after_fall": _share_seen([persons for moment, persons in shown if moment >= since], settings),
        "events": [{key: value for key, value in event.items() if key != "version"} for event in said],
        "present_at_end": "assumed" if is_assumed else "yes" if state.get("occupied") else "no",
        **({"postures": compared} if (compared := postures.as_json()) else {}),
    }


def clip_frames(truth: ClipTruth, playing: Playing) -> Iterator[ClipFrame]:
    """Read the frames of a clip in the order of their times.

    Args:
        truth: Which clip, and how much too fast it plays.
        playing: Rate.

    Yields:
        The frames that ``rate`` leaves, at least one.

    Raises:
        NoSource: There is no such file.
        BadInput: It is not a clip, or has no frame.
        Unavailable: PyAV is not installed.
    """
    clip = Clip(truth.path, playing.settings.video.frame_rate)
    try:
        first, last, slot, count = None, -math.inf, -1, 0
        for number, (moment, frame) in enumerate(clip.frames()):
            first = moment if first is None else first
            moment = (moment - first) * truth.time_stretch
            # The frame nearest behind each multiple of 1 / rate; a hair early counts, as time stamps are rounded.
            due = math.floor(moment * playing.rate + 0.01) if playing.rate else number
            if moment <= last or due <= slot:
                continue
            last, slot = moment, due
            yield ClipFrame(count, moment, clip.pixels(frame))
            count += 1
        if first is None:
            raise BadInput(f"{quoted(truth.path)} has no frame that can be read; expected a clip, copy it again")
        for warning in filter(None, (clip.doubt, clip.flaw)):
            print(f"posenet-edge evaluate: {warning}", file=sys.stderr)
    finally:
        clip.close()


def with_holds(frames: Iterator[ClipFrame], before: float, after: float) -> Iterator[tuple[float, ClipFrame]]:
    """Play the beginning of a clip to and fro before it, and its end after it, so that there is a past and a future.

    Args:
        frames: All frames, at least one; few of them are held at a time.
        before: Time before the clip, s.
        after: Time after the clip, s.

    Yields:
        The time at which a frame is shown, and the frame; the clip begins at 0.
    """
    begun = []
    for frame in frames:
        begun.append(frame)
        if frame.time > _HELD_S:
            break
    beginning = [frame for frame in begun if frame.time <= _HELD_S]
    yield from reversed([(-elapsed, frame) for elapsed, frame in _to_and_fro(beginning, before)])
    ending: deque[ClipFrame] = deque()
    for frame in itertools.chain(begun, frames):
        ending.append(frame)
        while frame.time - ending[0].time > _HELD_S:
            ending.popleft()
        yield frame.time, frame
    for elapsed, frame in _to_and_fro(list(reversed(ending)), after):
        yield ending[-1].time + elapsed, frame


def _to_and_fro(frames: list[ClipFrame], seconds: float) -> Iterator[tuple[float, ClipFrame]]:
    """Begin beside the first frame, turn at the last one, and so on; yields each with the time since the beginning."""
    elapsed, last = 0.0, frames[0]
    for frame in itertools.cycle([*frames[1:], *frames[-2::-1]] or frames):
        # A clip of one frame has no rate of its own.
        elapsed += abs(frame.time - last.time) or _HELD_S / 10
        if elapsed > seconds:
            return
        last = frame
        yield elapsed, frame


def _share_seen(shown: Sequence[Sequence[Person]], settings: Settings) -> float | None:
    """Share of the frames with a person whom the detectors believe; None without a frame."""
    least = MIN_SCORES[settings.people.sensitivity]
    seen = [any(person.pose.score >= least for person in persons) for persons in shown]
    return round(sum(seen) / len(seen), 3) if seen else None


def _kinds(result: dict[str, Any]) -> set[str]:
    return {event["kind"] for event in result["events"]}


def as_text(results: Results) -> str:
    """Format the events of each clip, a table of the clips, and the sums."""
    lines: list[str] = []
    for _, result in results.clips:
        lines.append(result["file"])
        lines += [f"{event['time']:9.2f} s  {event_in_words(event)}" for event in result["events"]]
        lines += [] if result["events"] else ["           nothing was said"]
        lines.append("")
    width = max([len("clip"), *(len(truth.name) for truth, _ in results.clips)]) + 2
    lines.append(f"{'clip':<{width}}{'truth':<13}{'seen':>6}{'after fall':>12}  {'fall':<11}present at end")
    lines += [_row(truth, result, width) for truth, result in results.clips]
    sums = results.as_json()
    right = sum(truth.present_at_end is (result["present_at_end"] != "no") for truth, result in results.clips)
    lines += [
        "",
        f"{'':<24}{'clips':>6}{'suspected':>11}{'confirmed':>11}",
        *(
            f"{title:<24}{sums[key]['of']:>6}{sums[key]['suspected']:>11}{sums[key]['confirmed']:>11}"
            for title, key in (("falls onto the floor", "falls"), ("everyday", "everyday"))
        ),
        f"present at the end as in the truth: {right} of {len(results.clips)} clips",
        *posture_lines([result.get("postures", []) for _, result in results.clips]),
    ]
    return "\n".join(lines)


def _row(truth: ClipTruth, result: dict[str, Any], width: int) -> str:
    kinds = _kinds(result)
    fall = "confirmed" if "fall_confirmed" in kinds else "suspected" if "fall_suspected" in kinds else "-"
    happens = f"fall, {truth.onto}" if truth.onto else "everyday"
    end, is_there = result["present_at_end"], truth.present_at_end
    wrong = "" if is_there is (end != "no") else f" (truth: {'yes' if is_there else 'no'})"
    return (
        f"{truth.name:<{width}}{happens:<13}{_percent(result['seen']):>6}{_percent(result['seen_after_fall']):>12}"
        f"  {fall:<11}{end}{wrong}"
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"
