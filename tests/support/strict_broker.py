"""A mosquitto that wants a password and has an access list."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from edge.tools.mosquitto import Mosquitto


def strict_broker(folder: Path, users: Mapping[str, str], access: str, *more: str) -> Mosquitto:
    """A broker that is not started yet.

    Args:
        folder: One that a broker may read, as ``broker_folder`` is.
        users: Passwords by name.
        access: The access list.
        more: Further lines of its configuration.
    """
    program = shutil.which("mosquitto_passwd")
    assert program
    passwords, rules = folder / "passwords", folder / "access"
    passwords.write_text("")
    for name, password in users.items():
        subprocess.run([program, "-b", str(passwords), name, password], check=True, capture_output=True)
    rules.write_text(access)
    for path in (passwords, rules):
        path.chmod(0o644)
    return Mosquitto("allow_anonymous false", f"password_file {passwords}", f"acl_file {rules}", *more)
