"""What the tests in the real Home Assistant have in common: its broker, the sensor in front of scripted scenes, waiting.

Each of pytest's workers has a broker of its own.
"""

import asyncio
import inspect
import logging
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from homeassistant.components import automation
from homeassistant.components.device_automation import DeviceAutomationType, async_get_device_automations
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry, entity_registry
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

PORT = 18899 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
HERE = Path(__file__).parent
BLUEPRINTS = HERE / "blueprints"
PATIENCE_S = 120.0
"""For whatever is waited for: six tests run at a time, on a machine that may do other work too."""
PROGRAMS = Path(os.environ.get("POSENET_EDGE_PROGRAMS", "/opt/posenet-edge/current/venv/bin"))

PLACES = """
[[zone]]
name = "sofa"
polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
[[line]]
name = "door"
start = [0.5, 1.0]
end = [0.5, 0.0]
[floor]
camera_height = 2.2
tilt = 20.0
field_of_view = 62.0
[[rule]]
name = "please"
when = "(left_wrist above head and right_wrist above head) for 2 s"
"""
"""The sofa is the left half of the frame, the door between the halves; the camera is that of the scenes."""
_PATIENCE = {
    # A scene ends in the middle of the room, where somebody would be assumed.
    "presence": "clear = 1.0\nassume = 0.0\nassume_resting = 0.0",
    "fall": "confirm = 2.0",
    "inactivity": "after = 3.0",
    "repetitions": "pause = 4.0",
}
"""Shorter than in a house."""

OTHERS = {
    "binary_sensor.hall_problem", "binary_sensor.hall_sealed", "sensor.hall_temperature", "event.hall_event",
    "switch.hall_privacy", "select.hall_sensitivity", "select.hall_profile", "button.hall_restart",
    "sensor.hall_light", "update.hall_update",
}  # fmt: skip
"""The entities that show nothing of what poses mean."""

AT_FIRST_OFF = (
    "sensor.assumed sensor.assumed_for sensor.movement binary_sensor.hand_raised binary_sensor.both_hands_raised "
    "binary_sensor.waving sensor.exercise sensor.repetitions sensor.tempo sensor.approach sensor.temperature "
    "sensor.frame_rate sensor.inference_ms sensor.frames_dropped sensor.lines_rejected sensor.events_lost "
    "sensor.distance sensor.speed "
    + " ".join(
        f"switch.switch_detector_{section}"
        for section in ("presence", "posture", "movement", "hands", "waving", "repetitions", "approach")
    )
)
"""Entities without ``hall_`` that Home Assistant has switched off until somebody wants them."""

OWN_WARNINGS = (
    # Of a broker that goes away while it is connected.
    "Disconnected from MQTT server",
    "Failed to connect to MQTT server",
    "Error returned from MQTT server: The connection was lost",
    "failed to receive on socket",
    "Error talking to MQTT: The client is not currently connected",
    "Error doing job: Task exception was never retrieved",
    # Of a busy machine.
    "Updating state for ",
    "Executing <",
    "No ACK from MQTT server in ",
    # Of any retained discovery that comes while it starts.
    "Detected code that calls async_forward_entry_setups for integration mqtt",
    # Of what is taken away: it clears the topic itself then, and hears that; and of triggers.
    "No device components to cleanup",
    "Unable to remove unknown dispatcher",
    "zlib_ng and isal are not available",
)
"""What Home Assistant says of itself."""
OWN_WARNINGS_OF = {
    # Where discovery changes its way, the new one may come before Home Assistant has taken away the old one; it is
    # announced once more for that.
    "another_way": "Received a conflicting MQTT discovery message",
    # It subscribes twice while it starts, and may take each retained announcement twice.
    "power_cut": "Platform mqtt does not generate unique IDs",
}
"""The same, in tests whose names have these words."""


