"""What the answers are tried on: this machine's cameras and services, and the broker."""

import os
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from edge.config import loader
from edge.errors import Unavailable
from edge.report.device_id import device_id
from edge.runtime.command import text_setting
from edge.tools.checks.finding import Finding
from edge.tools.checks.machine import Machine, Unit
from edge.tools.doctor import one_frame
from edge.tools.doctor.services import read_units
from edge.tools.online import is_online
from edge.tools.setup.aim import LONGEST_S, Look, aim
from edge.tools.setup.broker_trial import try_broker
from edge.tools.setup.cameras import FoundCamera, find_cameras
from edge.tools.setup.draft import Draft
from edge.tools.unit_files import REPORT, SENSE

Result = TypeVar("Result")


class Trials:
    """Tries each answer as the sensor would use it."""

    def __init__(self, machine: Machine, path: Path, draws: bool, colours: bool, say: Callable[[str], None]) -> None:
        """Ask systemd what is installed.

        Args:
            machine: Where to look.
            path: The configuration that is written.
            draws: Draw skeletons; False: words alone.
            colours: In colours.
            say: Tells a line of words.
        """
        self._machine, self._draws, self._colours, self._say = machine, draws, colours, say
        units, _ = read_units(machine.run)
        self._sense, self._report = units.get(SENSE), units.get(REPORT)
        self.is_installed = bool(self._sense and self._sense.installed and path == loader.DEFAULT_PATH)
        """The services of this machine use this configuration."""

    def cameras(self) -> list[FoundCamera]:
        """List what looks like a camera."""
        return find_cameras(self._machine.root)

    def holder(self) -> Unit | None:
        """The running service that has the camera; None if there is none."""
        sense = self._sense
        return sense if sense and sense.installed and not (sense.resting or sense.waits_for) else None

    def look(self, draft: Draft, sealed: bool = True) -> Look:
        """Look through the chosen camera; the service that has it is stopped for that time.

        Args:
            draft: Names the camera.
            sealed: Open none unless its process can confine itself.

        Returns:
            What was seen.
        """
        holder = self.holder()
        try:
            if holder:
                self._say("The service is stopped for that time.")
                self._machine.run(["systemctl", "stop", SENSE])
            return self._look(draft, sealed)
        finally:
            if holder:
                self._machine.run(["systemctl", "start", "--no-block", SENSE])
                self._say("The service is started again.")

    def _look(self, draft: Draft, sealed: bool) -> Look:
        source = f"--set={text_setting('camera.source', draft.settings.camera.source)}"
        if not self.is_installed:
            # With no file, no other one is to be found either.
            config = draft.path if draft.path.exists() else os.devnull
            command = one_frame.on_a_desk([f"--config={config}", source], sealed)
            return aim(command, self._draws, self._colours, self._say)
        answer = self._machine.run(["systemctl", "cat", SENSE])
        unit = f"posenet-setup-{os.getpid()}.service"
        try:
            command = one_frame.sandboxed(answer.out, unit, [source], LONGEST_S)
        except ValueError as error:
            raise Unavailable(f"{SENSE} cannot be looked at: {error}") from error
        try:
            return aim(command, self._draws, self._colours, self._say)
        finally:
            one_frame.stop_unit(self._machine.run, unit)

    def broker(self, draft: Draft) -> Iterator[Finding]:
        """Try the broker.

        Args:
            draft: Names it, and the login.

        Yields:
            One finding for each step.
        """
        with draft.broker() as mqtt:
            yield from in_background(lambda: try_broker(mqtt, draft.settings))

    def is_taken(self, draft: Draft) -> bool:
        """Tell whether another sensor with this id is online.

        Args:
            draft: Names the broker and the id.

        Returns:
            True if one is, or was when it ended without a last word.

        Raises:
            BrokerUnavailable: The broker cannot be asked.
        """
        before, now = draft.present, draft.settings
        is_here = self.is_installed and self._report is not None and self._report.running
        if is_here and device_id(before.device) == device_id(now.device) and before.mqtt.topic == now.mqtt.topic:
            return False
        with draft.broker() as mqtt:
            settings = replace(now, mqtt=mqtt)
            return next(in_background(lambda: iter([is_online(settings)])))


def in_background(work: Callable[[], Iterator[Result]]) -> Iterator[Result]:
    """Do in another thread what waits for the network, so that Ctrl-C ends the wait at once.

    Args:
        work: Gives results.

    Yields:
        Each result as it comes.

    Raises:
        BaseException: What the work raised.
    """
    results: queue.Queue[tuple[Result] | BaseException | None] = queue.Queue()

    def run() -> None:
        try:
            for each in work():
                results.put((each,))
            results.put(None)
        except BaseException as error:
            results.put(error)

    threading.Thread(target=run, name="trial", daemon=True).start()
    while (result := results.get()) is not None:
        if isinstance(result, BaseException):
            raise result
        yield result[0]
