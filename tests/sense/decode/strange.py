"""Heads that no room would give: every size and stride, ties everywhere, and numbers that are none."""

import numpy as np
from hypothesis import strategies as st

from edge.pose import EDGE_COUNT, KEYPOINT_COUNT
from edge.sense.inference.heads import Heads

NOT_NUMBERS = (np.nan, np.inf, -np.inf)
HUGE = (3e38, -3e38, 1e20, -1e20)
CHANNELS = (KEYPOINT_COUNT, 2 * KEYPOINT_COUNT, 2 * EDGE_COUNT, 2 * EDGE_COUNT)
STRIDES = (8, 16, 32)
THRESHOLDS = (0.0, 0.1, 0.3, 0.5, 0.7, 1.0)


@st.composite
def settings(draw: st.DrawFn) -> dict[str, float]:
    """What ``decode_multi`` may be asked; radii that are met exactly by half and whole strides."""
    return {
        "max_poses": draw(st.sampled_from((0, 1, 2, 5, 10, 40))),
        "score_threshold": draw(st.sampled_from(THRESHOLDS)),
        "nms_radius": draw(st.sampled_from((0.0, 4.0, 8.0, 16.0, 20.0, 32.0, 33.3))),
    }


@st.composite
def heads(draw: st.DrawFn, wrong: tuple[float, ...] = ()) -> Heads:
    """Random heads of up to 7x7 cells; some of their numbers replaced by wrong ones, where such are given."""
    height, width = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    stride = draw(st.sampled_from(STRIDES))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    scores = random.uniform(0, 1, (height, width, KEYPOINT_COUNT)) ** draw(st.sampled_from((0.5, 1, 3)))
    if draw(st.booleans()):  # ties and plateaus, and scores that are a threshold
        scores = np.round(scores, 1)
    reach = draw(st.sampled_from((0.2, 1.0, 3.0)))
    vectors = [random.normal(0, reach * stride, (height, width, channels)) for channels in CHANNELS[1:]]
    if draw(st.booleans()):  # halfway between two cells, and distances that are a radius
        vectors = [np.round(vector / (stride / 2)) * (stride / 2) for vector in vectors]
    all_heads = [np.ascontiguousarray(head, np.float32) for head in (scores, *vectors)]
    if wrong:
        for _ in range(draw(st.integers(1, 12))):
            head = all_heads[draw(st.integers(0, 3))].reshape(-1)
            head[draw(st.integers(0, head.size - 1))] = draw(st.sampled_from(wrong))
    for head in all_heads:
        head.setflags(write=False)
    return Heads(*all_heads, stride)
