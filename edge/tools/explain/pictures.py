"""Draw the heads, the walk and the poses over the model input."""

import math
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES, SKELETON, SURE, Pose
from edge.sense.camera.rotate import Pixels
from edge.sense.inference.heads import Float32, Heads
from edge.tools.explain.walk import Cell, Point, Walk

_LONGEST_PX = 1200
"""Longest side of a picture, unless the model input itself is longer."""
_SHEET_COLUMNS = 6
_BAR_PX = 20
"""Height of the line of text over a part of a sheet."""
_DIM = 0.35
"""Brightness of the model input behind what is drawn over it."""
_NAME_PX = 30
"""Height of the name of a pose over its highest sure keypoint."""
_TEXT_PX, _MAX_MARGIN_PX = 8, 128
"""Room for a number beside a point, and greatest margin, px of the model input."""
_WHITE, _GREY, _YELLOW, _CYAN, _GREEN = (255, 255, 255), (170, 170, 170), (0, 220, 255), (255, 220, 0), (60, 230, 60)
"""Blue, green, red, as OpenCV has it; so are all pictures here."""
_PEOPLE = ((60, 230, 60), (60, 130, 255), (255, 130, 60), (230, 60, 230), (60, 230, 230))
_Colour = tuple[int, int, int]


class _Canvas:
    """The model input enlarged, on which positions are in px of the model input."""

    def __init__(self, picture: Pixels, brightness: float = 1.0, factor: int = 0, margin: int = 0) -> None:
        """Start with a picture, RGB; ``factor`` 0: as large as fits; ``margin``: px of black around it."""
        self._margin = margin
        if margin:
            border = cv2.copyMakeBorder(picture, margin, margin, margin, margin, cv2.BORDER_CONSTANT)
            picture = np.asarray(border, np.uint8)
        height, width = picture.shape[:2]
        self.factor = factor or max(1, _LONGEST_PX // max(height, width))
        shown = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        if brightness < 1:
            grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
            shown = cv2.cvtColor(np.rint(grey * brightness).astype(np.uint8), cv2.COLOR_GRAY2BGR)
        size = (width * self.factor, height * self.factor)
        self.pixels = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_NEAREST), np.uint8)

    def at(self, point: Point) -> tuple[int, int]:
        """Find (x, y) on the canvas of (y, x) in px of the model input: centres of pixels correspond."""
        y, x = (round((each + self._margin + 0.5) * self.factor - 0.5) for each in point)
        return x, y

    def arrow(self, start: Point, end: Point, colour: _Colour, thickness: int = 1) -> None:
        """Draw an arrow with a head of 6 px, or less on a short one."""
        length = math.dist(self.at(start), self.at(end))
        tip = min(0.4, 6 / length) if length else 0.0
        cv2.arrowedLine(self.pixels, self.at(start), self.at(end), colour, thickness, cv2.LINE_AA, tipLength=tip)

    def line(self, start: Point, end: Point, colour: _Colour, thickness: int = 2) -> None:
        cv2.line(self.pixels, self.at(start), self.at(end), colour, thickness, cv2.LINE_AA)

    def dot(self, point: Point, colour: _Colour, radius: int = 4, is_filled: bool = True) -> None:
        cv2.circle(self.pixels, self.at(point), radius, colour, -1 if is_filled else 1, cv2.LINE_AA)

    def text(self, point: Point, words: str, colour: _Colour = _WHITE) -> None:
        """Write beside a point."""
        x, y = self.at(point)
        _write(self.pixels, (x + 6, y - 4), words, colour)

    def pose(self, pose: Pose, colour: _Colour, name: str = "") -> None:
        """Draw a pose, its name above it: edges between sure keypoints, dots for these, rings for the others."""
        for parent, child in SKELETON:
            start, end = pose.keypoints[parent], pose.keypoints[child]
            if min(start.score, end.score) >= SURE:
                self.line((start.y, start.x), (end.y, end.x), colour)
        for keypoint in pose.keypoints:
            is_sure = keypoint.score >= SURE
            self.dot((keypoint.y, keypoint.x), colour, 4 if is_sure else 3, is_filled=is_sure)
        top = min(pose.keypoints, key=lambda keypoint: (keypoint.score < SURE, keypoint.y))
        self.text((top.y - _NAME_PX / self.factor, top.x), name)


def draw_input(picture: Pixels) -> Pixels:
    """Show the model input as it is, enlarged."""
    return _Canvas(picture).pixels


def draw_heatmaps(picture: Pixels, heads: Heads) -> Pixels:
    """Show the seventeen heatmaps and the maximum of all, each over the model input, with its best cell."""
    maps = {name: heads.scores[..., number] for number, name in enumerate(KEYPOINT_NAMES)}
    maps["maximum of all"] = heads.scores.max(axis=-1)
    parts = [
        _titled(_heat(picture, scores, heads.output_stride, 1), f"{name} {scores.max():.2f}")
        for name, scores in maps.items()
    ]
    rows = [np.hstack(parts[at : at + _SHEET_COLUMNS]) for at in range(0, len(parts), _SHEET_COLUMNS)]
    return np.asarray(np.vstack(rows), np.uint8)


def draw_maximum(picture: Pixels, heads: Heads) -> Pixels:
    """Show for each cell its highest score of any keypoint."""
    return _heat(picture, heads.scores.max(axis=-1), heads.output_stride, 0)


