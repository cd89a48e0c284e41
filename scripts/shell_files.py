"""``python -m scripts.shell_files``: write completion for bash and zsh, and the man page, from the command's parser.

They are below ``share``, in the folders below /usr/share into which ``scripts/install`` puts them.
"""

import sys
from pathlib import Path

import shtab

from edge.__main__ import COMMANDS, make_parser
from scripts.man_page import man_page, verbs

SHARE = Path("share")
COMMAND = "python -m scripts.shell_files"
_FILES = ("FILE", "MODEL", "PATH")
"""Names of values for which files are offered."""
_FOLDERS = ("FOLDER",)
"""Names of values for which folders are offered."""


def make() -> dict[Path, str]:
    """Make the text of each file, by its path below ``share``."""
    parser = make_parser(*COMMANDS)
    for verb in verbs(parser).values():
        for action in verb._actions:
            if action.metavar in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
            elif action.metavar in _FOLDERS:
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    return {
        Path("bash-completion/completions/posenet-edge"): shtab.complete(parser, "bash"),
        Path("zsh/vendor-completions/_posenet-edge"): shtab.complete(parser, "zsh"),
        Path("man/man1/posenet-edge.1"): man_page(parser),
    }


def main() -> int:
    """Bring the files in the checkout up to date."""
    for path, text in make().items():
        (SHARE / path).parent.mkdir(parents=True, exist_ok=True)
        (SHARE / path).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
