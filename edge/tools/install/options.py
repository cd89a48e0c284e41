"""Options of ``scripts/install``; each value is checked before anything is done."""

import argparse
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

from edge.config import loader
from edge.config.fleet import choose, read_devices
from edge.config.texts import read_broker, without_password
from edge.config.toml_text import as_toml
from edge.errors import BadSetting, UsageError

PASSWORD = "/etc/posenet-edge/secrets/mqtt_password"
MODELS = "/etc/posenet-edge/models"
_T = TypeVar("_T")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(os.EX_USAGE, f"install: {message}; see scripts/install --help\n")


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = _Parser(
        prog="scripts/install",
        description="Installs posenet-edge as two systemd services, or upgrades it: the configuration stays, and the "
        "version before is kept and comes back by itself if the new one is not healthy within a minute.",
        epilog="Example: sudo scripts/install --broker broker.lan --user sensor --password-file password",
        allow_abbrev=False,
    )
    parser.add_argument("--upgrade", action="store_true", help="only if it is installed already; asks nothing")
    parser.add_argument("--broker", type=_checked(broker), metavar="HOST[:PORT]", help="the MQTT broker")
    parser.add_argument("--user", type=_checked(user), metavar="NAME", help="user name at the broker")
    parser.add_argument("--password-file", type=_checked(password), metavar="FILE", help="a file with the password")
    parser.add_argument("--fleet", metavar="FILE", help="a configuration for many, of which --device takes its own")
    parser.add_argument("--device", metavar="NAME", help="which of --fleet this is; replaces the configuration")
    parser.add_argument("--source", type=_checked(source), help="the camera, as camera.source (default: auto)")
    parser.add_argument("--model", type=_checked(model), metavar="FILE", help="a model of your own (.tflite)")
    parser.add_argument("--sha256", metavar="HEX", help="what the model's sha256 must be")
    parser.add_argument("--view", action="store_true", help="a page for browsers too, on port 8470 of this machine")
    parser.add_argument("--wheelhouse", type=_checked(folder), metavar="FOLDER", help="packages of scripts/wheelhouse")
    parser.add_argument("--no-apt", action="store_true", help="install nothing from Debian; dpkg did, and is at work")
    parser.add_argument("--dry-run", action="store_true", help="only check and say what would be done")
    parser.add_argument("--recover", action="store_true", help="only undo an upgrade that was cut off, as at each boot")
    parser.set_defaults(config="")
    options = parser.parse_args(words)
    if (options.fleet is None) != (options.device is None):
        parser.error("--fleet and --device: expected both or neither")
    if options.fleet:
        try:
            options.config = of_device(Path(options.fleet), options.device)
        except BadSetting as error:
            parser.error(str(error))
    if (options.model is None) != (options.sha256 is None):
        parser.error("--model and --sha256: expected both or neither")
    if options.model and hashlib.sha256(options.model[1]).hexdigest() != options.sha256.lower():
        parser.error("the model's sha256 is another; it was damaged on its way, or is not the one that was meant")
    return options


def keys(options: argparse.Namespace) -> dict[tuple[str, str], str | int | bool]:
    """Tell which keys of the configuration the options set."""
    found: dict[tuple[str, str], str | int | bool] = {}
    if options.source:
        found["camera", "source"] = options.source
    if options.broker:
        found["mqtt", "host"], found["mqtt", "port"] = options.broker
    if options.user:
        found["mqtt", "username"] = options.user
    if options.password_file:
        found["mqtt", "password_file"] = PASSWORD
    if options.model:
        found["model", "file"] = f"{MODELS}/{options.model[0]}"
    return found


def of_device(fleet: Path, device: str) -> str:
    """Write the configuration of one device of many, as of an installed service: it waits for its camera, sealed.

    Returns:
        The content of its config.toml.

    Raises:
        BadSetting: There is no such device, or the file is no configuration for many.
    """
    table = choose(read_devices(fleet), device, str(fleet))
    camera = table.get("camera", {})
    if isinstance(camera, dict):
        table["camera"] = {"wait": True, "require_seal": True, **camera}
    text = as_toml(table)
    # What detectors register is checked by the new version.
    loader.load_text(text, Path(), f"{fleet}: device {device}")
    return text


def broker(text: str) -> tuple[str, int]:
    """Read a broker, as ``mqtt.fallbacks`` has one.

    Returns:
        The host, and the port; 0: the usual one.

    Raises:
        UsageError: It is none.
    """
    try:
        return read_broker(text)
    except ValueError as error:
        found = without_password(text)
        raise UsageError(
            f'expected HOST or HOST:PORT such as broker.lan or 192.168.1.2:1883, found "{found}"; {error}'
        ) from error


def user(text: str) -> str:
    """Check a user name."""
    if not text.isprintable() or not text.strip():
        raise UsageError(f"expected a user name, found {text!r}")
    return text


def source(text: str) -> str:
    """Check what could be a camera; the new version checks it as the configuration's."""
    if not text.isprintable() or not text.strip():
        raise UsageError(f"expected a camera such as auto, picamera2 or v4l2:/dev/video0, found {text!r}")
    return text


def password(text: str) -> bytes:
    """Read a file with a password."""
    try:
        found = Path(text).read_bytes()
    except OSError as error:
        raise UsageError(f"{text}: {error.strerror}; expected a file with the password") from error
    if not found.strip():
        raise UsageError(f"{text} is empty; expected a file with the password")
    return found


def model(text: str) -> tuple[str, bytes]:
    """Read a model.

    Returns:
        A name that tells it from others, so that the one before stays; and its content.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        content = Path(text).read_bytes()
    except OSError as error:
        raise UsageError(f"{text}: {error.strerror}; expected a .tflite file") from error
    return f"{Path(text).stem}-{hashlib.sha256(content).hexdigest()[:12]}.tflite", content


def folder(text: str) -> Path:
    """Check the folder of a wheelhouse."""
    if not list(Path(text).glob("*.whl")):
        raise UsageError(f"{text}: no wheels there; make it with scripts/wheelhouse {text}")
    return Path(text).absolute()


def _checked(check: Callable[[str], _T]) -> Callable[[str], _T]:
    def convert(text: str) -> _T:
        try:
            return check(text)
        except UsageError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert
