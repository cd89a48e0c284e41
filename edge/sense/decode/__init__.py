"""From PoseNet's heads to poses: ``decode_single`` for one person, ``decode_multi`` for several."""

from edge.sense.decode.multi import decode_multi
from edge.sense.decode.single import decode_single

__all__ = ["decode_multi", "decode_single"]
