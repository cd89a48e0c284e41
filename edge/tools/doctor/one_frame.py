"""Run ``sense`` for one frame where it is down; doctor has a network and opens no camera itself.

Installed, systemd runs it with every property of posenet-sense.service. On a desk it confines itself, and
``camera.require_seal`` makes it refuse the camera if it cannot.
"""

import os
import selectors
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from edge import wire
from edge.errors import BadLine
from edge.image_quality import blindness, is_sure
from edge.tools.checks.finding import Finding, bad, good, unknown
from edge.tools.checks.machine import Runner, last_line
from edge.tools.doctor.sense_status import BARRED, SEAL, check_picture
from edge.tools.end_process import end_process
from edge.tools.unit_files import service_settings

_NOT_SANDBOX = ("Type", "Sockets", "WatchdogSec", "WatchdogSignal", "Restart")
_NOT_SANDBOX_STARTS = ("Exec", "Restart", "Timeout", "StartLimit")
_KEPT = ("ExecPaths", "TimeoutStopSec")
_OURS = ("--set=camera.wait=false", "--set=camera.require_seal=true")
"""Come last, so that no other setting opens a camera in a process that is not sealed."""
_WITHIN = 40.0
"""Seconds in which a slow board loads everything and opens its camera."""
_PATIENCE = 5.0
"""Seconds for it to end."""
_LAST_WORDS = 8192
"""Bytes of standard error that are kept."""


class OneFrame(NamedTuple):
    """Outcome of one run: a frame, a refusal, or how it ended."""

    width: int = 0
    """Width of the frame, px; 0 if none came."""
    height: int = 0
    sure: bool = False
    """A body was found that proves that the camera sees."""
    looked: bool = False
    """The picture was measured."""
    blindness: str = ""
    """Why nothing is seen in it, one of ``edge.image_quality.BLINDNESSES``; empty if something is."""
    breaches: tuple[str, ...] = ()
    """Why it was refused."""
    refused: bool = False
    code: int | None = None
    """Exit status; None if it gave no frame and went on for too long."""
    said: str = ""
    """Its last line on standard error."""


def sandboxed(text: str, unit: str, arguments: Sequence[str] = (), within: float = _WITHIN) -> list[str]:
    """Make the command that runs ``sense`` for a short time in the sandbox of its service.

    Whatever is no property of starting and stopping is passed on, so nothing of the sandbox can be forgotten; what
    systemd-run does not know, it refuses. NotifyAccess= is passed on as well: with it, sense tests its sandbox as
    strictly as in the service.

    Args:
        text: The unit with its drop-ins, as ``systemctl cat`` prints it.
        unit: The name of the unit to run it in.
        arguments: Further ones of ``sense``.
        within: Seconds after which systemd ends it.

    Returns:
        The words of the command.

    Raises:
        ValueError: The unit has no program.
    """
    properties, program = [], ""
    for key, value in service_settings(text):
        if key == "ExecStart":
            program = value or program
        elif key in _KEPT or not (key in _NOT_SANDBOX or key.startswith(_NOT_SANDBOX_STARTS)):
            properties.append(f"--property={key}={value}")
    words = shlex.split(program)
    if not words or not words[0].startswith("/"):
        raise ValueError(f"its ExecStart is {program!r}")
    return [
        *("systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--unit={unit}", "--service-type=exec"),
        *(f"--property=RuntimeMaxSec={within + 5:.0f}", *properties),
        *(*words, "--stdout", *arguments, *_OURS),
    ]


def on_a_desk(arguments: Sequence[str], sealed: bool = True) -> list[str]:
    """Make the command that runs ``sense`` where nothing is installed.

    Args:
        arguments: ``--config`` and ``--set``.
        sealed: Open no camera unless it can confine itself; False: as the settings say.

    Returns:
        The words of the command.
    """
    return [sys.executable, "-P", "-m", "edge", "sense", "--stdout", *arguments, *(_OURS if sealed else _OURS[:1])]