class Broker:
    """mosquitto, without a memory."""

    def start(self) -> None:
        words = ["mosquitto", "-p", str(PORT)]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("mosquitto does not listen")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class Sensor:
    """``report`` with every meaning on, and a stand-in for ``sense`` that plays scenes to it, between ``with`` and its end."""

    def __init__(self, folder: Path, **configured: Any) -> None:
        """configured: as in ``configure``."""
        self._socket = folder / "wall.sock"
        self._config = folder / "config.toml"
        (folder / "state").mkdir(exist_ok=True)
        self._environment = {**os.environ, "STATE_DIRECTORY": str(folder / "state")}
        self.configure(**configured)

    def __enter__(self) -> Self:
        # As if systemd had started it, which alone may have it read its configuration anew.
        self._report = self.start("report", f"--socket={self._socket}", NOTIFY_SOCKET="/run/nobody")
        while not self._socket.exists():
            assert self._report.poll() is None
            time.sleep(0.02)
        feeder = [PROGRAMS / "python", HERE / "feeder.py", self._socket]
        self._feeder = subprocess.Popen(feeder, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def configure(
        self,
        name: str = "Entrance",
        places: str = PLACES,
        off: Collection[str] = (),
        commands: bool = True,
        discovery: str = "device",
        protocol: str = "auto",
        language: str = "en",
    ) -> None:
        """Its configuration file, from the next start or SIGHUP on. off: sections that are switched off."""
        common = (
            f'[device]\nid = "hall"\nname = "{name}"\n[mqtt]\nport = {PORT}\nhealth_interval = 1.0\n'
            f'protocol = "{protocol}"\n'
            f'[homeassistant]\ndiscovery = "{discovery}"\nlanguage = "{language}"\narea = "Ground floor"\n'
            f'configuration_url = "http://sensor.lan:8470/"\n[command]\nenabled = {str(commands).lower()}\n'
        )
        sections = "".join(
            f"[{section}]\n{_PATIENCE.get(section, '')}\nenabled = {str(section not in off).lower()}\n"
            for section in [*_PATIENCE, *(section for section in off if section not in _PATIENCE)]
        )
        self._config.write_text(common + sections + places)

    def start(self, verb: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """``posenet-edge`` with that configuration, and the folder in which it keeps what was asked."""
        command = [PROGRAMS / "posenet-edge", verb, "--config", self._config, *options]
        # Nobody's sockets are within reach, as in the units; else the process is not sealed, and nothing is believed.
        alone = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$0" "$@"']
        return subprocess.Popen([*alone, *command], env=self._environment | environment)

    @contextmanager
    def running(self, verb: str, *options: str) -> Iterator[None]:
        """The same, until the end of the ``with``."""
        process = self.start(verb, *options)
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_S)

    def signal(self, number: signal.Signals) -> None:
        """To ``report``; SIGHUP is what ``systemctl reload`` sends."""
        self._report.send_signal(number)

    def say(self, words: str) -> None:
        """To the stand-in for ``sense``: ``play SCENE``, ``blind``, ``hang`` or ``die``."""
        assert self._feeder.stdin
        print(words, file=self._feeder.stdin, flush=True)

    def stop(self, kill: bool = False) -> None:
        """In good order, or as if its cable were pulled."""
        self.signal(signal.SIGKILL if kill else signal.SIGTERM)
        # One that was stopped would not hear it.
        self.signal(signal.SIGCONT)
        self._report.wait(PATIENCE_S)
        self._feeder.kill()
        self._feeder.wait()
        if self._feeder.stdin:
            self._feeder.stdin.close()
        self._socket.unlink(missing_ok=True)


class Heard:
    """What Home Assistant makes of the device from now on: every state, event and trigger, in their order."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._changes: list[Event[Any]] = async_capture_events(hass, "state_changed")
        self._fired: list[Event[Any]] = async_capture_events(hass, "posenet_trigger")

    def states(self, entity_id: str) -> list[str]:
        """Those that an entity took, without repetition."""
        said = [each.data["new_state"].state for each in self._changes if self._is_of(each, entity_id)]
        return [word for place, word in enumerate(said) if place == 0 or word != said[place - 1]]

    def entities(self) -> set[str]:
        """Those of the device that changed."""
        return {each.data["entity_id"] for each in self._changes if ".hall_" in each.data["entity_id"]}

    def events(self) -> list[dict[str, Any]]:
        """What its event entity said, with the details."""
        said = [each.data["new_state"] for each in self._changes if self._is_of(each, "event.hall_event")]
        return [dict(each.attributes) for each in said if each.attributes.get("event_type")]

    def triggers(self) -> list[str]:
        """Those that fired, as ``Sofa: entered``."""
        return [each.data["which"] for each in self._fired]

    def clear(self) -> None:
        """Forgets what was."""
        self._changes.clear()
        self._fired.clear()

    @staticmethod
    def _is_of(change: Event[Any], entity_id: str) -> bool:
        return bool(change.data["entity_id"] == entity_id and change.data["new_state"])


@pytest.fixture
def broker(socket_enabled: None) -> Iterator[Broker]:
    started = Broker()
    started.start()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def no_warnings(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing that the sensor says makes Home Assistant warn."""
    yield
    records = [record for phase in ("setup", "call") for record in caplog.get_records(phase)]
    said = [record.getMessage() for record in records if record.levelno >= logging.WARNING]
    own = OWN_WARNINGS + tuple(words for test, words in OWN_WARNINGS_OF.items() if test in request.node.name)
    unexpected = [message for message in said if not message.startswith(own)]
    assert not unexpected, unexpected


@asynccontextmanager
async def at_home(hass: HomeAssistant) -> AsyncIterator[ConfigEntry]:
    """Home Assistant, connected to the broker."""
    entry = MockConfigEntry(domain="mqtt", data={"broker": "127.0.0.1", "port": PORT}, version=1)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    try:
        yield entry
    finally:
        # Automations listen through the connection that goes now.
        if running := hass.states.async_entity_ids("automation"):
            await hass.services.async_call("automation", "turn_off", {"entity_id": running}, blocking=True)
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()


async def until(
    hass: HomeAssistant, condition: Callable[[], object], what: str = "", seconds: float = PATIENCE_S
) -> None:
    """Wait until the condition, which may be a coroutine, holds; by time as it passes.

    Home Assistant's own ``async_block_till_done`` would wait for automations too, and those of the blueprints may take
    hours.
    """
    deadline = time.monotonic() + seconds
    while True:
        holds = condition()
        if await holds if inspect.isawaitable(holds) else holds:
            return
        states = {state.entity_id: state.state for state in hass.states.async_all()}
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}; {states}"
        await asyncio.sleep(0.05)


