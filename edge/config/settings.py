"""config.toml as frozen dataclasses: every field optional, with its unit, its bounds and a good default.

``edge.config.loader`` reads a file into these; ``examples/posenet-edge.toml`` shows them all with the same defaults.
The sections of the detectors are declared by them, and come in by ``edge.report.configuration``.
"""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from edge.config.texts import (
    check_aspect,
    check_brokers,
    check_file_name,
    check_host,
    check_name,
    check_topic,
    check_url,
    check_user,
    model_beside,
    read_brokers,
    source_beside,
)
from edge.geometry.polygon import Corner, Polygon

Names = tuple[str, ...]
"""Names of detectors or zones."""
Marks = tuple[tuple[float, float, float, float], ...]
"""Points of the floor: x and y in fractions of the frame, metres to the right, metres away."""

NAME = {"pattern": r"[a-z0-9][a-z0-9_-]{0,31}", "form": "at most 32 small letters, digits, - and _"}
"""Bounds of a name."""
NAME_IN_TOPICS = NAME | {"form": f"{NAME['form']} (any other letters in its label)"}
"""Bounds of a name that appears in topics and ids; people are shown a label, in any script."""
SECONDS = {"low": 0.0, "high": 86400.0}
"""Bounds of a duration: at most a day."""
_PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
"""Regular expression of a TCP port."""
LOG_LEVELS = ("debug", "info", "warning", "error")
SENSITIVITIES = ("low", "normal", "high")
LANGUAGES = ("en", "de", "fr")
"""Languages of names and words in Home Assistant."""

_Section = TypeVar("_Section")


def setting(default: Any = MISSING, **bounds: Any) -> Any:
    """Declare a field with bounds that ``edge.config.loader`` enforces.

    Args:
        default: In force where the file says nothing; left out: the file must.
        **bounds: ``low`` and ``high`` (inclusive), ``words``, a ``pattern`` and its ``form`` in words, or a ``check``
            as in ``edge.config.texts``; ``beside``, which completes a relative file name by the folder of the file that
            has it; ``live`` where a reload is enough and no service need start again.

    Returns:
        What a dataclass takes for a field.
    """
    return field(default=default, metadata=bounds)


def part(default: Any, restarts: str) -> Any:
    """Declare a ``[section]``, and which service starts anew where a setting of it changes that is not live.

    Args:
        default: The section with its defaults.
        restarts: ``sense`` or ``report``; the other service follows by a reload.

    Returns:
        What a dataclass takes for a field.
    """
    return field(default=default, metadata={"restarts": restarts})


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """Identity of this sensor."""

    id: str = setting("", pattern=r"[A-Za-z0-9_-]{0,64}", form="at most 64 letters, digits, - and _")
    """Part of every topic and the MQTT client id; empty: host name plus four hex digits of the hashed machine id."""
    name: str = setting("", check=check_name, live=True)
    """The friendly name; empty: the id."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Source of the frames, and their orientation."""

    source: str = setting("auto", beside=source_beside)
    """``auto``, ``picamera2``, ``v4l2:/dev/video0``, ``video:clip.mp4``, ``stills:photo.jpg``, ``stills:folder/``,
    or ``fake:SCRIPT``."""
    wait: bool = False
    """Keep looking for a camera that is not there at start, instead of ending with exit status 66."""
    require_seal: bool = False
    """Open the camera only while this process is sealed: no network, nowhere to write, no other program."""
    rotate: int = setting(0, words=(0, 90, 180, 270))
    """Degrees clockwise."""
    mirror: bool = False
    """Left and right exchanged, after turning."""
    aspect: str = setting("", check=check_aspect)
    """``4:3``: width by height at which its pictures are to be shown, before turning, where a grabber does not keep to
    that; empty: as they are."""
    frame_rate: float = setting(15.0, low=0.1, high=120.0)
    """Frames a second asked of a camera, and the pace of photos."""
    timeout: float = setting(5.0, low=0.5, high=120.0)
    """Seconds without a frame after which the camera is closed and opened again."""
    on_hang: str = setting("wait", words=("wait", "reboot"))
    """Reaction of the installed service if a hanging camera leaves a process that cannot be killed: wait for somebody
    to come, or reboot, ten minutes after the last start at the earliest."""
    size: str = setting(
        "", pattern=r"|[1-9][0-9]{0,2}[02468]x[1-9][0-9]{0,2}[02468]", form="WIDTHxHEIGHT, two even numbers up to 9998"
    )
    """``640x480``: frame size asked of a camera; empty: the nearest above the model's input (Pi), 640x480 (webcam)."""
    power_line: int | None = setting(None, words=(50, 60))
    """Hz of the mains, against lamps that flicker; left out: as the camera has it."""


