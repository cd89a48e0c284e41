"""Damaged frames, as FFmpeg's decoders meet them: JPEGs that are cut off, and JPEGs that only look so."""

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from edge.errors import CameraFailed
from edge.sense.camera.damage import MAX_IN_A_ROW, DamageCount, is_whole, refuse_damage

NOISE = np.random.default_rng(0).integers(0, 256, 500, np.uint8).tobytes()


def jpeg(**how: Any) -> bytes:
    file = io.BytesIO()
    with Image.open(Path("examples/photos/astronaut.jpg")) as photo:
        photo.convert(how.pop("mode", "RGB")).save(file, "JPEG", **how)
    return file.getvalue()


JPEGS = {
    "baseline": jpeg(subsampling="4:2:2"),
    "4:2:0": jpeg(subsampling="4:2:0"),
    "restart markers": jpeg(restart_marker_blocks=8),
    "grey": jpeg(mode="L"),
}


def strict_decoder() -> Any:
    decoder = av.CodecContext.create("mjpeg", "r")
    refuse_damage(decoder)
    return decoder


def whole_frames(decoder: Any, content: bytes) -> int:
    try:
        return sum(map(is_whole, decoder.decode(av.Packet(content))))
    except av.error.InvalidDataError:
        return 0


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_frame_cut_off_is_refused(kept: float, kind: str) -> None:
    content = JPEGS[kind]
    left = content[: int(len(content) * kept)]
    decoder = strict_decoder()
    assert whole_frames(decoder, content) == 1
    assert whole_frames(decoder, left) == 0
    assert whole_frames(decoder, left + b"\xff\xd9") == 0, "an end marker does not make it whole"
    assert whole_frames(decoder, left + bytes(len(content) - len(left))) == 0, "nor do zeros"
    assert whole_frames(decoder, content) == 1, "the next one is whole again"


@pytest.mark.parametrize("kind", JPEGS)
def test_a_frame_with_nothing_amiss_but_its_end_is_whole(kind: str) -> None:
    content = JPEGS[kind]
    decoder = strict_decoder()
    for like in (content[:-2], content[:-1], content + bytes(1000), content + NOISE, content[:-2] + bytes(64)):
        assert whole_frames(decoder, like) == 1


def test_damage_is_counted_and_fails_only_in_a_row() -> None:
    damage = DamageCount()
    for _ in range(3):
        for _ in range(MAX_IN_A_ROW - 1):
            damage.damaged()
            damage.check("camera 0", "check the cable")
        damage.whole()
    assert damage.total == 3 * (MAX_IN_A_ROW - 1)
    for _ in range(MAX_IN_A_ROW):
        damage.damaged()
    with pytest.raises(CameraFailed, match=rf"^camera 0 gave {MAX_IN_A_ROW} damaged frames in a row; check the cable$"):
        damage.check("camera 0", "check the cable")
