"""A certificate authority of one's own, and brokers that it vouches for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from edge.tools.mosquitto import Mosquitto


class Authority:
    """``ca`` is the file of its certificate; those that it issues lie beside it."""

    def __init__(self, folder: Path) -> None:
        """folder: one that a broker may read, as ``broker_folder`` is."""
        self._folder = folder
        self._authority = trustme.CA()
        self.ca = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.ca))

    def issue(self, name: str, days: float = 365.0) -> tuple[Path, Path]:
        """Certificate and key for a name or address; valid since 100 days, for so many more."""
        now = datetime.now(UTC)
        issued = self._authority.issue_cert(
            name, not_before=now - timedelta(days=100), not_after=now + timedelta(days=days)
        )
        certificate, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(key))
        key.chmod(0o644)  # mosquitto runs as another user
        return certificate, key

    def broker(self, name: str = "127.0.0.1", *more: str, days: float = 365.0) -> Mosquitto:
        """A broker that has to be reached by TLS; ``more``: further lines of its configuration."""
        certificate, key = self.issue(name, days)
        files = (f"cafile {self.ca}", f"certfile {certificate}", f"keyfile {key}")
        return Mosquitto("allow_anonymous true", *files, *more)
