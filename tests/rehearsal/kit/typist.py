"""Somebody at a terminal: ``typist.py COMMAND``, with JSON [[words to wait for, keys to type], ...] on standard input.

Prints all that the terminal showed, and ends as the command did.
"""

import json
import os
import pty
import re
import select
import sys
import time

PATIENCE_S = 400

dialogue = json.load(sys.stdin)
child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm"
    os.execvp("bash", ["bash", "-c", sys.argv[1]])
shown, read_to, last_word = b"", 0, time.monotonic()
while time.monotonic() - last_word < PATIENCE_S:
    if select.select([terminal], [], [], 0.2)[0]:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        shown += more
    if dialogue:
        words, keys = dialogue[0]
        pattern = rb"\s+".join(re.escape(word.encode()) for word in words.split())
        if found := re.search(pattern, shown[read_to:]):
            read_to += found.end()
            os.write(terminal, keys.encode())
            dialogue.pop(0)
            last_word = time.monotonic()
else:
    os.kill(child, 9)
    print("nothing came for too long; waited for", dialogue[:1])
print(shown.decode(errors="replace"))
print("not asked:", dialogue)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
