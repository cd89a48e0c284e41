"""One run of ``scripts/install``: check, build beside what is there, try, switch, look, and keep it or go back."""

import argparse
import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edge import __version__
from edge.config import loader
from edge.errors import BadModel, OutputFailed, Unavailable, UsageError
from edge.runtime import durable
from edge.tools.install import options as choices
from edge.tools.install.build import build, has
from edge.tools.install.commands import Run, Talk, talk
from edge.tools.install.config_text import FIRST_CONFIG, set_keys
from edge.tools.install.health import Verdicts, look, wait
from edge.tools.install.machine import check_machine, check_upgrade, installed_version
from edge.tools.install.page_link import add_link, page_address, read_link
from edge.tools.install.versions import File, Versions
from edge.tools.progress import Progress
from edge.tools.unit_files import REPORT, SENSE, SOCKET, TARGET, VIEW

HOME = Path("/opt/posenet-edge")
_CONFIG, _APPLIED = Path("/etc/posenet-edge/config.toml"), Path("/var/lib/posenet-edge/applied.json")
_UNITS = Path("/etc/systemd/system")
_SHARE = Path("/usr/share")
_RECOVER = "posenet-recover.service"
_UNITS_RUNNING = (SENSE, REPORT, SOCKET, "posenet-resolver.path", VIEW)
_TOKEN = Path("/var/lib/posenet-edge/view/token")
_COMMAND = Path("/usr/local/bin/posenet-edge")
_STOPPED = 130
"""Exit status of a command that Ctrl-C ended."""
_PATIENCE, _PATIENCE_AT_FIRST = 60.0, 30.0
"""Seconds until a version must be healthy: as healthy as the one before, or at all."""


def say(text: str) -> None:
    """Tell the user."""
    print(f"install: {text}", file=sys.stderr, flush=True)