@dataclass(frozen=True, slots=True)
class PicameraSettings:
    """Passed to the Raspberry Pi's camera as libcamera controls; left out: automatic."""

    number: int = setting(0, low=0, high=7)
    """Which camera, as ``rpicam-hello --list-cameras`` counts them."""
    exposure: int | None = setting(None, low=1, high=10_000_000)
    """Exposure time in microseconds."""
    gain: float | None = setting(None, low=1.0, high=64.0)
    """Analogue gain."""
    white_balance: str = setting("auto", words=("auto", "tungsten", "fluorescent", "indoor", "daylight", "cloudy"))
    """White balance mode."""
    focus: float | None = setting(None, low=0.0, high=32.0)
    """Lens position in dioptres (0 is infinity); left out: continuous autofocus where the lens can move."""
    tuning_file: Path | None = None
    """Tuning of the sensor for libcamera, for instance that of a camera without an infrared filter."""


@dataclass(frozen=True, slots=True)
class V4l2Settings:
    """Controls of a webcam; left out: as the webcam has them."""

    exposure: int | None = setting(None, low=100, high=10_000_000)
    """Exposure time in microseconds, of which a webcam knows steps of 100."""
    focus: int | None = setting(None, low=0, high=65535)
    """Position of the lens in the webcam's own steps, the greater the nearer; switches its autofocus off."""


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """Playback of clips."""

    pace: str = setting("realtime", words=("realtime", "fast"))
    """``realtime`` as it was filmed, ``fast`` every frame as soon as the last one is done."""
    loop: bool = False
    """Start again at the end."""
    frame_rate: float = setting(0.0, low=0.0, high=1000.0)
    """Frames a second at which the clip was filmed; 0: as the file says, or 30 where a bare stream does not."""


@dataclass(frozen=True, slots=True)
class StillsSettings:
    """Display of photos."""

    moving_crop: bool = False
    """A crop that moves slowly over each photo, so that something happens."""
    seconds: float = setting(5.0, low=0.0, high=3600.0)
    """Seconds for which a photo is shown; 0: one frame each."""
    loop: bool = True
    """Start again after the last photo."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which PoseNet runs, and on how many cores."""

    file: str = setting("default", check=check_file_name, beside=model_beside)
    """``fast``, ``default``, ``accurate``, a name from models/models.toml, or the path of a .tflite file; ``auto``: the
    largest of the first three that keeps 10 frames a second on this machine."""
    threads: int = setting(0, low=0, high=16)
    """Inference threads; 0: cores - 1, at least 1, at most 4."""


@dataclass(frozen=True, slots=True)
class DecodeSettings:
    """Decoding of the model's heads to poses."""

    mode: str = setting("multi", words=("multi", "single"), live=True)
    """``multi`` finds several people; ``single`` takes the best cell of each keypoint, cheaper, for one person."""
    method: str = setting("tfjs", words=("fine", "tfjs"), live=True)
    """Where several people are decoded: ``tfjs`` as PoseNet for TensorFlow.js does, ``fine`` with finer positions."""
    max_poses: int = setting(10, low=1, high=20, live=True)
    """At most so many people a frame."""
    score_threshold: float = setting(0.3, low=0.01, high=1.0, live=True)
    """A keypoint this sure (0..1) may start a pose."""
    nms_radius: float = setting(20.0, low=1.0, high=500.0, live=True)
    """Two of the same keypoint within so many px of the model input belong to one person."""


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """Tracking of bodies from frame to frame."""

    keep: float = setting(1.0, low=0.1, high=30.0, live=True)
    """Seconds for which a person who is not seen is waited for, and then forgotten."""
    confirm: float = setting(0.1, low=0.0, high=10.0, live=True)
    """Seconds for which a new body must be seen before it counts as a person; not at the start, nor after a gap."""
    smoothing: str = setting("normal", words=("off", "normal", "strong"), live=True)
    """Smoothing of keypoints; the stronger, the later they follow a movement."""


@dataclass(frozen=True, slots=True)
class AttentionSettings:
    """Second looks at a part of a frame, or at a turned one; all of them bounded by ``looks`` and ``share``."""

    looks: float = setting(12.0, low=0.0, high=120.0, live=True)
    """Most second looks a second, each about as expensive as a frame; 0 switches attention off."""
    share: float = setting(0.5, low=0.0, high=1.0, live=True)
    """Part of the time that second looks may take; less on a machine that is busy with the frames themselves."""
    search: float = setting(600.0, low=1.0, high=86400.0, live=True)
    """Seconds for which somebody who was lost inside the picture is looked for."""
    survey: float = setting(2.0, low=0.0, high=3600.0, live=True)
    """Seconds between two looks at the whole frame turned, for somebody who was never seen upright; 0: none."""
    zoom: bool = setting(True, live=True)
    """Look at a crop around everybody instead, where people are small, in two of three frames."""