def draw_offsets(picture: Pixels, heads: Heads, threshold: float) -> Pixels:
    """Show the grid of cells, and the offset of each keypoint in each cell that scores ``threshold`` or more."""
    canvas = _Canvas(picture, _DIM)
    stride = heads.output_stride
    rows, columns, _ = heads.scores.shape
    for row in range(rows):
        for column in range(columns):
            canvas.dot(_centre((row, column), stride), _GREY, 1)
    for row, column, keypoint in np.argwhere(heads.scores >= threshold).tolist():
        y, x = heads.offsets[row, column, [keypoint, keypoint + KEYPOINT_COUNT]].tolist()
        start = _centre((row, column), stride)
        end = (start[0] + y, start[1] + x)
        colour = _keypoint_colour(keypoint)
        canvas.arrow(start, end, colour)
        canvas.dot(end, colour, 2)
    return canvas.pixels


def draw_walk(picture: Pixels, walk: Walk, stride: int) -> Pixels:
    """Show a walk: displacements yellow, offsets at their ends blue, keypoints green with the step's number."""
    canvas = _Canvas(picture, _DIM, margin=_overshoot(walk, *picture.shape[:2]))
    for step in walk.steps:
        canvas.arrow(step.start, step.landing, _YELLOW)
        canvas.dot(step.landing, _YELLOW, 3, is_filled=False)
        for cell, point in step.refined:
            canvas.arrow(_centre(cell, stride), point, _CYAN)
            canvas.dot(_centre(cell, stride), _CYAN, 2)
    canvas.arrow(_centre(walk.cell, stride), walk.start, _CYAN)
    for number, point in enumerate((walk.start, *(step.end for step in walk.steps))):
        canvas.dot(point, _GREEN, 3)
        canvas.text(point, f"{number}", _GREEN)
    return canvas.pixels


def draw_poses(photo: Pixels, poses: Iterable[Pose]) -> Pixels:
    """Show poses in px of the photo over the photo, which is made smaller if it is large."""
    height, width = photo.shape[:2]
    scale = min(1.0, _LONGEST_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = _Canvas(np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8), factor=1)
    for number, (pose, colour) in enumerate(zip(poses, _colours(), strict=False), 1):
        keypoints = (
            each._replace(x=(each.x + 0.5) * scale - 0.5, y=(each.y + 0.5) * scale - 0.5) for each in pose.keypoints
        )
        canvas.pose(pose._replace(keypoints=tuple(keypoints)), colour, f"{number}")
    return canvas.pixels


def draw_single_and_multi(picture: Pixels, single: Pose, several: Sequence[Pose]) -> Pixels:
    """Show single-pose decoding on the left and multi-pose decoding on the right, over the model input."""
    factor = max(1, round(_LONGEST_PX / (2 * picture.shape[1])))
    left, right = _Canvas(picture, factor=factor), _Canvas(picture, factor=factor)
    left.pose(single, _WHITE)
    for number, (pose, colour) in enumerate(zip(several, _colours(), strict=False), 1):
        right.pose(pose, colour, f"{number}")
    return np.hstack([_titled(left.pixels, "single"), _titled(right.pixels, "multi")])


def encode(picture: Pixels) -> bytes:
    """Encode a picture as PNG."""
    return cv2.imencode(".png", picture)[1].tobytes()


def _heat(picture: Pixels, scores: Float32, stride: int, factor: int) -> Pixels:
    """Colour each pixel of the model input by the score of the cell nearest to it, and ring the best cell."""
    canvas = _Canvas(picture, _DIM, factor)
    height, width = picture.shape[:2]
    rows = _nearest_cells(height, stride, scores.shape[0])
    spread = scores[rows[:, None], _nearest_cells(width, stride, scores.shape[1])]
    size = canvas.pixels.shape[1::-1]
    heat = cv2.resize(spread, size, interpolation=cv2.INTER_NEAREST)[..., None]
    colours = cv2.applyColorMap(np.rint(255 * heat).astype(np.uint8), cv2.COLORMAP_INFERNO)
    canvas.pixels = np.rint(canvas.pixels * (1 - heat) + colours * heat).astype(np.uint8)
    row, column = divmod(int(scores.argmax()), scores.shape[1])
    canvas.dot(_centre((row, column), stride), _CYAN, 5, is_filled=False)
    return canvas.pixels


def _overshoot(walk: Walk, height: int, width: int) -> int:
    """Find how far a walk leads beyond the model input, px, to show it; at most ``_MAX_MARGIN_PX``."""
    far = max(max(-y, -x, y - height, x - width) for step in walk.steps for y, x in (step.landing, step.end))
    return min(max(0, math.ceil(far)) + _TEXT_PX, _MAX_MARGIN_PX)


def _nearest_cells(side: int, stride: int, count: int) -> NDArray[np.intp]:
    """Find the nearest row, or column, of each pixel along a side; of two the later one, as the decoder does."""
    return ((np.arange(side) + stride // 2) // stride).clip(0, count - 1)


def _centre(cell: Cell, stride: int) -> Point:
    return float(cell[0] * stride), float(cell[1] * stride)


def _titled(picture: Pixels, title: str) -> Pixels:
    bar = np.zeros((_BAR_PX, picture.shape[1], 3), np.uint8)
    _write(bar, (4, _BAR_PX - 6), title, _WHITE)
    return np.vstack([bar, picture])


def _write(picture: Pixels, at: tuple[int, int], words: str, colour: _Colour) -> None:
    """Write in a colour on a black outline."""
    cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 4, cv2.LINE_AA)
    cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)


def _keypoint_colour(keypoint: int) -> _Colour:
    hue = np.array([[[180 * keypoint // KEYPOINT_COUNT, 190, 255]]], np.uint8)
    blue, green, red = cv2.cvtColor(hue, cv2.COLOR_HSV2BGR)[0, 0].tolist()
    return blue, green, red


def _colours() -> Iterable[_Colour]:
    """Give a colour for each person, over and over."""
    while True:
        yield from _PEOPLE
