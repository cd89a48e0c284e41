"""The recorded walk is the decoder's: it ends at the decoder's keypoints, and each step follows from the heads."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import DecodeSettings
from edge.pose import EDGE_COUNT, KEYPOINT_COUNT, SKELETON
from edge.sense.decode import decode_multi
from edge.sense.decode.fine import FINE_REFINEMENTS
from edge.sense.decode.multi import grow
from edge.sense.inference.heads import Heads
from edge.tools.explain.walk import first_walk

STRIDE = 16


def random_heads(seed: int) -> Heads:
    random = np.random.default_rng(seed)
    rows, columns = random.integers(1, 9, 2)

    def head(channels: int, reach: float) -> np.ndarray:
        return random.uniform(-reach, reach, (rows, columns, channels)).astype(np.float32)

    return Heads(abs(head(KEYPOINT_COUNT, 1)), head(34, 20), head(32, 90), head(32, 90), STRIDE)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["tfjs", "fine"]))
def test_the_walk_ends_at_the_keypoints_of_the_first_pose(seed: int, method: str) -> None:
    heads = random_heads(seed)
    walk = first_walk(heads, DecodeSettings(method=method, score_threshold=0.01))
    assert walk is not None
    if method == "tfjs":
        pose = decode_multi(heads, 1, 0.01)[0]
        keypoints = [(keypoint.y, keypoint.x, keypoint.score) for keypoint in pose.keypoints]
    else:
        grown = grow(heads, 1, 0.01, 20.0, FINE_REFINEMENTS)[0]
        keypoints = list(zip(grown.ys, grown.xs, grown.scores, strict=True))
    assert (*walk.start, walk.score) == keypoints[walk.root]
    assert [(*step.end, step.score) for step in walk.steps] == [keypoints[step.target] for step in walk.steps]
    assert sorted([walk.root, *(step.target for step in walk.steps)]) == list(range(KEYPOINT_COUNT))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["tfjs", "fine"]))
def test_each_step_follows_from_the_one_before_and_the_heads(seed: int, method: str) -> None:
    heads = random_heads(seed)
    walk = first_walk(heads, DecodeSettings(method=method, score_threshold=0.01))
    assert walk is not None
    known = {walk.root: walk.start}
    for step in walk.steps:
        assert step.start == known[step.source]
        parent_and_child = (step.source, step.target) if step.is_forward else (step.target, step.source)
        edge = SKELETON.index(parent_and_child)
        displacements = (heads.displacement_fwd if step.is_forward else heads.displacement_bwd)[step.cell]
        assert step.landing == tuple(
            float(displacements[edge + axis * EDGE_COUNT]) + step.start[axis] for axis in (0, 1)
        )
        for cell, point in step.refined:
            offsets = heads.offsets[cell]
            assert point == tuple(
                cell[axis] * STRIDE + float(offsets[step.target + axis * KEYPOINT_COUNT]) for axis in (0, 1)
            )
        assert 1 <= len(step.refined) <= (FINE_REFINEMENTS if method == "fine" else 2)
        assert step.refined[-1][1] == step.end
        known[step.target] = step.end


def test_no_pose_starts_below_the_threshold() -> None:
    heads = random_heads(1)
    assert first_walk(heads._replace(scores=heads.scores * 0.2), DecodeSettings(score_threshold=0.3)) is None
