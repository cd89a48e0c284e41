"""What may cross the wall, and nothing else: one JSON object a line, of two kinds, numbers and fixed words only.

``frame`` lines carry the persons of one picture; ``status`` lines say how the sensing room is. The receiving side
believes nothing: unknown or missing fields, wrong types, NaN and infinities, numbers out of range, duplicate keys,
unknown words, too many persons, repeated ids, over-long lines and other versions are each refused with a reason.
"""

from edge.wire.codec import decode, encode
from edge.wire.contract import (
    BREACHES,
    MAX_ID,
    MAX_LINE_BYTES,
    MAX_POSES,
    QUANTIZATIONS,
    RANGES,
    REASONS,
    SOURCES,
    STATES,
    STRIDES,
    VERSION,
    WORDS_DOWN,
    FrameLine,
    Line,
    StatusLine,
)

__all__ = [
    "BREACHES",
    "MAX_ID",
    "MAX_LINE_BYTES",
    "MAX_POSES",
    "QUANTIZATIONS",
    "RANGES",
    "REASONS",
    "SOURCES",
    "STATES",
    "STRIDES",
    "VERSION",
    "WORDS_DOWN",
    "FrameLine",
    "Line",
    "StatusLine",
    "decode",
    "encode",
]
