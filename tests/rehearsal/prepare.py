"""Makes what the rehearsal stands on, which is kept: ``python -m tests.rehearsal.prepare``, while others work."""

from tests.rehearsal.emulated import BOARDS
from tests.rehearsal.home import home_assistant

if __name__ == "__main__":
    home_assistant()
    for board in BOARDS:
        board.root()
        board.site()
