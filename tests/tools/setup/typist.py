"""Somebody at a terminal (a pty) with ``posenet-edge setup`` in it: reads what is asked, and types."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.commands import COMMAND
from tests.support.waiting import wait_until

CONTROL_C = b"\x03"
_DRAWING = re.compile(r"\x1b\[\?1049h.*?\x1b\[\?1049l", re.DOTALL)


class Typist:
    """``text`` is all that the terminal was sent."""

    def __init__(self, *words: str, folder: Path, rows: int = 24, columns: int = 80, **environment: str) -> None:
        self.text, self._raw, self._read_to = "", b"", 0
        self._outer, self._inner = pty.openpty()
        fcntl.ioctl(self._outer, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._before = termios.tcgetattr(self._inner)
        self.process = subprocess.Popen(
            [*COMMAND, "setup", *words],
            stdin=self._inner, stdout=self._inner, stderr=self._inner, start_new_session=True, cwd=folder,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "PYTHONUTF8": "1", "TERM": "xterm", **environment},
        )  # fmt: skip

    def reads(self, words: str) -> bool:
        """Whether these words, between any spaces, came after those that were read last; they are read then."""
        self._take()
        pattern = r"\s+".join(map(re.escape, words.split(" ")))
        if found := re.compile(pattern).search(self.text, self._read_to):
            self._read_to = found.end()
        return bool(found)

    def waits_for(self, words: str) -> None:
        wait_until(lambda: self.reads(words), 120, lambda: f"{words!r} in {self.text[self._read_to :]!r}")

    def answers(self, question: str, answer: str = "") -> None:
        """Waits for a question, and types the answer and Enter."""
        self.waits_for(question)
        self.waits_for("]: ")
        self.types(answer.encode() + b"\n")

    def types(self, keys: bytes) -> None:
        os.write(self._outer, keys)

    def ends(self) -> int:
        """The exit status; the terminal is as it was."""

        def ended() -> bool:
            # What is not read would block it.
            self._take()
            return self.process.poll() is not None

        wait_until(ended, 120, lambda: f"its end; it said {self.text[-2000:]!r}")
        self._take()
        assert termios.tcgetattr(self._inner) == self._before
        assert "Traceback" not in self.text
        assert self.process.returncode is not None
        return self.process.returncode

    def transcript(self) -> str:
        """What stays on the terminal: without drawings."""
        return _DRAWING.sub("", self.text)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._outer)
        os.close(self._inner)

    def _take(self) -> None:
        while select.select([self._outer], [], [], 0.02)[0]:
            self._raw += os.read(self._outer, 65536)
        self.text = self._raw.decode(errors="replace").replace("\r\n", "\n")


@contextmanager
def typist(*words: str, folder: Path, rows: int = 24, columns: int = 80, **environment: str) -> Iterator[Typist]:
    made = Typist(*words, folder=folder, rows=rows, columns=columns, **environment)
    try:
        yield made
    finally:
        made.close()
