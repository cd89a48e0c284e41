"""Strategies for all that may cross from sense to report."""

from typing import Any, get_type_hints

from hypothesis import strategies as st

from edge import wire
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose

UNIT = st.floats(0, 1)
POSITION = st.floats(-65536, 65536)
KEYPOINT = st.builds(Keypoint, POSITION, POSITION, UNIT)
POSE = st.builds(Pose, UNIT, st.tuples(*[KEYPOINT] * KEYPOINT_COUNT))
PERSON = st.builds(Person, st.integers(1, wire.MAX_ID), POSE)
PERSONS = st.lists(PERSON, max_size=4, unique_by=lambda person: person.id).map(tuple)
CLOCK = st.floats(0, 1e12)
COUNT = st.integers(0, 2**53 - 1)
SIDE = st.integers(1, 16384)
FRAMES = st.builds(wire.FrameLine, COUNT, CLOCK, CLOCK, SIDE, SIDE, PERSONS)
_WORDS = {
    "state": st.sampled_from(wire.STATES),
    "source": st.sampled_from(wire.SOURCES),
    "output_stride": st.sampled_from(wire.STRIDES),
    "quantization": st.sampled_from(wire.QUANTIZATIONS),
    "model_choice": st.sampled_from(wire.MODEL_CHOICES),
    "found": st.builds(wire.Found, *[st.integers(0, wire.MAX_FOUND)] * 4),
    "attention": st.sampled_from(wire.ATTENTIONS),
    "duty": st.sampled_from(wire.DUTIES),
    "stages": st.tuples(*[st.builds(wire.Percentiles, *[st.floats(*wire.STAGE_MS)] * 3)] * len(wire.STAGES)),
    "breaches": st.lists(st.sampled_from(wire.BREACHES), unique=True).map(tuple),
}


def _number(name: str, kind: Any) -> st.SearchStrategy[Any]:
    low, high = wire.RANGES[name]
    numbers = st.integers(int(low), int(high)) if kind is int else st.floats(low, high)
    return st.none() | numbers if kind == float | None else numbers


STATUSES = st.builds(
    wire.StatusLine,
    **{
        name: _WORDS[name] if name in _WORDS else _number(name, kind)
        for name, kind in get_type_hints(wire.StatusLine).items()
    },
)
