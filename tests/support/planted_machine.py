"""A machine on which a test plants what it wants doctor to find."""

from collections.abc import Sequence
from pathlib import Path

from edge.tools.checks.machine import Machine, Result

NOW = 1_800_000_000.0


class Runner:
    """Answers the first command whose words contain a planted text; everything else is not installed."""

    def __init__(self, answers: dict[str, Result]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, words: Sequence[str]) -> Result:
        line = " ".join(words)
        self.asked.append(line)
        return next((answer for text, answer in self.answers.items() if text in line), Result(127, "", "not installed"))


def machine(root: Path, files: dict[str, str] | None = None, admin: bool = False, **answers: Result) -> Machine:
    """files: path below ``root`` to content. answers: a word of the command (``_`` for ``-``) to its answer."""
    for path, content in (files or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    return Machine(
        root, Runner({word.replace("_", "-"): answer for word, answer in answers.items()}), lambda: NOW, admin
    )
