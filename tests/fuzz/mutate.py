"""Damage inputs at random, without knowing what they mean."""

import random
import re

_TOKEN = re.compile(rb"[A-Za-z_]+|[0-9.+-]+|[^\sA-Za-z0-9_]")
_NUMBERS = (b"0", b"-1", b"1e999", b"-0.0", b"NaN", b"Infinity", b"1e-320", b"255", b"65536", b"2147483648", b"9" * 400)
_BYTES = (0, 1, 9, 10, 34, 44, 58, 91, 93, 123, 125, 127, 128, 254, 255)
_TEXTS = (b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", "\u2028\U0001f9cd".encode(), b"\n" * 50)
_DEEP = (b"[" * 3000, b'{"a":' * 1000, b"(" * 500, b"not " * 500)


class Mutator:
    """Makes inputs out of others: bytes and words changed, doubled, moved, left out, taken from another input."""

    def __init__(self, chance: random.Random) -> None:
        """Take all randomness from ``chance``."""
        self._chance = chance
        self._ways = (
            self._byte,
            self._bit,
            self._cut,
            self._double,
            self._token,
            self._number,
            self._text,
            self._cross,
        )

    def __call__(self, data: bytes, other: bytes) -> bytes:
        """Damage ``data`` in one to four ways, at times with a piece of ``other``."""
        for _ in range(self._chance.choice((1, 1, 2, 4))):
            data = self._chance.choice(self._ways)(data, other)
        return data

    def _span(self, data: bytes) -> tuple[int, int]:
        start = self._chance.randint(0, len(data))
        return start, min(len(data), start + self._chance.choice((1, 2, 4, 16, 256)))

    def _byte(self, data: bytes, _: bytes) -> bytes:
        at = self._chance.randint(0, len(data))
        return data[:at] + bytes((self._chance.choice((*_BYTES, self._chance.randrange(256))),)) + data[at + 1 :]

    def _bit(self, data: bytes, _: bytes) -> bytes:
        at = self._chance.randint(0, max(len(data) - 1, 0))
        return data[:at] + bytes(byte ^ 1 << self._chance.randrange(8) for byte in data[at : at + 1]) + data[at + 1 :]

    def _cut(self, data: bytes, _: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + (data[end:] if self._chance.random() < 0.8 else b"")

    def _double(self, data: bytes, _: bytes) -> bytes:
        start, end = self._span(data)
        return data[:end] + data[start:end] * self._chance.choice((1, 2, 50)) + data[end:]

    def _token(self, data: bytes, other: bytes) -> bytes:
        """Put a word of either input in the place of another."""
        start, end = self._word(data)
        source = self._chance.choice((data, other))
        new = slice(*self._word(source))
        return data[:start] + source[new] + data[end:]

    def _number(self, data: bytes, _: bytes) -> bytes:
        start, end = self._word(data)
        return data[:start] + self._chance.choice(_NUMBERS) + data[end:]

    def _text(self, data: bytes, _: bytes) -> bytes:
        at = self._chance.randint(0, len(data))
        return data[:at] + self._chance.choice((*_TEXTS, *_TEXTS, *_DEEP)) + data[at:]

    def _cross(self, data: bytes, other: bytes) -> bytes:
        return data[: self._chance.randint(0, len(data))] + other[self._chance.randint(0, len(other)) :]

    def _word(self, data: bytes) -> tuple[int, int]:
        """Return where the first word after a random place stands; not all are looked for, since models are long."""
        found = _TOKEN.search(data, self._chance.randint(0, len(data)))
        return found.span() if found else (len(data), len(data))
