"""A real mosquitto in the machine, as a house has one: password, access list, TLS; and who listens to it."""

import json
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import trustme

from tests.rehearsal.machine import Machine
from tests.support.waiting import wait_until

NETWORK_UNIT = Path(__file__).parent / "kit/rehearsal-network.service"
BROKER, SOMEBODY_ELSE = "10.77.0.1", "10.77.0.2"
"""Addresses in the machine that ``NETWORK_UNIT`` makes."""
SENSOR, SENSOR_PASSWORD = "sensor", "what only the sensor knows"
READER, READER_PASSWORD = "house", "what only the house knows"

_CONFIGURATION = f"""
per_listener_settings false
allow_anonymous false
password_file /etc/mosquitto/passwords
acl_file /etc/mosquitto/acl
listener 1883 {BROKER}
listener 1883 {SOMEBODY_ELSE}
listener 8883 {BROKER}
certfile /etc/mosquitto/certs/broker.pem
keyfile /etc/mosquitto/certs/broker.key
"""
_ACL = f"""
user {SENSOR}
topic {{sensors}} posenet/#
user {READER}
topic read posenet/#
topic write posenet/+/command/#
topic read $SYS/#
"""


def set_up(machine: Machine) -> None:
    """Give the machine's mosquitto these listeners and users; returns when it listens."""
    machine.write("/etc/mosquitto/conf.d/rehearsal.conf", _CONFIGURATION)
    machine.write("/root/password", SENSOR_PASSWORD + "\n", 0o600)
    machine.run(
        f"cd /etc/mosquitto && mosquitto_passwd -b -c passwords {SENSOR} '{SENSOR_PASSWORD}' && "
        f"mosquitto_passwd -b passwords {READER} '{READER_PASSWORD}' && chmod 640 passwords && chgrp mosquitto passwords"
    )
    allow(machine, "write")
    certify(machine)
    machine.run("systemctl restart mosquitto")
    wait_until(lambda: ":8883" in machine.say("ss -ltn"), what="mosquitto listens")


def allow(machine: Machine, sensors: str) -> None:
    """The access list, from the next reload on. sensors: what it may do: ``write``, ``read`` or ``readwrite``."""
    machine.write("/etc/mosquitto/acl", _ACL.format(sensors=sensors), 0o640)
    machine.run("chgrp mosquitto /etc/mosquitto/acl")


def certify(machine: Machine, expires: datetime | None = None) -> None:
    """A new certificate for the broker, from the next reload on, and its authority's in ``/root/ca.pem``."""
    authority = trustme.CA()
    certificate = authority.issue_cert(BROKER, "broker.lan", not_after=expires)
    machine.write("/etc/mosquitto/certs/broker.key", certificate.private_key_pem.bytes(), 0o640)
    machine.write("/etc/mosquitto/certs/broker.pem", b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    machine.write("/root/ca.pem", authority.cert_pem.bytes())
    machine.run("chgrp mosquitto /etc/mosquitto/certs/broker.key")


class Listener:
    """``mosquitto_sub`` in the machine between ``with`` and its end: every message on ``posenet/#``."""

    def __init__(self, machine: Machine, options: str = "") -> None:
        """options: of mosquitto_sub, where not those of the house at the broker's plain port."""
        self._machine = machine
        self._options = options or f"-h {BROKER} -u {READER} -P '{READER_PASSWORD}'"

    def __enter__(self) -> Self:
        # It ends when the broker does; a listener outlives that.
        again = f"while true; do mosquitto_sub -V 5 -v -q 1 -t 'posenet/#' {self._options}; sleep 0.2; done"
        self._running = self._machine.start(again)
        self._running.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)

    def on(self, name: str) -> list[Any]:
        """What came on topics that end in ``/name``; parsed where it is JSON."""
        split = [line.partition(" ") for line in self._running.lines() if line.startswith("posenet/")]
        found = [payload for topic, _, payload in split if topic.endswith(f"/{name}")]
        return [json.loads(payload) if payload.startswith("{") else payload for payload in found]

    def ask(self, command: str, word: str) -> None:
        """As the house: publishes on ``command/...`` of the sensor that has been heard."""
        (prefix,) = {line.partition("/availability")[0] for line in self._running.lines() if "/availability " in line}
        self._machine.run(f"mosquitto_pub -V 5 {self._options} -q 1 -t {prefix}/command/{command} -m '{word}'")

    def _journal(self) -> str:
        return self._machine.say("journalctl --no-pager --lines=60 --unit='posenet-*'")

    def wait_for_pose(self, seconds: float = 60.0) -> dict[str, Any]:
        """The first message with somebody in it that was sent after this was called."""
        begun, seen = time.time(), len(self.on("poses"))
        wait_until(
            lambda: any(each.get("poses") and each["time"] >= begun for each in self.on("poses")[seen:]),
            seconds,
            lambda: f"a pose at the broker; heard: {self._running.tail()}\n{self._journal()}",
        )
        return next(each for each in self.on("poses")[seen:] if each["poses"] and each["time"] >= begun)


def nose(message: dict[str, Any]) -> tuple[float, float]:
    """Where the first person's nose is, px: of a published message or of a line over the wall."""
    point = next(each for each in message["poses"][0]["keypoints"] if each["part"] == "nose")
    return point["position"]["x"], point["position"]["y"]
