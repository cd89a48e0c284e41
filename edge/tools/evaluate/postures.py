"""Compare the postures that are said with those that a truth file names."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from edge.tools.evaluate.truth import ClipTruth

RIGHT = {
    "standing": {"standing"},
    "walking": {"standing"},
    "sitting": {"sitting"},
    "squatting": {"sitting", "bending"},
    "kneeling": {"sitting", "bending"},
    "bending": {"bending"},
    "lying": {"lying"},
}
"""What is right to say of an activity; of others nothing is compared."""
_UNKNOWN = "unknown"


class Postures:
    """What is said while each activity of one clip goes on, and once the clip is over."""

    def __init__(self, truth: ClipTruth, clip_end: float, settle: float) -> None:
        """Begin before the first frame.

        Args:
            truth: What the person does.
            clip_end: Time of the last frame of the clip's own, s.
            settle: Time for which a posture must be seen before it is said: so long nothing is compared, s.
        """
        spans = [
            (word, start * truth.time_stretch, end * truth.time_stretch)
            for word, start, end in truth.activities
            if word in RIGHT
        ]
        if truth.ends in RIGHT:
            spans.append((truth.ends, clip_end, math.inf))
        self._settle = settle
        self._spans = [(word, start, end, Counter[str]()) for word, start, end in spans]

    def note(self, said: str | None, now: float) -> None:
        """Note what is said at ``now`` s."""
        for _, start, end, words in self._spans:
            if start + self._settle <= now <= end:
                words[said or _UNKNOWN] += 1

    def as_json(self) -> list[dict[str, Any]]:
        """Build the entry ``postures`` of a clip: shares of the frames in which each word was said."""
        return [
            {"activity": word, "from": round(start, 2), "said": shares}
            for word, start, _, words in self._spans
            if (shares := {said: round(count / words.total(), 3) for said, count in words.most_common()})
        ]


def posture_lines(clips: Iterable[list[dict[str, Any]]]) -> list[str]:
    """Format the sums of all clips as lines, none if nothing was compared; each activity counts alike, however long."""
    shares: dict[str, list[tuple[float, float]]] = {}
    for activities in clips:
        for each in activities:
            word, said = each["activity"], each["said"]
            right = sum(said.get(one, 0.0) for one in RIGHT[word])
            shares.setdefault(word, []).append((right, said.get(_UNKNOWN, 0.0)))
    if not shares:
        return []
    lines = [f"{'posture said while':<24}{'times':>6}{'right':>11}{'wrong':>11}{'unknown':>11}"]
    for word, found in shares.items():
        right, unknown = (100 * sum(column) / len(found) for column in zip(*found, strict=True))
        lines.append(
            f"{word:<24}{len(found):>6}{right:>9.0f} %{max(0.0, 100 - right - unknown):>9.0f} %{unknown:>9.0f} %"
        )
    return ["", *lines]
