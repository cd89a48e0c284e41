"""Password and TLS files for the broker: as set, or as systemd credentials."""

import os
import ssl
import stat
from dataclasses import replace
from pathlib import Path

from edge.config.settings import MqttSettings
from edge.errors import BadSetting


def _credential(name: str) -> Path | None:
    """File of a systemd credential; None if there is none of this name."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / name if folder else None
    return path if path and path.exists() else None


def as_handed_over(settings: MqttSettings, folder: Path) -> MqttSettings:
    """Name the copies that systemd gave to a service when it started, where there are such, in place of the files.

    Args:
        settings: Name the files.
        folder: The service's credentials.

    Returns:
        Settings with which another process uses what the service uses.
    """
    password, key = folder / "mqtt_password", folder / "mqtt_key"
    if settings.password_file and password.exists():
        settings = replace(settings, password_file=password)
    if settings.key_file and key.exists():
        settings = replace(settings, key_file=key)
    return settings


def read_password(settings: MqttSettings) -> str | None:
    """Read the password.

    Args:
        settings: Name its file; the systemd credential ``mqtt_password`` wins.

    Returns:
        The first line; None where no password is set.

    Raises:
        BadSetting: The file is missing, no regular one, empty or open to others.
    """
    if credential := _credential("mqtt_password"):
        return _first_line(credential)
    if settings.password_file is None:
        return None
    path = settings.password_file
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise BadSetting(f"mqtt.password_file {path}: cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(mode):
        raise BadSetting(f"mqtt.password_file {path}: no file; expected a file with the password on its first line")
    if mode & stat.S_IRWXO:
        raise BadSetting(
            f"mqtt.password_file {path}: everybody on this machine may use it (mode {stat.S_IMODE(mode):04o}); "
            f"expected 0600: chmod 600 {path}"
        )
    return _first_line(path)


def _first_line(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadSetting(f"password {path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadSetting(f"password {path}: not UTF-8 text; expected the password on the first line") from error
    if not lines or not lines[0]:
        raise BadSetting(f"password {path}: empty; expected the password on the first line")
    return lines[0]


def make_tls(settings: MqttSettings) -> ssl.SSLContext | None:
    """Make a context that checks the broker's certificate and its name.

    Args:
        settings: Name the files; the systemd credential ``mqtt_key`` wins over ``key_file``.

    Returns:
        The context; None without TLS.

    Raises:
        BadSetting: A file cannot be used.
    """
    if not settings.tls:
        return None
    context = ssl.create_default_context()
    if settings.ca_file:
        # This authority only: those of the web say nothing about a private broker.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(settings.ca_file)
        except (ssl.SSLError, OSError) as error:
            raise BadSetting(f"mqtt.ca_file {settings.ca_file}: {_why(error)}; expected certificates in PEM") from error
    if settings.certificate_file:
        key = _credential("mqtt_key") or settings.key_file
        try:
            context.load_cert_chain(settings.certificate_file, key, password=_refuse_to_ask)
        except (ssl.SSLError, OSError, ValueError) as error:
            raise BadSetting(
                f"mqtt.certificate_file {settings.certificate_file} with mqtt.key_file {settings.key_file}: "
                f"{_why(error)}; expected a certificate and its unencrypted key in PEM"
            ) from error
    return context


def _refuse_to_ask() -> str:
    raise ValueError("the key is encrypted")


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not readable").lower().replace("_", " ")
    return getattr(error, "strerror", None) or str(error)
