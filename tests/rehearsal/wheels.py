"""Wheels for another machine than this one, fetched once with this one's pip."""

from pathlib import Path

from tests.rehearsal.cache import kept, say
from tests.support.locked import Target, download


def wheels(name: str, lines: list[str], target: Target) -> Path:
    """A folder of the wheels that these lines of a requirements file name, and of nothing that those depend on."""

    def make(folder: Path) -> None:
        say(f"fetching the Python packages for {target}")
        folder.mkdir(exist_ok=True)
        download(lines, target, folder)

    return kept(f"wheels-{name}", "\n".join([*lines, str(target)]), make)
