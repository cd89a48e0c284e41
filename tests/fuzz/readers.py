"""Everything that reads what somebody else wrote: processes behind the wall, users, brokers, and files."""

import gzip
import json
import re
import socket
import tempfile
import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from edge import wire
from edge.config.settings import CommandSettings, MqttSettings, OutboxSettings, Settings
from edge.data_files import MODELS
from edge.errors import BrokerUnavailable, PosenetEdgeError
from edge.mqtt.client import Message
from edge.mqtt.publisher import Publisher
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from edge.report import configuration
from edge.report.analytics.registry import facts
from edge.report.analytics.rule_language import parse
from edge.report.commands.dispatcher import Commands
from edge.report.commands.overrides import OVERRIDES, SettingsInForce
from edge.report.commands.state_store import StateStore
from edge.report.ingress.gate import Gate
from edge.report.ingress.line_server import LineBuffer
from edge.report.messages.message import VERSION
from edge.report.outbox.outbox import Outbox
from edge.runtime.backoff import Backoff
from edge.runtime.status_text import ReportStatus, SenseStatus
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import ModelFile
from edge.tools.evaluate.truth import parse_truth
from edge.tools.play.recording import Recording
from edge.tools.view import message as view_message
from scripts.message_docs import example_status
from tests.fuzz.run import Reader
from tests.support.everything import EVERYTHING
from tests.support.outbox import Answers, happened

_COMMANDED = replace(EVERYTHING, command=CommandSettings(enabled=True))
_PROJECT = Path(__file__).parents[2]
_EXAMPLES = tuple(
    block.encode()
    for block in re.findall(r"```json\n(.*?)```", (_PROJECT / "docs/messages.md").read_text(), flags=re.DOTALL)
)
_RECORDING = (_PROJECT / "tests/recordings/door.gz").read_bytes()
_LINES = b"".join(gzip.decompress(_RECORDING).splitlines(keepends=True)[:4])
_CONFIGURATION = (_PROJECT / "examples/posenet-edge.toml").read_bytes()
_KEYPOINT = Keypoint(100.5, 200.25, 0.75)
_FRAME = wire.encode(wire.FrameLine(1, 10.0, 20.0, 640, 480, (Person(7, Pose(0.9, (_KEYPOINT,) * KEYPOINT_COUNT)),)))
_EVENT = json.dumps(happened(1, 1020.5) | {"run": "aaaaaaaa", "sequence": 7}).encode()
_STATUS = wire.encode(example_status(state="refused", breaches=("network", "exec")))


@cache
def _scratch() -> Path:
    """Make a file for readers that want one, in each process its own."""
    return Path(tempfile.mkdtemp(prefix="posenet-edge-fuzz-")) / "input"


def _as_file(read: Callable[[Path], object], data: bytes) -> object:
    _scratch().write_bytes(data)
    try:
        return read(_scratch())
    except PosenetEdgeError as refusal:
        # Without the file's name, which differs from process to process.
        raise type(refusal)(str(refusal).replace(str(_scratch()), "input")) from refusal


def _outbox(data: bytes) -> str:
    """What an outbox finds on the disk: each line gets its right checksum, but those that begin with an !."""
    lines = (line if line.startswith(b"!") else b"%08x %s" % (zlib.crc32(line), line) for line in data.split(b"\n"))
    path = _scratch().with_name("events")
    path.write_bytes(b"\n".join(lines))
    broker = Answers()
    outbox = Outbox(OutboxSettings(keep="disk"), broker, path.parent, lambda: 30.0, lambda: 1030.0)  # type: ignore[arg-type]
    outbox.put(happened(1, 1030.0))
    assert broker.said or outbox.lost
    assert outbox.place == "disk"
    return f"{bool(len(outbox) > 1)} {bool(outbox.lost)}"


def _settings(path: Path | None, assignments: Sequence[str] = ()) -> str:
    configuration.load(path, assignments)
    return "settings"


