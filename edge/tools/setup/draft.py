"""The configuration as it will be written: the present one with the answers, and the password beside it."""

import difflib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from edge.config.settings import MqttSettings, Settings
from edge.errors import BadSetting, OutputFailed
from edge.report import configuration
from edge.runtime import durable
from edge.tools.install.config_text import Keys, set_keys

PASSWORD_KEY = ("mqtt", "password_file")


class Draft:
    """The answers so far; nothing is written before ``write``."""

    def __init__(self, path: Path, first: str = "") -> None:
        """Read what is there.

        Args:
            path: The configuration.
            first: The text to begin with where there is none.

        Raises:
            BadSetting: It cannot be used as it is.
            OutputFailed: It cannot be read.
        """
        self.path, self.shown = path.absolute(), str(path)
        self.password_path = self.path.parent / "secrets/mqtt_password"
        """Where a password is written that was typed."""
        self.password = ""
        """What was typed; empty: nothing was, and what is stored stays."""
        self._stored = _read(path)
        self._present = _decode(self._stored, path) if self._stored is not None else first
        self._keys: dict[tuple[str, str], str | int | bool | None] = {}
        self.present = self._load(self._present, str(path))
        """The settings before the first answer."""
        self.text, self.settings = self._present, self.present

    def put(self, keys: Keys) -> None:
        """Take an answer in.

        Args:
            keys: The settings that it changes.

        Raises:
            BadSetting: The value is not allowed, or cannot be written into the text.
        """
        together = {**self._keys, **keys}
        changed = {name: value for name, value in together.items() if self._value(*name) != value}
        text = set_keys(self._present, changed)
        settings = self._load(text, "the answer")
        self._keys, self.text, self.settings = together, text, settings

    @contextmanager
    def broker(self) -> Iterator[MqttSettings]:
        """Make settings of the preferred broker that can be tried; a password that was typed is in a file in memory.

        Yields:
            Settings, to be used in the body.
        """
        mqtt = self.settings.mqtt.in_order[0]
        if not self.password:
            yield mqtt
            return
        descriptor = os.memfd_create("mqtt_password")
        try:
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, self.password.encode())
            yield replace(mqtt, password_file=Path(f"/proc/self/fd/{descriptor}"))
        finally:
            os.close(descriptor)

    def difference(self) -> list[str]:
        """List the lines that go and that come, each with its mark; empty if the file stays as it is."""
        before = "" if self._stored is None else self._present
        lines = difflib.unified_diff(before.splitlines(), self.text.splitlines(), lineterm="", n=1)
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]

    @property
    def writes_password(self) -> bool:
        """True if a password was typed for a user."""
        return bool(self.password and self.settings.mqtt.username)

    def write(self) -> None:
        """Write the password and the configuration, each in one step.

        Raises:
            OutputFailed: Both are as before: the configuration was changed meanwhile, or cannot be written.
        """
        # A link stays one, and what it leads to is replaced.
        config = self.path.resolve()
        if _read(config) != self._stored:
            raise OutputFailed(f"{config} was changed meanwhile by somebody else; nothing was written, begin again")
        former = _read(self.password_path) if self.writes_password else None
        try:
            if self.writes_password:
                durable.make_folder(self.password_path.parent)
                durable.write(self.password_path, self.password.encode() + b"\n", 0o600)
            if self.text.encode() != self._stored:
                mode = config.stat().st_mode & 0o777 if self._stored is not None else 0o644
                durable.make_folder(config.parent)
                durable.write(config, self.text.encode(), mode)
        except OSError as error:
            if self.writes_password:
                self._put_back(former)
            raise OutputFailed(f"{error.filename or config}: {error.strerror}; nothing was changed") from error

    def _put_back(self, password: bytes | None) -> None:
        with suppress(OSError):
            if password is None:
                durable.remove(self.password_path)
            else:
                durable.write(self.password_path, password, 0o600)

    def _value(self, section: str, key: str) -> object:
        value = getattr(getattr(self.present, section), key)
        return str(value) if isinstance(value, Path) else value

    def _load(self, text: str, where: str) -> Settings:
        return configuration.load_text(text, self.path.parent, where)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputFailed(f"{path}: {error.strerror}; expected a file that can be read") from error


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSetting(f"{path}: not UTF-8 (byte {error.start}); expected a TOML file") from error