@dataclass(frozen=True, slots=True)
class DutySettings:
    """How often the model looks: at every frame, but seldom in an empty room, and less where the machine is hot."""

    enabled: bool = setting(True, live=True)
    """Follow the room and the machine; false: look at every frame."""
    idle_after: float = setting(10.0, low=1.0, high=3600.0, live=True)
    """Seconds without anybody found, and without motion, after which the room is taken for empty."""
    floor_rate: float = setting(1.0, low=0.5, high=120.0, live=True)
    """Looks a second in an empty room; at the first motion every frame is looked at again."""
    max_temperature: float = setting(80.0, low=40.0, high=120.0, live=True)
    """Degrees Celsius of the processor from which on fewer frames are looked at."""
    max_latency: float = setting(1.0, low=0.05, high=60.0, live=True)
    """Seconds from the capture of a frame to its line, above which fewer frames are looked at."""


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """Amount of what is shared, and the form of poses."""

    share: str = setting("poses", words=("poses", "body", "events"), live=True)
    """``poses`` all 17 keypoints, ``body`` without the five of the face, ``events`` no coordinates at all."""
    max_rate: float = setting(0.0, low=0.0, high=1000.0, live=True)
    """Most frames a second that may pass the wall; 0: twice ``camera.frame_rate``, and a little."""
    min_pose_score: float = setting(0.2, low=0.0, high=1.0, live=True)
    """Poses less sure than this (0..1) are not published."""
    min_keypoint_score: float = setting(0.1, low=0.0, high=1.0, live=True)
    """Keypoints less sure than this (0..1) are weak."""
    weak_keypoints: str = setting("keep", words=("keep", "leave_out"), live=True)
    """``keep`` publishes all 17 with their scores; ``leave_out`` only those that are not weak."""
    positions: str = setting("pixels", words=("pixels", "normalised"), live=True)
    """``pixels`` of the camera frame, or ``normalised`` 0..1 of its width and height."""


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The broker, and how to reach it."""

    host: str = setting("127.0.0.1", check=check_host)
    """Name or address."""
    port: int = setting(0, low=0, high=65535)
    """0: 1883, or 8883 with TLS."""
    fallbacks: str = setting("", check=check_brokers)
    """Brokers to use while that one is away, the preferred one first: ``HOST`` or ``HOST:PORT``, with commas."""
    protocol: str = setting("auto", words=("auto", "5", "3.1.1"))
    """``auto``: MQTT 5, and 3.1.1 where the broker refuses that."""
    topic: str = setting("posenet", check=check_topic)
    """First part of every topic: ``<topic>/<device id>/...``."""
    keepalive: int = setting(30, low=5, high=3600)
    """Seconds without traffic after which each side asks whether the other lives."""
    username: str = setting("", check=check_user)
    """User name; empty: none."""
    password_file: Path | None = None
    """File that holds the password and that others cannot read; a systemd credential ``mqtt_password`` wins."""
    tls: bool = False
    """Encrypt and check the broker's certificate."""
    ca_file: Path | None = None
    """Certificate authority in PEM; left out: the system's."""
    certificate_file: Path | None = None
    """This device's certificate in PEM, where the broker asks for one."""
    key_file: Path | None = None
    """Its private key in PEM."""
    health_interval: float = setting(30.0, low=1.0, high=3600.0, live=True)
    """Seconds between two ``health`` messages."""

    @property
    def port_in_force(self) -> int:
        """``port``, or what 0 means."""
        return self.port or (8883 if self.tls else 1883)

    @property
    def in_order(self) -> "tuple[MqttSettings, ...]":
        """Settings of each broker alone: this one, then ``fallbacks``."""
        others = (replace(self, host=host, port=port, fallbacks="") for host, port in read_brokers(self.fallbacks))
        return (replace(self, fallbacks=""), *others)


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """Events that are kept until the broker has acknowledged them."""

    keep: str = setting("ram", words=("ram", "disk"))
    """``ram`` until the end of ``report``; ``disk`` also over restarts and power cuts, in its state folder."""
    events: int = setting(1000, low=100, high=10000)
    """Events kept at most; the oldest are given up, counted and logged."""
    age: float = setting(86400.0, low=60.0, high=2592000.0)
    """Seconds after which an event that was not said is too old to matter."""


