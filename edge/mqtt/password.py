"""Password for the broker: from a systemd credential, or from a file that others cannot read."""

import os
import stat
from pathlib import Path

from edge.config.settings import MqttSettings
from edge.errors import BadSetting

_CREDENTIAL = "mqtt_password"


def read_password(settings: MqttSettings, environment: dict[str, str] | None = None) -> str | None:
    """Read the password.

    Args:
        settings: Name its file; the credential ``mqtt_password`` wins.
        environment: Of the process, in which systemd names the folder of credentials.

    Returns:
        The first line; None where no password is set.

    Raises:
        BadSetting: The file is missing, empty or open to others.
    """
    folder = (os.environ if environment is None else environment).get("CREDENTIALS_DIRECTORY")
    if folder and (credential := Path(folder) / _CREDENTIAL).exists():
        return _first_line(credential)
    if settings.password_file is None:
        return None
    path = settings.password_file
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise BadSetting(f"mqtt.password_file {path}: cannot be read ({error.strerror})") from error
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
