"""The message on ``poses``: the people of one picture, joint by joint."""

from dataclasses import replace
from typing import Any

from edge.config.settings import PublishSettings
from edge.pose import FACE_NAMES, KEYPOINT_COUNT, KEYPOINT_NAMES, Person
from edge.report.fields import Group, Many, Number, Words
from edge.report.messages.message import PERSON_ID, SCORE, SIDE, VERSION, Message, from_line, time_field
from edge.report.messages.quantize import PIXEL
from edge.wire import MAX_POSES, FrameLine

POSITION = Number(low=-SIDE.high, high=2 * SIDE.high, step=PIXEL, unit="px or 0..1", nullable=False)
"""Along x or y, at most one frame's size outside of the frame. Fractions of a side have five decimals."""
KEYPOINT = Group(
    parts={
        "part": Words(allowed=KEYPOINT_NAMES, nullable=False, help="the joint; left is the person's left"),
        "position": Group(
            parts={"x": POSITION, "y": POSITION},
            help="x to the right, y down, in the camera frame; it may lie outside; smoothed where the score is at "
            "least 0.3; as fractions of a side, with five decimals",
        ),
        "score": replace(SCORE, help="how sure the model is; a hidden joint has a position too, and a low score"),
    }
)
_POSE_PARTS = {
    "id": replace(
        PERSON_ID,
        help="the same for one person from frame to frame until it is lost; counted anew when "
        "`sense` starts ([tracking.md](tracking.md))",
    ),
    "score": replace(
        SCORE, help="mean of its keypoints' scores; with several people, without those that a better pose has already"
    ),
    "keypoints": Many(
        of=KEYPOINT,
        most=KEYPOINT_COUNT,
        distinct="part",
        help='all 17; without the face where `publish.share` is `"body"`, without weak ones where '
        '`publish.weak_keypoints` is `"leave_out"`',
    ),
}
POSES = Message(
    name="poses",
    meaning="The people of one picture; positions in px of the picture, or 0..1 of its sides, as configured.",
    fields={
        "sequence": from_line(
            "sequence",
            nullable=False,
            help="counts frames since `sense` started; a gap is frames whose line was dropped",
        ),
        "time": time_field("when the picture was taken"),
        "image": Group(parts={"width": SIDE, "height": SIDE}, help="size of the camera frame, after `camera.rotate`"),
        "positions": Words(
            allowed=("pixels", "normalised"),
            nullable=False,
            help="px of the picture, or 0..1 of its sides: as `publish.positions`",
        ),
        "poses": Many(
            of=Group(parts=_POSE_PARTS),
            most=MAX_POSES,
            distinct="id",
            help='where `decode.mode` is `"multi"`: only who is seen in this frame, never who is merely expected',
        ),
        "pose": Group(
            parts=_POSE_PARTS,
            nullable=True,
            help='where `decode.mode` is `"single"`: one person, null where there is none; the parts are those of '
            "`poses[]`",
        ),
    },
    one_of=("poses", "pose"),
    expires=2,
    readable=(1, VERSION),
)


def poses_payload(frame: FrameLine, mode: str, settings: PublishSettings) -> dict[str, Any]:
    """Build the message for one frame.

    Args:
        frame: As ``quantize`` left it.
        mode: As ``decode.mode``.
        settings: What is left out (the face, weak poses and keypoints), and how positions are written.

    Returns:
        The payload: ``poses``, an array, in ``multi`` mode; ``pose``, null for nobody, in ``single`` mode.
    """
    normalised = settings.positions == "normalised"
    min_score = settings.min_keypoint_score if settings.weak_keypoints == "leave_out" else 0.0
    hidden = FACE_NAMES if settings.share == "body" else frozenset[str]()

    def fraction(x: float, y: float) -> dict[str, float]:
        return {"x": round(x / frame.width, 5), "y": round(y / frame.height, 5)}

    def shape(person: Person) -> dict[str, Any]:
        return {
            "id": person.id,
            "score": person.pose.score,
            "keypoints": [
                {"part": part, "position": fraction(x, y) if normalised else {"x": x, "y": y}, "score": score}
                for part, (x, y, score) in zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True)
                if score >= min_score and part not in hidden
            ],
        }

    strong = [shape(person) for person in frame.persons if person.pose.score >= settings.min_pose_score]
    people = {"poses": strong} if mode == "multi" else {"pose": strong[0] if strong else None}
    return POSES.build(
        sequence=frame.sequence,
        time=frame.time,
        image={"width": frame.width, "height": frame.height},
        positions=settings.positions,
        **people,
    )
