"""Store for what was asked over MQTT, and for former names, in a folder: it outlives restarts and power cuts."""

import logging
import os
from collections.abc import Mapping

from edge.runtime import durable, incidents

log = logging.getLogger(__name__)


class StateStore:
    """A few bytes by name, as this process or an earlier one set them last."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Find the folder that systemd names in ``environment``; without one nothing outlives the process."""
        self._folder = durable.state_folder(environment)
        self._known: dict[str, bytes | None] = {}

    def get(self, name: str) -> bytes | None:
        """Content by name; None if it was never set, or removed."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def set(self, name: str, content: bytes | None) -> None:
        """Store it, or remove it (None); on return it is on the disk and survives a power cut.

        Where it cannot be stored it holds until the next start, and the log says so.
        """
        self._known[name] = content
        if self._folder is None:
            return
        try:
            if content is None:
                durable.remove(self._folder / name)
            else:
                durable.write(self._folder / name, content, 0o600)
        except OSError as error:
            incidents.count("writes_failed")
            log.warning("%s: %s; it is not kept for the next start", self._folder / name, error.strerror)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes() if self._folder else None
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("%s: %s; what was kept there is not known", error.filename, error.strerror)
            return None
