"""Start the view with what Home Assistant knows: the options of this app, and the broker of the Supervisor.

The options are those of config.yaml in this folder. Without a broker in them, the Supervisor is asked for its MQTT
service. The view then runs as nobody, and answers only the Supervisor, which asks for a login at Home Assistant.
"""

import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any, NoReturn

from edge.config.texts import read_brokers

OPTIONS = Path(os.environ.get("OPTIONS_FILE", "/data/options.json"))
SUPERVISOR = os.environ.get("SUPERVISOR_ADDRESS", "http://supervisor")
INGRESS = os.environ.get("INGRESS_ADDRESS", "172.30.32.2")
"""Address from which the Supervisor connects, always."""
LISTEN = os.environ.get("LISTEN", "0.0.0.0:8099")
FOLDER = Path(os.environ.get("CONFIGURATION_FOLDER", "/tmp/posenet-edge"))
USER = int(os.environ.get("USER_ID", "65534"))
"""User to become, by default nobody."""


def fail(found: str, remedy: str) -> NoReturn:
    """End with a message for the app's log."""
    print(f"posenet-edge view: {found}; {remedy}", file=sys.stderr)
    sys.exit(1)


def service() -> dict[str, Any]:
    """The broker that the Supervisor knows, as settings of ``[mqtt]``."""
    token = os.environ.get("SUPERVISOR_TOKEN", "")
    request = urllib.request.Request(f"{SUPERVISOR}/services/mqtt", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            told = json.load(response)["data"]
        found = {"host": told["host"], "port": int(told["port"]), "tls": bool(told.get("ssl"))}
        return found | {"username": told.get("username") or "", "password": told.get("password") or ""}
    except (OSError, ValueError, KeyError, TypeError) as error:
        fail(f"no MQTT service at the Supervisor ({error})", "install the app Mosquitto, or configure a broker here")


def chosen(options: dict[str, Any]) -> dict[str, Any]:
    """The broker of the options, as settings of ``[mqtt]``."""
    try:
        ((host, port),) = read_brokers(options["broker"].strip())
    except ValueError:
        fail(f"broker: found {options['broker']!r}", "expected HOST or HOST:PORT")
    return {
        "host": host,
        "port": port,
        "username": options.get("username", ""),
        "password": options.get("password", ""),
    }


def become(user: int) -> None:
    """Give up root for ever, and take along what the view reads."""
    if user == os.geteuid():
        return
    for path in (FOLDER, *FOLDER.iterdir()):
        os.chown(path, user, user)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def main() -> None:
    """Write the configuration, give up root, and become the view."""
    try:
        options = json.loads(OPTIONS.read_text())
    except (OSError, ValueError) as error:
        fail(f"{OPTIONS}: {error}", "expected the options that Home Assistant writes")
    settings = chosen(options) if options.get("broker", "").strip() else service()
    settings["topic"] = options.get("topic") or "posenet"
    password = settings.pop("password")
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    if password:
        settings["password_file"] = str(FOLDER / "password")
        (FOLDER / "password").write_text(password)
        (FOLDER / "password").chmod(0o600)
    # A string of JSON is one of TOML too.
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    (FOLDER / "config.toml").write_text("\n".join(["[mqtt]", *lines, ""]))
    become(USER)
    view = ["view", f"--config={FOLDER / 'config.toml'}", f"--proxy={INGRESS}", f"--listen={LISTEN}"]
    if options.get("commands"):
        view.append("--commands")
    # The token of the Supervisor is none of the view's business.
    environment = {name: value for name, value in os.environ.items() if name != "SUPERVISOR_TOKEN"}
    os.execve(sys.executable, [sys.executable, "-P", "-m", "edge", *view], environment)


if __name__ == "__main__":
    main()