def state(hass: HomeAssistant, entity_id: str) -> str:
    found = hass.states.get(entity_id)
    return found.state if found else "missing"


async def until_is(hass: HomeAssistant, entity_id: str, wanted: str) -> None:
    await until(hass, lambda: state(hass, entity_id) == wanted, f"{entity_id} is {wanted}")


def ours(hass: HomeAssistant) -> set[str]:
    """Every entity of the device that has a state."""
    return {each.entity_id for each in hass.states.async_all() if ".hall_" in each.entity_id}


def said(hass: HomeAssistant) -> set[str]:
    """Every state of an entity that shows what poses mean."""
    shown = {name for name in ours(hass) - OTHERS if not name.startswith("switch.")}
    return {state(hass, name) for name in shown}


def unavailable(hass: HomeAssistant) -> bool:
    """Whether the sensor is away, or silent for too long."""
    return said(hass) == {"unavailable"}


def unknown(hass: HomeAssistant) -> bool:
    """Whether the sensor is there, and knows nothing of what poses mean."""
    return said(hass) == {"unknown"}


def full(names: str) -> set[str]:
    """Entity ids, of names without ``hall_``."""
    return {name.replace(".", ".hall_") for name in names.split()}


def switch_on(hass: HomeAssistant, names: str) -> None:
    """Switch on what is off at first, before it is announced; Home Assistant remembers that of each unique id."""
    registry = entity_registry.async_get(hass)
    for name in names.split():
        platform, _, key = name.partition(".")
        registry.async_get_or_create(platform, "mqtt", f"posenet_edge_hall_{key}", suggested_object_id=f"hall_{key}")


def identities(hass: HomeAssistant) -> dict[str, str]:
    """Of every entity of the device, the quiet ones too, by its entity id."""
    registry = entity_registry.async_get(hass)
    return {each.entity_id: each.unique_id for each in registry.entities.values() if each.platform == "mqtt"}


def the_device(hass: HomeAssistant) -> device_registry.DeviceEntry | None:
    """The sensor's, if Home Assistant has it."""
    # In words that older and newer versions have, without a warning.
    registry = device_registry.async_get(hass)
    devices = [
        device
        for entry in hass.config_entries.async_entries("mqtt")
        for device in device_registry.async_entries_for_config_entry(registry, entry.entry_id)
    ]
    return next((each for each in devices if ("mqtt", "posenet_edge_hall") in each.identifiers), None)


async def device_triggers(hass: HomeAssistant) -> dict[str, dict[str, Any]]:
    """Those that Home Assistant offers for the device, by what it shows; none as long as it has no device."""
    device = the_device(hass)
    if device is None:
        return {}
    found = (await async_get_device_automations(hass, DeviceAutomationType.TRIGGER, [device.id]))[device.id]
    return {
        each["subtype"]: {name: value for name, value in each.items() if name != "metadata"}
        for each in found
        if each["domain"] == "mqtt"
    }


async def listening(hass: HomeAssistant) -> dict[str, Any]:
    """An automation that hears every device trigger, and tells ``Heard``."""
    triggers = [{**each, "id": which} for which, each in (await device_triggers(hass)).items()]
    tell = {"event": "posenet_trigger", "event_data": {"which": "{{ trigger.id }}"}}
    return {"alias": "listen", "mode": "queued", "max": 100, "triggers": triggers, "actions": [tell]}


def blueprint(hass: HomeAssistant, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """An automation from one of the blueprints of examples/homeassistant."""
    folder = Path(hass.config.path("blueprints/automation/posenet-edge"))
    folder.mkdir(parents=True, exist_ok=True)
    # In one step, as another worker may be reading it.
    unfinished = folder / f"{name}-{os.getpid()}"
    shutil.copy(BLUEPRINTS / f"{name}.yaml", unfinished)
    unfinished.replace(folder / f"{name}.yaml")
    return {"use_blueprint": {"path": f"posenet-edge/{name}.yaml", "input": inputs}}


async def automate(hass: HomeAssistant, *rules: dict[str, Any]) -> list[ServiceCall]:
    """Sets these automations to work; what they call: a lamp, or somebody."""
    calls: list[ServiceCall] = []
    for domain, service in (("light", "turn_on"), ("light", "turn_off"), ("notify", "test")):
        hass.services.async_register(domain, service, calls.append)
    assert await async_setup_component(hass, automation.DOMAIN, {automation.DOMAIN: list(rules)})
    await hass.async_block_till_done()
    assert [each.state for each in hass.states.async_all("automation")] == ["on"] * len(rules)
    return calls