@dataclass(frozen=True, slots=True)
class HomeAssistantSettings:
    """Announcement of this sensor and its entities to Home Assistant: MQTT discovery."""

    discovery: str = setting("device", words=("device", "entities", "off"), live=True)
    """``device`` one message for all, ``entities`` one for each (openHAB, an old Home Assistant), ``off`` none."""
    prefix: str = setting("homeassistant", check=check_topic)
    """First part of the topics of discovery, as set in Home Assistant."""
    language: str = setting("en", words=LANGUAGES, live=True)
    """Language of names and words there: English, German or French; ids stay the same."""
    area: str = setting("", check=check_name, live=True)
    """Area that Home Assistant suggests for a new device; empty: none."""
    configuration_url: str = setting("", check=check_url, live=True)
    """Address that the device's page links to, such as that of ``posenet-edge view``; empty: none."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How much is logged, by both services."""

    level: str = setting("info", words=LOG_LEVELS, live=True)
    """The least severe messages that are logged; ``--verbose`` is ``debug``, ``--quiet`` is ``warning``."""


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Numbers of ``health`` as OpenMetrics over HTTP, for programs on this machine."""

    listen: str = setting(
        "",
        pattern=rf"|unix:/[!-~]{{1,100}}|(127\.0\.0\.1|\[::1\]|localhost):{_PORT}",
        form="empty, unix:/PATH, or a port on loopback such as 127.0.0.1:9753",
    )
    """Where it is served, under ``/metrics``; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """Commands over MQTT."""

    enabled: bool = False
    """Listen on ``command/...``: pause, sensitivity, places, profiles, switches, restart."""


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """Persons that count, for all detectors."""

    sensitivity: str = setting("normal", words=SENSITIVITIES, live=True)
    """``low`` takes only people who are seen well, ``high`` whatever looks like one."""
    although_unsealed: bool = setting(False, live=True)
    """Say what poses mean although ``sense`` is not sealed; ``posenet-edge run`` does, to try it on a desk."""
    blindness: bool = setting(True, live=True)
    """Take nobody for absent while the picture is too dark, covered or blurred to find people; false: nobody found
    there is nobody there, and ``health`` says nothing of blindness."""


@dataclass(frozen=True, slots=True)
class FloorSettings:
    """The floor, for positions in metres: where the camera hangs, or four marks on the floor."""

    camera_height: float | None = setting(None, low=0.1, high=20.0, live=True)
    """Height of the lens above the floor, m."""
    tilt: float | None = setting(None, low=0.0, high=90.0, live=True)
    """Angle by which the camera looks down from the horizontal, degrees."""
    field_of_view: float | None = setting(None, low=10.0, high=170.0, live=True)
    """Angle from the left to the right edge of the frame, degrees."""
    marks: Marks = setting((), live=True)
    """Four points of the floor, each [x, y in fractions of the frame, metres to the right, metres away]; or the three
    above."""


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """A part of the frame with a name, for instance a sofa or a bed."""

    name: str = setting(**NAME_IN_TOPICS)
    """Name in topics and ids."""
    polygon: Polygon = setting()
    """At least three corners [x, y], in fractions of the frame (x right, y down) or in metres."""
    unit: str = setting("frame", words=("frame", "metres"))
    """``frame``: fractions of it; ``metres``: on the floor, x to the right and y away, which needs ``[floor]``."""
    point: str = setting("feet", words=("feet", "hips", "head"))
    """Which point of a body counts: ``feet`` (hips where they are not seen), ``hips`` or ``head``."""
    enter: float = setting(0.5, **SECONDS)
    """Seconds inside before somebody has entered."""
    leave: float = setting(1.0, **SECONDS)
    """Seconds outside before somebody has left."""
    dwell: float = setting(0.0, **SECONDS)
    """Seconds inside after which somebody dwells there; 0: never."""
    label: str = setting("", check=check_name)
    """Friendly name for people, in any script; empty: the name."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """A line across the frame, for instance a door's threshold."""

    name: str = setting(**NAME_IN_TOPICS)
    """Name in topics and ids."""
    start: Corner = setting()
    """One end [x, y], in fractions of the frame or in metres."""
    end: Corner = setting()
    """The other end; ``in`` is from left to right as one looks from start to end."""
    unit: str = setting("frame", words=("frame", "metres"))
    """``frame``: fractions of it; ``metres``: on the floor, x to the right and y away, which needs ``[floor]``."""
    point: str = setting("feet", words=("feet", "hips", "head"))
    """Which point of a body counts: ``feet`` (hips where they are not seen), ``hips`` or ``head``."""
    label: str = setting("", check=check_name)
    """Friendly name for people, in any script; empty: the name."""


