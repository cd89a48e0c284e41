"""The decoding once more, cell by cell and as plainly as it can be said: slow, and there to be compared with.

It follows the published algorithm (PersonLab; tfjs PoseNet 2.2.2) and shares nothing with ``edge.sense.decode``.
"""

import math

import numpy as np

from edge.pose import KEYPOINT_COUNT, SKELETON, Keypoint, Pose
from edge.sense.inference.heads import Heads

EDGE_COUNT = len(SKELETON)


def oracle_single(heads: Heads) -> Pose:
    heads = without_nonsense(heads)
    height, width, _ = heads.scores.shape
    keypoints = []
    for k in range(KEYPOINT_COUNT):
        best_y, best_x = 0, 0
        for y in range(height):
            for x in range(width):
                if heads.scores[y, x, k] > heads.scores[best_y, best_x, k]:
                    best_y, best_x = y, x
        keypoints.append(keypoint_at(heads, best_y, best_x, k))
    return Pose(sum(keypoint.score for keypoint in keypoints) / KEYPOINT_COUNT, tuple(keypoints))


def oracle_multi(
    heads: Heads, max_poses: int = 10, score_threshold: float = 0.5, nms_radius: float = 20.0
) -> list[Pose]:
    heads = without_nonsense(heads)
    poses: list[Pose] = []
    for score, y, x, k in candidates(heads, score_threshold):
        if len(poses) >= max_poses:
            break
        root = keypoint_at(heads, y, x, k)
        assert root.score == score
        if overlaps(root, k, poses, nms_radius):
            continue
        keypoints = whole_body(heads, root, k)
        total = 0.0
        for other, keypoint in enumerate(keypoints):
            if not overlaps(keypoint, other, poses, nms_radius):
                total += keypoint.score
        poses.append(Pose(total / KEYPOINT_COUNT, tuple(keypoints)))
    return poses


def candidates(heads: Heads, score_threshold: float) -> list[tuple[float, int, int, int]]:
    """(score, y, x, keypoint) of every local maximum; Python's sort leaves equal ones in their order."""
    height, width, _ = heads.scores.shape
    found = []
    for y in range(height):
        for x in range(width):
            for k in range(KEYPOINT_COUNT):
                score = float(heads.scores[y, x, k])
                if score >= score_threshold and is_local_maximum(heads, y, x, k):
                    found.append((score, y, x, k))
    return sorted(found, key=lambda candidate: -candidate[0])


def is_local_maximum(heads: Heads, y: int, x: int, k: int) -> bool:
    height, width, _ = heads.scores.shape
    for near_y in range(max(y - 1, 0), min(y + 2, height)):
        for near_x in range(max(x - 1, 0), min(x + 2, width)):
            if heads.scores[near_y, near_x, k] > heads.scores[y, x, k]:
                return False
    return True


def whole_body(heads: Heads, root: Keypoint, root_k: int) -> list[Keypoint]:
    found = {root_k: root}
    for edge in reversed(range(EDGE_COUNT)):
        parent, child = SKELETON[edge]
        if child in found and parent not in found:
            found[parent] = neighbour(heads, heads.displacement_bwd, edge, found[child], parent)
    for edge in range(EDGE_COUNT):
        parent, child = SKELETON[edge]
        if parent in found and child not in found:
            found[child] = neighbour(heads, heads.displacement_fwd, edge, found[parent], child)
    return [found[k] for k in range(KEYPOINT_COUNT)]


def neighbour(heads: Heads, displacements: np.ndarray, edge: int, source: Keypoint, target: int) -> Keypoint:
    row, column = nearest_cell(heads, source.y, source.x)
    y = source.y + float(displacements[row, column, edge])
    x = source.x + float(displacements[row, column, edge + EDGE_COUNT])
    for _ in range(2):
        guess = keypoint_at(heads, *nearest_cell(heads, y, x), target)
        y, x = guess.y, guess.x
    row, column = nearest_cell(heads, y, x)
    return Keypoint(x, y, float(heads.scores[row, column, target]))


def nearest_cell(heads: Heads, y: float, x: float) -> tuple[int, int]:
    height, width, _ = heads.scores.shape
    row = math.floor(y / heads.output_stride + 0.5)
    column = math.floor(x / heads.output_stride + 0.5)
    return min(max(row, 0), height - 1), min(max(column, 0), width - 1)


def keypoint_at(heads: Heads, y: int, x: int, k: int) -> Keypoint:
    return Keypoint(
        x=x * heads.output_stride + float(heads.offsets[y, x, k + KEYPOINT_COUNT]),
        y=y * heads.output_stride + float(heads.offsets[y, x, k]),
        score=float(heads.scores[y, x, k]),
    )


def overlaps(keypoint: Keypoint, k: int, poses: list[Pose], nms_radius: float) -> bool:
    for pose in poses:
        dy = pose.keypoints[k].y - keypoint.y
        dx = pose.keypoints[k].x - keypoint.x
        if dy * dy + dx * dx <= nms_radius * nms_radius:
            return True
    return False


def without_nonsense(heads: Heads) -> Heads:
    """What is not finite is 0; so is the score where the offset of that very keypoint and cell was not."""
    scores, offsets, displacement_fwd, displacement_bwd = (head.copy() for head in heads[:4])
    for k in range(KEYPOINT_COUNT):
        for bad in (scores[..., k], offsets[..., k], offsets[..., k + KEYPOINT_COUNT]):
            scores[..., k][~np.isfinite(bad)] = 0
    for head in (offsets, displacement_fwd, displacement_bwd):
        head[~np.isfinite(head)] = 0
    return Heads(scores, offsets, displacement_fwd, displacement_bwd, heads.output_stride)
