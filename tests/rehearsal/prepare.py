"""Makes what the rehearsal stands on, which is kept: ``python -m tests.rehearsal.prepare``, while others work."""

from tests.rehearsal.emulated import PI_2, PI_4, PI_5
from tests.rehearsal.home import NEWEST, home_assistant

if __name__ == "__main__":
    home_assistant()
    home_assistant(NEWEST)
    for board in (PI_4, PI_5):
        board.root()
        board.site()
    # On a 32-bit system not everything has wheels.
    PI_2.root()
