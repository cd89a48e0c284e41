"""Mosquitto as a child process on a loopback port, for the demo, the bench and the tests."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from edge.errors import Unavailable
from edge.runtime.process import die_with_parent
from edge.tools.end_process import end_process

_STARTS_WITHIN_S = 10.0


class Mosquitto:
    """Context manager that runs a broker on ``127.0.0.1:port``; ``stop`` and ``start`` interrupt it."""

    def __init__(self, *configuration: str) -> None:
        """Choose a free port. configuration: lines of mosquitto.conf; without any, everybody may do everything."""
        self.port = _free_port()
        self._configuration = configuration or ("allow_anonymous true",)
        self._folder = tempfile.TemporaryDirectory(prefix="posenet-edge-broker-")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._folder.cleanup()

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self._process:
            self._process.send_signal(number)

    def start(self) -> None:
        """Start the broker and wait until it listens.

        Raises:
            Unavailable: mosquitto is not installed or did not start.
        """
        program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if program is None:
            raise Unavailable("no mosquitto on this machine; expected an MQTT broker: sudo apt install mosquitto")
        folder = Path(self._folder.name)
        file, log = folder / "mosquitto.conf", folder / "log"
        file.write_text("\n".join([f"listener {self.port} 127.0.0.1", *self._configuration, ""]))
        user = _unprivileged_user()
        for path, mode in ((folder, 0o755), (file, 0o644)):
            path.chmod(mode)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [program, "-c", str(file)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                # mosquitto started by root changes its user, by which the effect of die_with_parent is lost.
                user=user,
                preexec_fn=die_with_parent,
            )
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while not listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                said = " ".join(log.read_text(errors="replace").split()) or "it said nothing"
                raise Unavailable(f"mosquitto did not start on port {self.port}: {said}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop the broker, if it runs."""
        if self._process:
            end_process(self._process, patience=2.0)
            self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether a process accepts connections on this loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _unprivileged_user() -> str | None:
    """User as whom root runs the broker; None for any other user."""
    if os.geteuid() != 0:
        return None
    for name in ("mosquitto", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None
