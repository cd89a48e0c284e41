"""From PoseNet's heads to poses: ``decode_single`` for one person, ``decode_multi`` and ``decode_fine`` for several."""

from collections.abc import Callable

from edge.config.settings import DecodeSettings
from edge.pose import Pose
from edge.sense.decode.fine import decode_fine
from edge.sense.decode.multi import decode_multi
from edge.sense.decode.single import decode_single
from edge.sense.inference.heads import Heads

__all__ = ["decode_fine", "decode_multi", "decode_single", "make_decoder"]


def make_decoder(settings: DecodeSettings) -> Callable[[Heads], list[Pose]]:
    """Make the decoder that the settings ask for."""
    if settings.mode == "single":
        return lambda heads: [decode_single(heads)]
    several = decode_fine if settings.method == "fine" else decode_multi
    return lambda heads: several(heads, settings.max_poses, settings.score_threshold, settings.nms_radius)
