"""The heads in ``vectors/`` and what tfjs PoseNet decodes from them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from edge.pose import Keypoint, Pose
from edge.sense.inference.heads import Heads

FOLDER = Path(__file__).parent / "vectors"
NAMES = sorted(path.stem for path in FOLDER.glob("*.npz"))


def heads(name: str) -> Heads:
    with np.load(FOLDER / f"{name}.npz") as stored:
        one = np.float32(1)
        return Heads(
            one / (one + np.exp(-stored["heatmaps"].astype(np.float32))),
            stored["offsets"].astype(np.float32),
            stored["displacement_fwd"].astype(np.float32),
            stored["displacement_bwd"].astype(np.float32),
            int(stored["stride"]),
        )


def decoded(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text())


def pose(stored: dict[str, Any]) -> Pose:
    return Pose(stored["score"], tuple(Keypoint(*keypoint) for keypoint in stored["keypoints"]))
