"""What ``scripts/install`` runs."""

import sys
from pathlib import Path

from edge.errors import PosenetEdgeError
from edge.tools.install.commands import run
from edge.tools.install.installer import main, say

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:], Path(__file__).resolve().parents[3], run, interactive=sys.stdin.isatty()))
    except PosenetEdgeError as error:
        say(str(error))
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, EOFError):
        say("stopped; what was begun is undone at the next run or boot")
        sys.exit(130)
