"""Questions at a terminal, line by line: nothing is drawn over, so that a screen reader can follow."""

import shutil
import sys
import termios
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from edge.errors import PosenetEdgeError, UsageError

BACK, EXPLAIN = "<", "?"
"""Answers that go back to the question before, and that ask what is meant."""
_WIDEST = 100
_YES, _NO = ("y", "yes"), ("n", "no")

Answer = TypeVar("Answer")


class Back(Exception):
    """Somebody wants the question before."""


class Terminal:
    """Standard input and output, where both are a terminal."""

    def write(self, text: str) -> None:
        """Show text as it is."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def read(self) -> bytes:
        """Read a line; empty at the end of the input."""
        return sys.stdin.buffer.readline()

    @contextmanager
    def without_echo(self) -> Iterator[None]:
        """Show nothing of what is typed in the body."""
        before = termios.tcgetattr(0)
        silent = [*before]
        silent[3] &= ~termios.ECHO
        termios.tcsetattr(0, termios.TCSADRAIN, silent)
        try:
            yield
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, before)


class Dialogue:
    """Questions with a default each; any of them raises ``Back``, or ``EOFError`` where the input ends."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.asked = 0
        """Questions that were asked so far."""

    def say(self, text: str, hang: int = 0) -> None:
        """Tell something, wrapped to the terminal's width; all lines but the first are indented by ``hang``."""
        width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
        for line in text.split("\n"):
            # Commands and paths stay whole, to be copied.
            wrapped = textwrap.wrap(
                plain(line),
                max(20, width - 1),
                subsequent_indent=" " * hang,
                break_long_words=False,
                break_on_hyphens=False,
            )
            self.show("\n".join(wrapped))

    def show(self, text: str) -> None:
        """Show lines as they are, to be copied."""
        self._terminal.write("\n".join(plain(line.expandtabs()) for line in text.split("\n")) + "\n")

    def ask(
        self,
        question: str,
        present: Answer,
        read: Callable[[str], Answer],
        shown: str = "",
        explain: str = "",
        sample: str = "",
    ) -> Answer:
        """Ask for a text.

        Args:
            question: Without a colon.
            present: The answer of an empty line.
            read: Reads an answer; raises a ``PosenetEdgeError`` for one that cannot be taken.
            shown: What ``present`` is, in the brackets.
            explain: The answer to ``?``.
            sample: Lines behind that, to be copied.

        Returns:
            The answer.
        """
        return self._until_taken(f"{question} [{shown or 'none'}]: ", present, read, explain, sample)

    def ask_secretly(self, question: str, shown: str, read: Callable[[str], str], explain: str = "") -> str:
        """Ask for a text that is not shown; empty: it stays what it is."""
        with self._terminal.without_echo():
            return self._until_taken(f"{question}, not shown [{shown}]: ", "", read, explain, is_secret=True)

    def confirm(self, question: str, present: bool, explain: str = "") -> bool:
        """Ask for yes or no."""

        def read(answer: str) -> bool:
            if answer.lower() in (*_YES, *_NO):
                return answer.lower() in _YES
            raise UsageError("expected y or n")

        return self._until_taken(f"{question} [{'Y/n' if present else 'y/N'}]: ", present, read, explain)

    def choose(
        self,
        question: str,
        choices: Sequence[tuple[Answer, str]],
        present: Answer,
        read: Callable[[str], Answer] | None = None,
        explain: str = "",
    ) -> Answer:
        """Ask for one of several things, by its number.

        Args:
            question: Without a colon.
            choices: Each with its description.
            present: The choice of an empty line.
            read: Reads an answer that is no number; None: only numbers are taken.
            explain: The answer to ``?``.

        Returns:
            The choice.
        """
        for number, (_, text) in enumerate(choices, 1):
            self.say(f"{number:>3}  {text}", hang=5)

        def pick(answer: str) -> Answer:
            if answer.isascii() and answer.isdecimal() and 0 < int(answer[:9]) <= len(choices):
                return choices[int(answer) - 1][0]
            if read:
                return read(answer)
            raise UsageError(f"expected a number from 1 to {len(choices)}")

        shown = next((str(number) for number, (each, _) in enumerate(choices, 1) if each == present), str(present))
        return self._until_taken(f"{question} [{shown}]: ", present, pick, explain)

    def _until_taken(
        self,
        prompt: str,
        present: Answer,
        read: Callable[[str], Answer],
        explain: str,
        sample: str = "",
        is_secret: bool = False,
    ) -> Answer:
        self.asked += 1
        while True:
            self._terminal.write(plain(prompt))
            line = self._terminal.read()
            if is_secret or not line:
                self._terminal.write("\n")
            if not line:
                raise EOFError
            try:
                # Of a password every space counts.
                answer = line.decode().strip("\r\n" if is_secret else " \t\r\n")
            except UnicodeDecodeError:
                self.say("Not taken: that is no UTF-8.")
                continue
            if answer == BACK:
                raise Back
            if answer == EXPLAIN:
                self.say(explain or "Enter takes what stands in brackets, < goes back, Ctrl-C leaves.")
                if sample:
                    self.show(sample)
                continue
            if not answer:
                return present
            try:
                return read(answer)
            except PosenetEdgeError as error:
                self.say(f"Not taken: {error}")
            except OSError as error:
                # Of a name that is too long for a file, for instance.
                self.say(f"Not taken: {error.strerror}")


def plain(text: str) -> str:
    """Replace what a terminal would obey; others may have chosen it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