@dataclass(frozen=True, slots=True)
class IgnoreSettings:
    """A part of the frame in which people are not real: a television, a mirror, a poster."""

    name: str = setting(**NAME)
    """For yourself."""
    polygon: Polygon = setting()
    """At least three corners [x, y] in fractions of the frame; who is all but wholly inside is left out everywhere."""


@dataclass(frozen=True, slots=True)
class ExitSettings:
    """A part of the frame through which people leave, for instance a door."""

    name: str = setting(**NAME)
    """For yourself."""
    polygon: Polygon = setting()
    """At least three corners [x, y] in fractions of the frame; who is lost with the feet inside has left."""


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """A rule of your own."""

    name: str = setting(**NAME_IN_TOPICS)
    """Name in topics and ids."""
    when: str = setting()
    """The condition, as in docs/analytics.md: ``left_wrist above left_shoulder for 2 s and zone == 'shelf'``."""
    label: str = setting("", check=check_name)
    """Friendly name for people, in any script; empty: the name."""


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """A profile, which ``command/profile`` chooses: what is switched off while it is in force."""

    name: str = setting(**NAME)
    """Name of the choice; ``home`` is in force where nothing was chosen."""
    detectors_off: Names = ()
    """Detectors that are switched off, by the names of their sections."""
    zones_off: Names = ()
    """Zones that are switched off."""
    sensitivity: str = setting("", words=("", *SENSITIVITIES))
    """In place of ``people.sensitivity``; empty: as there."""
    paused: bool = False
    """The camera is shut."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    device: DeviceSettings = part(DeviceSettings(), restarts="report")
    camera: CameraSettings = part(CameraSettings(), restarts="sense")
    picamera: PicameraSettings = part(PicameraSettings(), restarts="sense")
    v4l2: V4l2Settings = part(V4l2Settings(), restarts="sense")
    video: VideoSettings = part(VideoSettings(), restarts="sense")
    stills: StillsSettings = part(StillsSettings(), restarts="sense")
    model: ModelSettings = part(ModelSettings(), restarts="sense")
    decode: DecodeSettings = DecodeSettings()
    track: TrackSettings = TrackSettings()
    attention: AttentionSettings = AttentionSettings()
    duty: DutySettings = DutySettings()
    publish: PublishSettings = PublishSettings()
    mqtt: MqttSettings = part(MqttSettings(), restarts="report")
    outbox: OutboxSettings = part(OutboxSettings(), restarts="report")
    homeassistant: HomeAssistantSettings = part(HomeAssistantSettings(), restarts="report")
    command: CommandSettings = part(CommandSettings(), restarts="report")
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = part(MetricsSettings(), restarts="report")
    people: PeopleSettings = PeopleSettings()
    floor: FloorSettings = FloorSettings()
    zone: tuple[ZoneSettings, ...] = ()
    line: tuple[LineSettings, ...] = ()
    ignore: tuple[IgnoreSettings, ...] = ()
    exit: tuple[ExitSettings, ...] = ()
    rule: tuple[RuleSettings, ...] = ()
    profile: tuple[ProfileSettings, ...] = ()
    detectors: Mapping[str, Any] = field(default_factory=dict)
    """Each detector's own section by its name; all of them are live. Empty in ``sense``, which knows no detector."""

    def section(self, kind: type[_Section]) -> _Section:
        """Find a detector's own section.

        Args:
            kind: The dataclass of the section.

        Returns:
            The section as set, or with its defaults where it was not loaded.
        """
        return next((part for part in self.detectors.values() if isinstance(part, kind)), kind())

    def as_dict(self) -> dict[str, Any]:
        """Return all settings by section and key, as a file would have them."""
        table = asdict(self)
        detectors: dict[str, Any] = table.pop("detectors")
        return table | detectors


def sections() -> dict[str, type[Any]]:
    """Each ``[section]`` of this module with its dataclass; what may be there several times is in ``lists``."""
    return {entry.name: entry.type for entry in fields(Settings) if isinstance(entry.type, type)}


def restarted_by(section: str, key: str) -> str:
    """Service that starts anew where a setting changes; empty: a reload is enough."""
    entry = next((entry for entry in fields(sections()[section]) if entry.name == key), None)
    live = entry is None or entry.metadata.get("live")
    return "" if live else next(part.metadata.get("restarts", "") for part in fields(Settings) if part.name == section)


def lists() -> dict[str, type[Any]]:
    """Each ``[[section]]`` with the dataclass of one of them."""
    return {entry.name: get_args(entry.type)[0] for entry in fields(Settings) if get_origin(entry.type) is tuple}
