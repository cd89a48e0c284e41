"""The files that the configuration names: whether the services can use them, and whether they have changed."""

import hashlib
from pathlib import Path

from edge.config.settings import Settings
from edge.data_files import MODELS
from edge.errors import BadModel
from edge.mqtt.credentials import make_tls, read_password
from edge.sense.camera.picamera2.tuning import check_tuning_file
from edge.sense.camera.registry import check_source
from edge.sense.inference.model_file import find_models


def check_named_files(settings: Settings) -> None:
    """Check the clip or photos, the tuning file, the model, the password and the certificates, as the services will.

    Raises:
        BadSetting: The source, the tuning file, the password or a certificate cannot be used.
        NoSource: There is no such clip or photo.
        BadModel: The model cannot be used.
    """
    check_source(settings.camera.source)
    check_tuning_file(settings)
    find_models(settings.model.file, MODELS)
    read_password(settings.mqtt)
    make_tls(settings.mqtt)


def digests(settings: Settings) -> dict[str, str]:
    """Compute what tells whether a named file has another content than before.

    Returns:
        SHA-256 by ``section.key``, of all models together where there is a choice; empty for a file that cannot be
        used.
    """
    mqtt = settings.mqtt
    files = {f"mqtt.{key}": getattr(mqtt, key) for key in ("password_file", "ca_file", "certificate_file", "key_file")}
    files["picamera.tuning_file"] = settings.picamera.tuning_file
    found = {key: _digest(path) for key, path in files.items() if path}
    try:
        models = b"".join(file.content for file in find_models(settings.model.file, MODELS))
    except BadModel:
        return found | {"model.file": ""}
    return found | {"model.file": hashlib.sha256(models).hexdigest()}


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
