"""Drawing with braille letters: each has two by four dots, which are about square."""

from collections.abc import Iterator

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of each dot in Unicode (chart U2800)."""
_BLANK = 0x2800


class Canvas:
    """Canvas of ``columns`` by ``rows`` letters; a letter has the colour of what was drawn in it last."""

    def __init__(self, columns: int, rows: int) -> None:
        self.width, self.height = 2 * columns, 4 * rows
        self._bits = [[0] * columns for _ in range(rows)]
        self._colours: list[list[int | None]] = [[None] * columns for _ in range(rows)]

    def dot(self, x: int, y: int, colour: int | None = None) -> None:
        """Draw a dot, if it is on the canvas."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._bits[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
            self._colours[y // 4][x // 2] = colour

    def line(self, start: tuple[float, float], end: tuple[float, float], colour: int | None = None) -> None:
        """Draw a line, if it is not far longer than the canvas."""
        steps = round(max(abs(end[0] - start[0]), abs(end[1] - start[1])))
        if steps > 8 * (self.width + self.height):
            return
        for step in range(steps + 1):
            part = step / steps if steps else 0.0
            self.dot(round(start[0] + (end[0] - start[0]) * part), round(start[1] + (end[1] - start[1]) * part), colour)

    def write(self, column: int, row: int, text: str, colour: int | None = None) -> None:
        """Write letters in place of dots."""
        for offset, letter in enumerate(text):
            if 0 <= row < len(self._bits) and 0 <= column + offset < len(self._bits[row]):
                self._bits[row][column + offset] = ord(letter) - _BLANK
                self._colours[row][column + offset] = colour

    def lines(self, colours: bool) -> Iterator[str]:
        """Render the rows from above.

        Args:
            colours: Use ANSI colours.

        Yields:
            Each row as text.
        """
        for bits, tints in zip(self._bits, self._colours, strict=True):
            row, last = "", None
            for bit, tint in zip(bits, tints, strict=True):
                if colours and tint != last:
                    row += "\x1b[39m" if tint is None else f"\x1b[{tint}m"
                    last = tint
                row += chr(_BLANK + bit) if bit else " "
            yield row + ("\x1b[39m" if last is not None else "")
