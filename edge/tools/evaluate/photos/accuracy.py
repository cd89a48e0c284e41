"""COCO keypoint average precision of poses, and which pose is whose, both by pycocotools."""

import contextlib
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.errors import Unavailable
from edge.pose import Pose
from edge.tools.evaluate.photos.annotations import AnnotatedPerson, AnnotatedPhoto

_PERSON = 1
"""Id of the only category."""
MIN_SAME_OKS = 0.5
"""Least OKS of a pose and the person whose it is: the lowest of COCO's thresholds."""
PCK_SHARE = 0.1
"""Greatest distance of a right joint from where it is annotated, as a part of the longer side of the person's box."""


class Accuracy(NamedTuple):
    """Figures of COCO's keypoint evaluation, 0..1; None where there is nobody to be found."""

    ap: float | None
    """Average precision, mean over OKS 0.50:0.05:0.95."""
    ap50: float | None
    ap75: float | None
    ar: float | None
    """Average recall over the same thresholds."""


class PersonResult(NamedTuple):
    """A person who was to be found."""

    photo: int
    """Index of the photo."""
    person: AnnotatedPerson
    pose: Pose | None
    """The pose of this person; None if nobody was found there."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """``[17]``: the labelled joints that the pose has in the right place; PCK."""
        if self.pose is None:
            return np.zeros(len(self.person.keypoints), np.bool_)
        found = np.array(self.pose.keypoints)[:, :2]
        distances = np.hypot(*(found - self.person.keypoints[:, :2]).T)
        return np.asarray(self.person.labelled & (distances <= PCK_SHARE * self.person.size), np.bool_)


class PoseResult(NamedTuple):
    """A pose that is either somebody's or nobody's; those in crowds and of unlabelled people are neither."""

    photo: int
    """Index of the photo."""
    pose: Pose
    is_somebody: bool


def load_pycocotools() -> None:
    """Import pycocotools; raises Unavailable where it is not installed."""
    try:
        import pycocotools.cocoeval  # noqa: F401
    except ImportError as error:
        raise Unavailable(f"pycocotools is not installed ({error}): pip install 'posenet-edge[evaluate]'") from error


class CocoEvaluation:
    """Poses of one model, matched with the people in the photos. At most 20 poses of a photo are used, as by COCO.

    Attributes:
        people: Everybody who is to be found, photo by photo.
        poses: All poses that are somebody's or nobody's.
    """

    def __init__(self, photos: Sequence[AnnotatedPhoto], found: Mapping[int, Sequence[Pose]]) -> None:
        """Match.

        Args:
            photos: At least one, in any order.
            found: Poses by the photo's id, px of the photo.

        Raises:
            Unavailable: pycocotools is not installed.
        """
        self._photos = sorted(photos, key=lambda photo: photo.id)
        self._index = {photo.id: number for number, photo in enumerate(photos)}
        with contextlib.redirect_stdout(io.StringIO()):  # it prints messages
            self._evaluation = _matched(self._photos, found)
        self._by_photo = dict(zip((photo.id for photo in self._photos), self._evaluation.evalImgs, strict=True))
        self._ids = [photo.id for photo in photos]
        self.people: list[PersonResult] = []
        self.poses: list[PoseResult] = []
        for photo in photos:
            self._collect(photo, self._by_photo[photo.id])

    def accuracy(self, drawn: "Sequence[int] | NDArray[np.intp] | None" = None) -> Accuracy:
        """Compute the figures.

        Args:
            drawn: Indices of the photos to use, some perhaps several times; None: each once.

        Returns:
            The figures of these photos.
        """
        evaluation = self._evaluation
        ids = sorted(self._ids if drawn is None else [self._ids[number] for number in drawn])
        if not ids:
            return Accuracy(None, None, None, None)
        evaluation.evalImgs = [self._by_photo[identity] for identity in ids]
        evaluation.params.imgIds = ids
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation.accumulate()
            evaluation.summarize()
        # -1 stands for nobody to be found.
        values = [float(evaluation.stats[number]) for number in (0, 1, 2, 5)]
        return Accuracy(*(None if value < 0 else value for value in values))

    def _collect(self, photo: AnnotatedPhoto, matched: dict[str, Any] | None) -> None:
        """Collect people and poses from the results of one photo at the lowest threshold."""
        if matched is None:
            return
        poses = {each["id"]: each["pose"] for each in self._evaluation._dts[photo.id, _PERSON]}
        people = {each["id"]: each["person"] for each in self._evaluation._gts[photo.id, _PERSON]}
        number = self._index[photo.id]
        for identity, is_ignored, pose in zip(
            matched["gtIds"], matched["gtIgnore"], matched["gtMatches"][0], strict=True
        ):
            if not is_ignored:
                self.people.append(PersonResult(number, people[identity], poses.get(int(pose))))
        for identity, is_ignored, person in zip(
            matched["dtIds"], matched["dtIgnore"][0], matched["dtMatches"][0], strict=True
        ):
            if not is_ignored:
                self.poses.append(PoseResult(number, poses[identity], person > 0))


def _matched(photos: Sequence[AnnotatedPhoto], found: Mapping[int, Sequence[Pose]]) -> Any:
    """Make pycocotools' evaluation after matching; its people and poses have ours beside them."""
    load_pycocotools()
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def indexed(annotations: list[dict[str, Any]]) -> Any:
        # Ids from 1, as pycocotools takes 0 for "no match".
        numbered = [{**each, "id": number, "category_id": _PERSON} for number, each in enumerate(annotations, 1)]
        coco = COCO()
        coco.dataset = {
            "images": [{"id": photo.id} for photo in photos],
            "categories": [{"id": _PERSON, "name": "person"}],
            "annotations": numbered,
        }
        coco.createIndex()
        return coco

    people = [_as_annotation(photo.id, person) for photo in photos for person in photo.people]
    poses = [_as_result(photo.id, pose) for photo in photos for pose in found.get(photo.id, ())]
    evaluation = COCOeval(indexed(people), indexed(poses), "keypoints")
    # People of all sizes only; figures by size are made from the people found.
    evaluation.params.areaRng, evaluation.params.areaRngLbl = evaluation.params.areaRng[:1], ["all"]
    assert evaluation.params.iouThrs[0] == MIN_SAME_OKS
    evaluation.evaluate()
    return evaluation


def _as_annotation(photo: int, person: AnnotatedPerson) -> dict[str, Any]:
    return {
        "image_id": photo,
        "keypoints": person.keypoints.ravel().tolist(),
        "num_keypoints": int(person.labelled.sum()),
        "bbox": list(person.box),
        "area": person.area,
        "iscrowd": int(person.is_crowd),
        "person": person,
    }


def _as_result(photo: int, pose: Pose) -> dict[str, Any]:
    keypoints = [value for keypoint in pose.keypoints for value in keypoint]
    # The area is asked for, and no matter where people of all sizes are evaluated.
    return {"image_id": photo, "keypoints": keypoints, "score": pose.score, "area": 1.0, "pose": pose}
