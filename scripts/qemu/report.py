"""What the trials found, one line each, and the exit status."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

PASS, FAIL, SKIP = "PASS", "FAIL", "SKIP"


@dataclass
class Report:
    """Prints each line as soon as it is known."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    lines: list[tuple[str, str]] = field(default_factory=list)
    """Verdict and what it is about, in order."""
    where: str = ""
    """The machine, in front of each line."""

    def passed(self, what: str, found: str) -> None:
        """Something is as expected."""
        self._line(PASS, what, found)

    def failed(self, what: str, found: str, expected: str) -> None:
        """Something is not as expected."""
        self._line(FAIL, what, f"found {found}; expected {expected}")

    def skipped(self, what: str, reason: str) -> None:
        """Something cannot be tried here."""
        self._line(SKIP, what, reason)

    def expect(self, what: str, holds: bool, found: str, expected: str) -> bool:
        """Pass or fail; returns which."""
        if holds:
            self.passed(what, found)
        else:
            self.failed(what, found, expected)
        return holds

    @contextmanager
    def trial(self, name: str) -> Iterator[None]:
        """Tell that a trial begins, and how long it took."""
        begun = time.monotonic()
        print(f"machine: {self.where}: {name} ...", file=sys.stderr, flush=True)
        yield
        print(f"machine: {self.where}: {name} took {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)

    def summary(self) -> str:
        """Count the verdicts."""
        counted = {word: sum(verdict == word for verdict, _ in self.lines) for word in (PASS, FAIL, SKIP)}
        return ", ".join(f"{number} {word}" for word, number in counted.items())

    @property
    def status(self) -> int:
        """0 if something passed and nothing failed, else 1."""
        verdicts = {verdict for verdict, _ in self.lines}
        return 0 if PASS in verdicts and FAIL not in verdicts else 1

    def _line(self, verdict: str, what: str, text: str) -> None:
        self.lines.append((verdict, what))
        print(f"{verdict}  {self.where}: {what}: {text}", file=self.out, flush=True)