def _lines(data: bytes) -> str:
    """Take lines through the buffer, in pieces, and through the gate, which never raises."""
    gate, buffer = Gate(Settings(), clock=lambda: 10.0), LineBuffer()
    for start in range(0, len(data), 1 + len(data) // 3):
        for line in buffer.feed(data[start : start + 1 + len(data) // 3]):
            gate.admit(line)
    return " ".join(gate.rejected)


def _command(data: bytes) -> str:
    """Give each command, as a broker would hand it over; none raises."""
    settings = SettingsInForce(_COMMANDED, StateStore({}))
    handlers = {name: partial(settings.override, name) for name in OVERRIDES}
    handlers["profile"] = lambda payload: settings.choose(settings.find_profile(payload))
    commands = Commands("home/hall", handlers, {"switch": settings.switch})
    name, _, payload = data.partition(b" ")
    commands.hear(Message(f"home/hall/command/{name.decode('ascii', 'replace')}", payload, retained=False))
    return " ".join((*commands.refused, *sorted(settings.overridden)))


def _stored(data: bytes) -> str:
    """Start with what a power cut may have left of the overrides."""
    _scratch().parent.joinpath("places").write_bytes(data)
    settings = SettingsInForce(_COMMANDED, StateStore({"STATE_DIRECTORY": str(_scratch().parent)}))
    return " ".join(sorted(settings.overridden))


def _switched(data: bytes) -> str:
    """The same of the profile and the switches."""
    _scratch().parent.joinpath("switches").write_bytes(data)
    settings = SettingsInForce(_COMMANDED, StateStore({"STATE_DIRECTORY": str(_scratch().parent)}))
    return " ".join((settings.profile.name, *sorted(settings.off.detectors)))


def _frames(path: Path) -> str:
    return "read" if list(Recording(path).frames()) else "empty"


def _viewed(data: bytes) -> str:
    topic, _, payload = data.partition(b" ")
    message = view_message.read(topic.decode("utf-8", "replace"), payload)
    return message.kind if message else "nothing"


def _model(data: bytes) -> str:
    """Load a model of one's own, which no table lists, and run it once."""
    model = Model(ModelFile(Path("own.tflite"), data))
    dtype = np.dtype(model.quantization)
    model(np.zeros((model.height, model.width, 3), dtype))
    return f"stride {model.output_stride}"


class _HostileBroker:
    """A server on loopback that answers each client with the same bytes, and hangs up."""

    def __init__(self) -> None:
        self.says = b""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            client, _ = self._server.accept()
            with client:
                client.settimeout(1.0)
                try:
                    client.recv(4096)
                    client.sendall(self.says)
                    client.shutdown(socket.SHUT_WR)
                    while client.recv(4096):
                        pass
                except OSError:
                    continue


@cache
def _broker() -> _HostileBroker:
    return _HostileBroker()


def _mqtt(data: bytes) -> str:
    """Connect to a broker that says ``data``; the thread of the connection must not die of it."""
    broker = _broker()
    broker.says = data
    died: list[str] = []
    threading.excepthook = lambda death: died.append(repr(death.exc_value))
    publisher = Publisher(MqttSettings(port=broker.port), "home/hall", "hall", VERSION, Backoff(first=9.0, longest=9.0))
    heard: list[Message] = []
    publisher.subscribe("home/#", heard.append)
    try:
        publisher.connect()
    except BrokerUnavailable as refusal:
        return re.sub(r":\d+", "", str(refusal))
    publisher.publish("poses", b"{}")
    publisher.publish_acknowledged("event/fall", b"{}")
    while publisher.connected and not died:
        publisher.dispatch(0.01)
    publisher.dispatch()
    publisher.stop()
    assert not died, died
    return f"lost after {len(heard)} messages"


_CONNACK = bytes((0x20, 3, 0, 0, 0))
_LIMITS = bytes((0x20, 18, 0, 0, 15, 0x27, 0, 0, 31, 64, 0x21, 0, 5, 0x24, 1, 0x25, 1, 0x13, 0, 60))
_SUBACK = bytes((0x90, 4, 0, 1, 0, 1))
_PUBLISH = bytes((0x30, 17, 0, 9)) + b"home/hall" + bytes((0,)) + b"hello"
_PUBACK = bytes((0x40, 4, 0, 2, 0x87, 0))
_DISCONNECT = bytes((0xE0, 2, 0x8E, 0))
_TAKEN = _CONNACK + _SUBACK + _PUBLISH + _PUBACK + _DISCONNECT

READERS: dict[str, Reader] = {
    "wire": Reader((_FRAME, _STATUS), lambda data: type(wire.decode(data)).__name__, share=8),
    "lines": Reader((_FRAME * 2 + _STATUS, b"{}\n" * 9), _lines),
    "settings": Reader((_CONFIGURATION, b"[camera]\nrotate = 90\n"), lambda data: _as_file(_settings, data), share=0.6),
    "assignment": Reader(
        (b"camera.rotate=90", b"mqtt.host=broker", b"people.sensitivity='high'"),
        lambda data: _settings(None, [data.decode("utf-8", "replace")]),
        share=0.6,
    ),
    "rule": Reader(
        (b"left_wrist above left_shoulder by 0.1 and zone == 'left'", b"not (people >= 2) or fall for 3 s"),
        lambda data: type(parse(data.decode("utf-8", "replace"), facts(EVERYTHING))).__name__,
        share=2,
    ),
    "command": Reader(
        (
            b"sensitivity high",
            b'places {"zone": [{"name": "bed", "polygon": [[0, 0], [1, 0], [1, 1]]}]}',
            b"camera on",
            b"switch/detector/fall OFF",
            b"profile night",
        ),
        _command,
        share=2,
    ),
    "stored": Reader((b'{"ignore": []}', b""), _stored),
    "switched": Reader((b'{"profile": "night", "detector": {"fall": false}, "zone": {"sofa": true}}', b""), _switched),
    "message": Reader(
        tuple(b"hall/" + kind + b" " + example for kind in (b"poses", b"state", b"event/x") for example in _EXAMPLES),
        _viewed,
        share=8,
    ),
    "status": Reader(
        (
            SenseStatus("running", 9.9, 1).render().encode(),
            ReportStatus("connected", "b:1883", "all", "running").render().encode(),
        ),
        lambda data: [bool(kind.parse(data.decode("utf-8", "replace"))) for kind in (SenseStatus, ReportStatus)],
        share=4,
    ),
    "outbox": Reader(
        (
            b"event 20.5 %s\ndone aaaaaaaa 7\nlast aaaaaaaa 7\n" % _EVENT,
            b"event 1.0 %s\nevent 2.0 %s\nlast bbbbbbbb 1\n!torn\n" % (_EVENT, _EVENT.replace(b"7}", b"8}")),
        ),
        _outbox,
        share=0.5,
    ),
    "recording": Reader(
        (_RECORDING, gzip.compress(_LINES, mtime=0)),
        partial(_as_file, lambda path: [*Recording(path).frames()]),
        share=0.4,
    ),
    "recorded": Reader((_LINES,), lambda data: _as_file(_frames, gzip.compress(data, 1, mtime=0)), share=0.5),
    "truth": Reader(
        (b'{"clips": [{"file": "a.mp4", "people": 1, "fall": {"onto": "floor"}, "present_at_end": true}]}',),
        lambda data: len(parse_truth(data, Path())),
        share=4,
    ),
    "broker": Reader(
        (_TAKEN, _LIMITS + _SUBACK, _CONNACK + _PUBLISH, b"HTTP/1.1 400 Bad Request\r\n\r\n"), _mqtt, share=0.2
    ),
    "model": Reader(((MODELS / "posenet-075-s32-257x353-int8.tflite").read_bytes(),), _model, share=0.02),
}
"""By name."""
