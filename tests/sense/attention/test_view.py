"""Views: what is cut out of a frame, and how positions in it are mapped back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from edge.sense.attention.view import View, whole

WIDTH, HEIGHT = 40, 30


@st.composite
def views(draw: st.DrawFn) -> View:
    width, height = draw(st.integers(1, WIDTH)), draw(st.integers(1, HEIGHT))
    left, top = draw(st.integers(0, WIDTH - width)), draw(st.integers(0, HEIGHT - height))
    return View(left, top, width, height, draw(st.integers(0, 3)))


@given(views(), st.data())
def test_every_pixel_of_the_cut_is_mapped_back_to_where_it_was(view: View, data: st.DataObject) -> None:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    frame = np.stack((columns, rows, np.zeros_like(rows)), axis=-1).astype(np.uint8)
    cut = view.cut(frame)
    assert cut.flags.c_contiguous
    assert sorted(cut.shape[:2]) == sorted((view.height, view.width))
    y, x = data.draw(st.integers(0, cut.shape[0] - 1)), data.draw(st.integers(0, cut.shape[1] - 1))
    pose = view.to_frame(Pose(0.5, (Keypoint(float(x), float(y), 0.9),) * KEYPOINT_COUNT))
    assert pose.score == 0.5
    assert pose.keypoints[3] == Keypoint(float(cut[y, x, 0]), float(cut[y, x, 1]), 0.9)


@pytest.mark.parametrize(("turns", "corner"), [(0, (0, 0)), (1, (WIDTH - 1, 0)), (2, (WIDTH - 1, HEIGHT - 1))])
def test_the_turns_are_counterclockwise(turns: int, corner: tuple[int, int]) -> None:
    pose = whole(WIDTH, HEIGHT, turns).to_frame(Pose(1.0, (Keypoint(0.0, 0.0, 1.0),) * KEYPOINT_COUNT))
    assert pose.keypoints[0][:2] == corner


def test_only_the_whole_upright_frame_is_whole() -> None:
    size = (WIDTH, HEIGHT)
    assert whole(*size).is_whole(size)
    assert not whole(*size, 2).is_whole(size)
    assert not View(0, 0, WIDTH - 1, HEIGHT).is_whole(size)
