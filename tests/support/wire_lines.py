"""Strategies for all that may cross from sense to report."""

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
MS = st.floats(0, 1e7)
FRAMES = st.builds(wire.FrameLine, COUNT, CLOCK, CLOCK, SIDE, SIDE, PERSONS)
STATUSES = st.builds(
    wire.StatusLine,
    monotonic=CLOCK,
    time=CLOCK,
    state=st.sampled_from(wire.STATES),
    source=st.sampled_from(wire.SOURCES),
    model_height=SIDE,
    model_width=SIDE,
    output_stride=st.sampled_from(wire.STRIDES),
    quantization=st.sampled_from(wire.QUANTIZATIONS),
    frames=COUNT,
    frames_dropped=COUNT,
    lines_dropped=COUNT,
    camera_failures=COUNT,
    frame_rate=st.floats(0, 10000),
    fit_ms=MS,
    invoke_ms=MS,
    decode_ms=MS,
    latency_ms=MS,
    breaches=st.lists(st.sampled_from(wire.BREACHES), unique=True).map(tuple),
    brightness=st.none() | st.floats(0, 1),
    contrast=st.none() | st.floats(0, 1),
    sharpness=st.none() | st.floats(0, 100),
    temperature=st.none() | st.floats(-100, 200),
    uptime=CLOCK,
)