class Installer:
    """The installation below ``root``, which is a folder of its own in tests."""

    def __init__(self, run: Run, root: Path = Path("/"), patience: float = _PATIENCE) -> None:
        self._run = run
        self._root = root
        self._patience = patience
        self._home = self._at(HOME)
        self.versions = Versions(self._home)

    @property
    def installed(self) -> str:
        """The version in force; empty if there is none."""
        return installed_version(self.versions.in_force)

    @property
    def config(self) -> Path:
        """The configuration."""
        return self._at(_CONFIG)

    @property
    def link(self) -> str:
        """The address that Home Assistant's page of the device links to; empty: none."""
        return read_link(self.config.read_text()) if self.config.exists() else ""

    def recover(self) -> None:
        """Undo a switch that was cut off, and remove what an unfinished run left."""
        if self.versions.switching:
            self._go_back()
            say(f"an upgrade had been cut off; back at {self.installed or 'no installation'}")
        self.versions.prune()

    def new_config(self, options: argparse.Namespace) -> str:
        """Make the configuration with what the options ask for, checked as far as can be before all else."""
        old = options.config or (self.config.read_text() if self.config.exists() else FIRST_CONFIG)
        asked = choices.keys(options)
        text = set_keys(old, asked)
        if options.view or (options.config and self.link):
            text = add_link(text, page_address(self._root))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "config.toml"
            file.write_text(text)
            if asked:
                # Without options an upgrade need not know better than the version that runs with it.
                loader.load(file)
        return text

    def install(self, options: argparse.Namespace, project: Path, config: str, talk: Talk | None = None) -> list[str]:
        """Install a version, or upgrade to it.

        Args:
            options: What was asked.
            project: The checkout.
            config: The new configuration.
            talk: Runs ``posenet-edge setup`` before the services start; None: nothing is asked.

        Returns:
            What doctor finds bad; never worse than before.

        Raises:
            Unavailable: It cannot be installed, or was not healthy; what was before is in force.
            KeyboardInterrupt: Somebody stopped the questions; what was before is in force.
        """
        with Progress("install") as progress:
            if not options.no_apt:
                self._packages(progress)
            progress.begin("making the new version beside the old one: Python packages")
            folder = self.versions.make(__version__)
            build(folder, project, options.wheelhouse, self._run)
            files = self._files(folder, options, config)
            progress.begin("trying it")
            self._try(folder, options, config)
            # Empty also where the installed version no longer runs: then there is nothing to go back to.
            before = self._look() if self.installed else {}
            self._run(["sync"], {})
            self._watch_over(folder)
            self.versions.switch(folder, files)
        if talk:
            self._ask(options, talk)
        with Progress("install") as progress:
            progress.begin("waiting for the first frame")
            found = self._judge(before)
            if found and before:
                progress.begin("going back")
                self._go_back()
                raise Unavailable(
                    f"{__version__} was not healthy within {self._patience:.0f} s, so {self.installed} is back: "
                    f"{'; '.join(found)}"
                )
            self.versions.finish()
        return found

    def _ask(self, options: argparse.Namespace, talk: Talk) -> None:
        """Let ``setup`` ask for what no option said: everything is in place, and the camera's service is at rest."""
        with suppress(Unavailable):
            # What fails here fails once more when the services are started, and is told then.
            self._take_in_units()
        kept = [f"--keep={section}.{key}" for section, key in choices.keys(options)]
        code = talk([*self._edge(), "setup", "--no-apply", *kept])
        if code == _STOPPED:
            say("stopped at a question: going back")
            self._go_back()
            raise KeyboardInterrupt
        if code:
            say(f"the questions ended with status {code}; posenet-edge setup asks them again")

    def _judge(self, before: Verdicts) -> list[str]:
        try:
            self._start()
        except Unavailable as error:
            return [str(error)]
        return wait(before, self._look, self._patience if before else min(self._patience, _PATIENCE_AT_FIRST))

    def _go_back(self) -> None:
        if not self.versions.has_former and not installed_version(self._home):
            self._run(["systemctl", "disable", "--quiet", "--now", TARGET, *_UNITS_RUNNING], {})
        added = [path.name for path in self.versions.added if path.parent == self._at(_UNITS)]
        if added:
            # One that ran on without its file would fail; what systemd does not know yet need not stop.
            with suppress(Unavailable):
                self._run(["systemctl", "stop", "--quiet", *added], {})
        self.versions.undo()
        try:
            self._start()
        except Unavailable as error:
            # What cannot be started could not be started before either.
            say(str(error))
        self.versions.finish()

    def _start(self) -> None:
        """Start whatever is in force now, once; nothing waits for it, since at a boot it waits for this."""
        self._take_in_units()
        if not self.installed:
            return
        self._run(["systemctl", "enable", "--quiet", TARGET], {})
        # With nothing applied before, apply restarts both services: they have code that it knows nothing of.
        self._at(_APPLIED).unlink(missing_ok=True)
        self._run([*self._edge(), "apply"], {})
        self._run(["systemctl", "start", "--no-block", TARGET], {})
        if self._at(_UNITS / f"{TARGET}.wants" / VIEW).is_symlink():
            self._run(["systemctl", "restart", "--no-block", VIEW], {})

    def _take_in_units(self) -> None:
        """Make known to systemd what is in force now: units, users and folders."""
        self._run(["systemctl", "daemon-reload"], {})
        if self.installed:
            self._run(["systemd-sysusers", "posenet-edge.conf"], {})
            self._run(["systemd-tmpfiles", "--create", "posenet-edge.conf"], {})

    def start_view(self) -> str:
        """Start the page for browsers, now and at each boot.

        Returns:
            Its address, with the token.

        Raises:
            Unavailable: It does not start.
        """
        self._run(["systemctl", "enable", "--quiet", "--now", VIEW], {})
        token = self._at(_TOKEN)
        for _ in range(int(self._patience / 0.2) or 1):
            if token.exists():
                return f"{page_address(self._root)}?token={token.read_text().strip()}"
            time.sleep(0.2)
        raise Unavailable(f"{VIEW} does not start: systemctl status {VIEW} says why")

    def _look(self) -> Verdicts:
        return look(str(self.versions.in_force / "venv/bin/python"), self._run)

    def _edge(self) -> list[str]:
        return [str(self.versions.in_force / "venv/bin/python"), "-P", "-m", "edge"]

    def _packages(self, progress: Progress) -> None:
        """What comes from Debian."""
        apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        progress.begin("installing from Debian")
        if not has(self._run, "ensurepip"):
            self._run(["apt-get", "update", "-qq"], {})
            self._run([*apt, "python3-venv"], quiet)
        if not has(self._run, "picamera2"):
            try:
                if self._run(["apt-cache", "show", "python3-picamera2"], {}):
                    self._run([*apt, "python3-picamera2"], quiet)
            except Unavailable:
                say("no Picamera2 here; webcams work without it")

    def _files(self, folder: Path, options: argparse.Namespace, config: str) -> dict[Path, File]:
        """Everything outside of the version's folder that belongs to it."""
        files = {
            self._at(_UNITS) / unit.name: File(unit.read_bytes())
            for unit in sorted((folder / "source/systemd").glob("posenet-*"))
            if unit.name != _RECOVER
        }
        for name in ("sysusers", "tmpfiles"):
            conf = folder / f"source/systemd/{name}.conf"
            files[self._at(Path(f"/etc/{name}.d/posenet-edge.conf"))] = File(conf.read_bytes())
        share = folder / "source/share"
        for file in filter(Path.is_file, share.rglob("*")):
            files[self._at(_SHARE) / file.relative_to(share)] = File(file.read_bytes())
        files[self._at(_COMMAND)] = File((folder / "source/systemd/launcher.sh").read_bytes(), 0o755)
        if options.model:
            files[self._at(Path(choices.MODELS)) / options.model[0]] = File(options.model[1])
        if options.password_file:
            files[self._at(Path(choices.PASSWORD))] = File(options.password_file, 0o600)
        if not self.config.exists() or config != self.config.read_text():
            files[self.config] = File(config.encode())
            if options.config and self.config.exists():
                # What somebody wrote there by hand is not lost.
                files[self.config.with_name("config.toml.before")] = File(self.config.read_bytes())
        return files

    def _try(self, folder: Path, options: argparse.Namespace, config: str) -> None:
        """Let the new version check the configuration, and its model look at a stored photo."""
        edge = [str(folder / "venv/bin/python"), "-P", "-m", "edge"]
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            # The files that it names are beside the real one, if their names are relative.
            trial = self.config.with_name(".trial.toml")
            durable.make_folder(trial.parent)
            sets = []
            if options.password_file:
                durable.write(Path(scratch) / "password", options.password_file, 0o600)
                sets.append(f"--set=mqtt.password_file={scratch}/password")
            if options.model:
                (Path(scratch) / options.model[0]).write_bytes(options.model[1])
                sets.append(f"--set=model.file={scratch}/{options.model[0]}")
            try:
                durable.write(trial, config.encode(), 0o644)
                self._run([*edge, "check-config", f"--config={trial}", *sets], {})
                photo = folder / "source/examples/photos/astronaut.jpg"
                plain = ("stills.loop=false", "stills.seconds=0", "camera.require_seal=false", "camera.rotate=0")
                look = ["sense", "--stdout", f"--config={trial}", f"--source=stills:{photo}"]
                seen = self._run([*edge, *look, *sets, *(f"--set={key}" for key in plain)], {})
            finally:
                durable.remove(trial)
        if '"persons":[[' not in seen:
            raise BadModel("the model finds nobody in the stored photo of a person; nothing was changed")

    def _watch_over(self, folder: Path) -> None:
        """From now on a boot undoes what was cut off, with the code of the new version: it stays until that is done."""
        unit, wants = self._at(_UNITS) / _RECOVER, self._at(_UNITS) / "multi-user.target.wants"
        durable.make_folder(wants)
        text = (folder / "source/systemd" / _RECOVER).read_text()
        durable.write(unit, text.replace("/current/", f"/versions/{folder.name}/").encode(), 0o644)
        if not (wants / _RECOVER).is_symlink():
            (wants / _RECOVER).symlink_to(f"../{_RECOVER}")
            durable.sync_folder(wants)

    def _at(self, path: Path) -> Path:
        return self._root / path.relative_to("/")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second run out.

        Raises:
            Unavailable: There is one already.
            OutputFailed: Nothing can be written.
        """
        try:
            durable.make_folder(self._home)
            descriptor = os.open(self._home, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise OutputFailed(f"{self._home}: {error.strerror}; nothing was changed") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise Unavailable("another installation is at work; wait until it is done") from error
        finally:
            os.close(descriptor)


def main(
    words: list[str],
    project: Path,
    run: Run,
    root: Path = Path("/"),
    interactive: bool = False,
    talk: Talk = talk,
) -> int:
    """Run ``scripts/install``.

    Args:
        words: Of the command line.
        project: The checkout.
        run: Runs commands.
        root: Of the file system.
        interactive: Standard input is a terminal.
        talk: Runs a command that asks there.

    Returns:
        The exit status.

    Raises:
        UsageError: It needs root, or something that is installed.
        Unavailable: It cannot be installed here.
    """
    options = choices.parse(words)
    installer = Installer(run, root)
    if root == Path("/") and os.geteuid() != 0 and not options.dry_run:
        raise UsageError("needs root: sudo scripts/install")
    if options.recover:
        with installer.alone():
            installer.recover()
        return os.EX_OK
    check_machine(root, run)
    check_upgrade(installer.installed, __version__)
    if options.upgrade and not installer.installed:
        raise UsageError("--upgrade: nothing is installed here; expected scripts/install without it")
    asks = interactive and not (options.upgrade or options.config or installer.config.exists())
    config = installer.new_config(options)
    if options.dry_run:
        print(f"would install {__version__} below {HOME}/versions, beside {installer.installed or 'nothing'}")
        print(f"would write {_CONFIG}:\n{config}", end="")
        return os.EX_OK
    with installer.alone():
        installer.recover()
        linked = installer.link
        found = installer.install(options, project, installer.new_config(options), talk if asks else None)
        if options.view:
            say(f"the page for browsers: {installer.start_view()}")
            if (now := installer.link) != linked:
                say(f"Home Assistant's page of the device leads there: homeassistant.configuration_url = {now}")
    for text in found:
        say(f"BAD {text}")
    say(
        f"{__version__} is installed{', and does not do its work yet: see above' if found else ' and works'}. Look: "
        f"posenet-edge doctor; change: {_CONFIG}, then posenet-edge apply; remove: scripts/uninstall"
    )
    return os.EX_UNAVAILABLE if found else os.EX_OK
