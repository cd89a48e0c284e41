"""TLS context for the connection to the broker."""

import os
import ssl
from pathlib import Path

from edge.config.settings import MqttSettings
from edge.errors import BadSetting


def make_tls(settings: MqttSettings) -> ssl.SSLContext | None:
    """Make a context that checks the broker's certificate and its name.

    Args:
        settings: Name the files.

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
        try:
            context.load_cert_chain(settings.certificate_file, _key_file(settings), password=_refuse_to_ask)
        except (ssl.SSLError, OSError, ValueError) as error:
            raise BadSetting(
                f"mqtt.certificate_file {settings.certificate_file} with mqtt.key_file {settings.key_file}: "
                f"{_why(error)}; expected a certificate and its unencrypted key in PEM"
            ) from error
    return context


def _key_file(settings: MqttSettings) -> Path | None:
    """Private key: the systemd credential ``mqtt_key`` where there is one, else the file that is set."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder) / "mqtt_key" if folder else None
    return credential if credential and credential.exists() else settings.key_file


def _refuse_to_ask() -> str:
    raise ValueError("the key is encrypted")


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not readable").lower().replace("_", " ")
    return getattr(error, "strerror", None) or str(error)
