"""Line protocol from ``sense`` to ``report``: one JSON object a line, with numbers and fixed words only.

A ``frame`` line holds the persons of one picture, a ``status`` line the state of the sensing process. The reader
trusts nothing: unknown or missing fields, wrong types, NaN and infinities, numbers out of range, duplicate keys,
unknown words, too many persons, repeated ids, over-long lines and other versions are each refused with a reason.
"""

from edge.wire.codec import decode, encode
from edge.wire.contract import (
    ATTENTIONS,
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
    "ATTENTIONS",
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
