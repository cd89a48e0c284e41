"""The wizard without a terminal, a camera or a broker: what is typed comes from a list."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.tools.checks.finding import Finding, good
from edge.tools.checks.machine import Unit
from edge.tools.doctor.one_frame import OneFrame
from edge.tools.setup.aim import Look, Sight
from edge.tools.setup.cameras import FoundCamera
from edge.tools.setup.dialogue import Dialogue, Terminal
from edge.tools.setup.draft import Draft
from edge.tools.setup.trials import Trials
from edge.tools.setup.wizard import Wizard


class Script(Terminal):
    """``shown`` is all that was shown."""

    def __init__(self, lines: Iterable[bytes | str]) -> None:
        self._lines = iter(lines)
        self.shown = ""

    def write(self, text: str) -> None:
        self.shown += text

    def read(self) -> bytes:
        line = next(self._lines, None)
        if line is None:
            return b""
        return (line.encode() if isinstance(line, str) else line) + b"\n"

    @contextmanager
    def without_echo(self) -> Iterator[None]:
        yield


class NoTrials(Trials):
    """Nothing is tried; what each trial finds is planted, one after the other."""

    def __init__(self) -> None:
        self.is_installed = False
        self.running: Unit | None = None
        self.looks: list[OneFrame] = []
        self.looked: list[tuple[str, bool]] = []
        self.findings: list[list[Finding]] = []
        self.asked: list[str] = []
        self.taken: list[bool] = []
        self.found: list[list[FoundCamera]] = []

    def cameras(self) -> list[FoundCamera]:
        return self.found.pop(0) if self.found else [FoundCamera("v4l2:/dev/video0", "Webcam")]

    def holder(self) -> Unit | None:
        return self.running

    def look(self, draft: Draft, sealed: bool = True) -> Look:
        self.looked.append((draft.settings.camera.source, sealed))
        seen = self.looks.pop(0) if self.looks else OneFrame(640, 480)
        sight = Sight()
        sight.width, sight.height, sight.most_people = seen.width, seen.height, int(seen.width > 0)
        return Look(sight, seen)

    def broker(self, draft: Draft) -> Iterator[Finding]:
        with draft.broker() as mqtt:
            password = mqtt.password_file.read_text() if mqtt.password_file and draft.password else ""
            self.asked.append(f"{mqtt.username}:{password}@{mqtt.host}:{mqtt.port_in_force}")
            yield from self.findings.pop(0) if self.findings else [good("broker login", "accepted")]

    def is_taken(self, draft: Draft) -> bool:
        return self.taken.pop(0) if self.taken else False


def run(
    path: Path,
    lines: Iterable[bytes | str],
    trials: NoTrials | None = None,
    kept: Iterable[str] = (),
    opens: bool = False,
) -> tuple[Draft, Script]:
    """Runs the wizard to its end; EOFError where the lines did not suffice."""
    script, draft = Script(lines), Draft(path)
    Wizard(Dialogue(script), draft, trials or NoTrials(), set(kept), opens).run()
    return draft, script