def look(command: Sequence[str], within: float = _WITHIN) -> OneFrame:
    """Run ``command`` until its first frame, its end, or for ``within`` s."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
        )
    except OSError as error:
        return OneFrame(code=127, said=f"{command[0]}: {error.strerror}")
    try:
        found, said = _first_frame(process, time.monotonic() + within)
        return found or OneFrame(code=process.wait(_PATIENCE), said=last_line(said.decode(errors="replace")))
    except subprocess.TimeoutExpired:
        return OneFrame(said=f"no frame within {within:.0f} s")
    finally:
        _end(process)


def _first_frame(process: "subprocess.Popen[bytes]", deadline: float) -> tuple[OneFrame | None, bytes]:
    """Read both streams until a frame and the measures of its picture came, or a refusal, or both ended.

    Returns:
        What came, None if neither did, and the end of standard error.

    Raises:
        TimeoutExpired: The deadline (s, monotonic) came first.
    """
    rest, said, seen = b"", b"", OneFrame()
    assert process.stdout
    assert process.stderr
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(process.args, 0)
            for key, _ in selector.select(left):
                more = os.read(key.fd, wire.MAX_LINE_BYTES)
                if not more:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    said = (said + more)[-_LAST_WORDS:]
                else:
                    *lines, rest = (rest[-wire.MAX_LINE_BYTES :] + more).split(b"\n")
                    for line in lines:
                        seen = _understand(line + b"\n", seen)
                        if seen.refused or seen.looked:
                            return seen, said
    return None, said


def _understand(line: bytes, seen: OneFrame) -> OneFrame:
    """Add one more line to what is known."""
    try:
        read = wire.decode(line)
    except BadLine:
        return seen
    if isinstance(read, wire.FrameLine):
        sure = seen.sure or any(is_sure(person.pose) for person in read.persons)
        return seen._replace(width=read.width, height=read.height, sure=sure)
    if read.state == "refused":
        return OneFrame(refused=True, breaches=read.breaches)
    if read.image_quality is None:
        return seen
    return seen._replace(looked=True, blindness="" if seen.sure else blindness(read.image_quality))


def _end(process: "subprocess.Popen[bytes]") -> None:
    # Its streams first: a process that cannot write any more ends by itself.
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
    end_process(process, _PATIENCE)


def stop_unit(run: Runner, unit: str) -> None:
    """Stop the unit: systemd-run leaves it running when it ends early."""
    run(["systemctl", "stop", unit])


def check_look(seen: OneFrame, where: str, installed: bool, tells_blindness: bool = True) -> list[Finding]:
    """Judge camera, frames and seal by one run.

    Args:
        seen: How it went.
        where: What ran it, in words.
        installed: It must be sealed.
        tells_blindness: ``people.blindness``.

    Returns:
        A finding for each.
    """
    if seen.width:
        arrived = f"one of {seen.width}x{seen.height} px arrived, by {where}"
        return [
            good("camera", f"found, by {where}"),
            check_picture(seen.blindness if tells_blindness else "", arrived),
            good("seal", f"sealed, says {where}"),
        ]
    if seen.refused:
        blame = bad if installed else unknown
        return [
            unknown("camera", "not looked for, because of the seal"),
            blame("seal", f"{where} is not sealed: {', '.join(seen.breaches)}", SEAL),
        ]
    if seen.code == os.EX_NOINPUT:
        return [bad("camera", seen.said, "check the cable and camera.source; then try again")]
    if seen.code == os.EX_NOPERM:
        return [bad("camera", seen.said, BARRED if installed else "let this program use the device; then try again")]
    if seen.code == os.EX_IOERR:
        return [bad("camera", seen.said, "end what else uses the camera, or plug it in again; then try again")]
    if seen.code is None:
        return [bad("frames", f"{seen.said}, by {where}", "check the camera's cable and power; restart the device")]
    return [unknown("camera", f"{where} could not look: {seen.said}")]
