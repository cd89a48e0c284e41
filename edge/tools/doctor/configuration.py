"""Checks of the configuration, the files that it names, and that the services run with it."""

import json
from pathlib import Path
from typing import Any

from edge.config import loader
from edge.config.settings import Settings
from edge.data_files import MODELS
from edge.errors import BadModel, BadSetting
from edge.mqtt.credentials import make_tls, read_password
from edge.report import configuration
from edge.runtime.installation import install_command
from edge.sense.inference.model_file import find_models
from edge.tools.apply import changed_files
from edge.tools.checks.finding import Finding, bad, good, unknown, warning
from edge.tools.checks.machine import Machine
from edge.tools.named_files import digests

_APPLIED = "var/lib/posenet-edge/applied.json"
_MOST_NAMED = 4


def read_settings(path: Path | None, assignments: list[str]) -> tuple[Settings | None, Finding]:
    """Read the settings in force; None if they cannot be used, and the finding says why."""
    name = "configuration"
    try:
        settings = configuration.load(path, assignments)
    except BadSetting as error:
        if isinstance(error.__cause__, PermissionError):
            return None, unknown(name, str(error), "run doctor as root: sudo posenet-edge doctor")
        return None, bad(name, str(error), "mend it, then posenet-edge check-config and posenet-edge apply")
    where = path or (loader.DEFAULT_PATH if loader.DEFAULT_PATH.exists() else None)
    if where is None:
        return settings, good(name, "no file, so the built-in defaults")
    return settings, good(name, f"{where} is valid")


def check_secrets(settings: Settings) -> Finding:
    """Check the password and the files for encryption."""
    name = "password and keys"
    mqtt = settings.mqtt
    try:
        read_password(mqtt)
        make_tls(mqtt)
    except BadSetting as error:
        if isinstance(error.__cause__, PermissionError):
            return unknown(name, str(error), "run doctor as root: sudo posenet-edge doctor")
        return bad(name, str(error), "mend the file or the setting, then posenet-edge apply")
    named = [word for word, file in (("password", mqtt.password_file), ("keys", mqtt.certificate_file)) if file]
    return good(name, f"{' and '.join(named)} can be read" if named else "none are set")


def check_model(settings: Settings, folder: Path = MODELS) -> Finding:
    """Check the file of the model, or of each among which it is chosen, and the checksums."""
    try:
        models = find_models(settings.model.file, folder)
    except BadModel as error:
        return bad("model", str(error), f"install again: {install_command()}")
    *others, last = (f"{model.path.name}, {len(model.content) / 1e6:.1f} MB" for model in models)
    if not others:
        return good("model", f"{last}, is what it should be")
    return good("model", f"one of {'; '.join(others)}; {last}; each is what it should be")


def check_applied(settings: Settings, machine: Machine) -> Finding:
    """Check that the configuration is the one that ``posenet-edge apply`` took last."""
    name = "applied"
    text = machine.read(_APPLIED)
    try:
        before = json.loads(text or "")
    except ValueError:
        before = None
    if not isinstance(before, dict):
        if not machine.admin:
            return unknown(name, "what was applied last cannot be read", "run doctor as root")
        return warning(name, "the configuration was never applied", "sudo posenet-edge apply")
    changed = _differences(before, json.loads(json.dumps(settings.as_dict(), default=str)))
    if machine.admin:
        changed += [f"the content of {key}" for key in changed_files(before, digests(settings)) if key not in changed]
    if not changed:
        return good(name, "the services were given this configuration")
    more = f" and {len(changed) - _MOST_NAMED} more" if len(changed) > _MOST_NAMED else ""
    return warning(
        name, f"changed since it was applied: {', '.join(changed[:_MOST_NAMED])}{more}", "sudo posenet-edge apply"
    )


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """List the keys with another value than before; of sections that may be repeated, the section's name."""
    found = []
    for section, values in after.items():
        old = before.get(section)
        if isinstance(values, list):
            found += [section] if values != (old or []) else []
            continue
        known = old if isinstance(old, dict) else {}
        found += [f"{section}.{key}" for key, value in values.items() if known.get(key) != value]
    return found
