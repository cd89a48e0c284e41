"""config.toml as frozen dataclasses: every field optional, with its unit, its bounds and a good default.

``edge.config.loader`` reads a file into these; ``examples/posenet-edge.toml`` shows them all with the same defaults.
"""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin

from edge.config import analytics_settings as meaning


def _setting(default: Any, **bounds: Any) -> Any:
    """A field with bounds that ``edge.config.loader`` enforces.

    ``low`` and ``high`` (inclusive), ``words``, or a ``pattern`` and its ``form`` in words; ``live`` where a reload
    is enough and the service need not start again.
    """
    return field(default=default, metadata=bounds)


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """Who this sensor is."""

    id: str = _setting("", pattern=r"[A-Za-z0-9_-]{0,64}", form="at most 64 letters, digits, - and _")
    """Part of every topic and the MQTT client id; empty: host name plus four hex digits of the hashed machine id."""
    name: str = _setting("", pattern=r"[^\x00-\x1f]{0,64}", form="one line of at most 64 characters", live=True)
    """The friendly name; empty: the id."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Where frames come from and how they are turned."""

    source: str = "auto"
    """``auto``, ``picamera2``, ``v4l2:/dev/video0``, ``video:clip.mp4``, ``stills:photo.jpg``, ``stills:folder/``,
    or ``fake:SCRIPT``."""
    wait: bool = False
    """Keep looking for a camera that is not there at start, instead of ending with exit status 66."""
    require_seal: bool = False
    """Open the camera only while this process is sealed: no network, nowhere to write, no other program."""
    rotate: int = _setting(0, words=(0, 90, 180, 270))
    """Degrees clockwise."""
    mirror: bool = False
    """Left and right exchanged, after turning."""
    frame_rate: float = _setting(15.0, low=0.1, high=120.0)
    """Frames a second asked of a camera, and the pace of photos."""
    timeout: float = _setting(5.0, low=0.5, high=120.0)
    """Seconds without a frame after which the camera is closed and opened again."""
    on_hang: str = _setting("wait", words=("wait", "reboot"))
    """What the installed service does when a hanging camera leaves a process that cannot be killed: wait for somebody
    to come, or reboot, ten minutes after the last start at the earliest."""
    size: str = _setting("", pattern=r"|[1-9][0-9]{1,3}x[1-9][0-9]{1,3}", form="WIDTHxHEIGHT")
    """``640x480``: frame size asked of a camera; empty: the nearest above the model's input (Pi), 640x480 (webcam)."""


@dataclass(frozen=True, slots=True)
class PicameraSettings:
    """Passed to the Raspberry Pi's camera as libcamera controls; left out: automatic."""

    number: int = _setting(0, low=0, high=7)
    """Which camera, as ``rpicam-hello --list-cameras`` counts them."""
    exposure: int | None = _setting(None, low=1, high=10_000_000)
    """Exposure time in microseconds."""
    gain: float | None = _setting(None, low=1.0, high=64.0)
    """Analogue gain."""
    white_balance: str = _setting("auto", words=("auto", "tungsten", "fluorescent", "indoor", "daylight", "cloudy"))
    """White balance mode."""
    focus: float | None = _setting(None, low=0.0, high=32.0)
    """Lens position in dioptres (0 is infinity); left out: continuous autofocus where the lens can move."""


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """How a clip is played."""

    pace: str = _setting("realtime", words=("realtime", "fast"))
    """``realtime`` as it was filmed, ``fast`` every frame as soon as the last one is done."""
    loop: bool = False
    """Start again at the end."""


@dataclass(frozen=True, slots=True)
class StillsSettings:
    """How photos are shown."""

    moving_crop: bool = False
    """A crop that moves slowly over each photo, so that something happens."""
    seconds: float = _setting(5.0, low=0.0, high=3600.0)
    """How long one photo is shown before the next; 0: one frame each."""
    loop: bool = True
    """Start again after the last photo."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which PoseNet runs, and on how many cores."""

    file: str = "default"
    """``fast``, ``default``, ``accurate``, a name from models/models.toml, or the path of a .tflite file."""
    threads: int = _setting(0, low=0, high=16)
    """Inference threads; 0: cores - 1, at least 1, at most 4."""


@dataclass(frozen=True, slots=True)
class DecodeSettings:
    """How poses are found in the model's heads."""

    mode: str = _setting("multi", words=("multi", "single"), live=True)
    """``multi`` finds several people; ``single`` takes the best cell of each keypoint, cheaper, for one person."""
    max_poses: int = _setting(10, low=1, high=20, live=True)
    """At most so many people a frame."""
    score_threshold: float = _setting(0.3, low=0.01, high=1.0, live=True)
    """A keypoint this sure (0..1) may start a pose."""
    nms_radius: float = _setting(20.0, low=1.0, high=500.0, live=True)
    """Two of the same keypoint within so many px of the model input belong to one person."""


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """How bodies are followed from picture to picture."""

    keep: float = _setting(1.0, low=0.1, high=30.0, live=True)
    """Seconds for which a person who is not seen is waited for, and then forgotten."""
    confirm: float = _setting(0.1, low=0.0, high=10.0, live=True)
    """Seconds for which a new body must be seen before it counts as a person; not at the start, nor after a gap."""
    smoothing: str = _setting("normal", words=("off", "normal", "strong"), live=True)
    """How much keypoints are kept from trembling; the stronger, the later they follow a movement."""


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """How much is shared, what is left out of the poses, and how positions are written."""

    share: str = _setting("poses", words=("poses", "body", "events"), live=True)
    """``poses`` all 17 keypoints, ``body`` without the five of the face, ``events`` no coordinates at all."""
    max_rate: float = _setting(0.0, low=0.0, high=1000.0, live=True)
    """Most lines a second that may pass the wall; 0: twice ``camera.frame_rate``, and a little."""
    min_pose_score: float = _setting(0.2, low=0.0, high=1.0, live=True)
    """Poses less sure than this (0..1) are not published."""
    min_keypoint_score: float = _setting(0.1, low=0.0, high=1.0, live=True)
    """Keypoints less sure than this (0..1) are weak."""
    weak_keypoints: str = _setting("keep", words=("keep", "leave_out"), live=True)
    """``keep`` publishes all 17 with their scores; ``leave_out`` only those that are not weak."""
    positions: str = _setting("pixels", words=("pixels", "normalised"), live=True)
    """``pixels`` of the camera frame, or ``normalised`` 0..1 of its width and height."""


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The broker, and how to reach it."""

    host: str = _setting("127.0.0.1", pattern=r"[^\s/]{1,253}", form="a host name or address")
    """Name or address."""
    port: int = _setting(0, low=0, high=65535)
    """0: 1883, or 8883 with TLS."""
    protocol: str = _setting("auto", words=("auto", "5", "3.1.1"))
    """``auto``: MQTT 5, and 3.1.1 where the broker refuses that."""
    topic: str = _setting(
        "posenet", pattern=r"[^\x00-\x1f#+/]+(/[^\x00-\x1f#+/]+)*", form="levels joined by /, without # and +"
    )
    """First part of every topic: ``<topic>/<device id>/...``."""
    keepalive: int = _setting(30, low=5, high=3600)
    """Seconds without traffic after which each side asks whether the other lives."""
    username: str = ""
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
    health_interval: float = _setting(30.0, low=1.0, high=3600.0, live=True)
    """Seconds between two ``health`` messages."""

    @property
    def port_in_force(self) -> int:
        """``port``, or what 0 means."""
        return self.port or (8883 if self.tls else 1883)


@dataclass(frozen=True, slots=True)
class HomeAssistantSettings:
    """How Home Assistant learns of this sensor and its entities: MQTT discovery."""

    discovery: str = _setting("device", words=("device", "entities", "off"), live=True)
    """``device`` one message for all, ``entities`` one for each (openHAB, an old Home Assistant), ``off`` none."""
    prefix: str = _setting(
        "homeassistant", pattern=r"[^\x00-\x1f#+/]+(/[^\x00-\x1f#+/]+)*", form="levels joined by /, without # and +"
    )
    """First part of the topics of discovery, as set in Home Assistant."""


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """What may be asked of this sensor over MQTT."""

    enabled: bool = False
    """Whether it listens on ``command/camera``, ``command/sensitivity`` and ``command/places``."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    device: DeviceSettings = DeviceSettings()
    camera: CameraSettings = CameraSettings()
    picamera: PicameraSettings = PicameraSettings()
    video: VideoSettings = VideoSettings()
    stills: StillsSettings = StillsSettings()
    model: ModelSettings = ModelSettings()
    decode: DecodeSettings = DecodeSettings()
    track: TrackSettings = TrackSettings()
    publish: PublishSettings = PublishSettings()
    mqtt: MqttSettings = MqttSettings()
    homeassistant: HomeAssistantSettings = HomeAssistantSettings()
    command: CommandSettings = CommandSettings()
    people: meaning.PeopleSettings = meaning.PeopleSettings()
    presence: meaning.PresenceSettings = meaning.PresenceSettings()
    approach: meaning.ApproachSettings = meaning.ApproachSettings()
    floor: meaning.FloorSettings = meaning.FloorSettings()
    hands: meaning.HandsSettings = meaning.HandsSettings()
    waving: meaning.WavingSettings = meaning.WavingSettings()
    repetitions: meaning.RepetitionsSettings = meaning.RepetitionsSettings()
    posture: meaning.PostureSettings = meaning.PostureSettings()
    fall: meaning.FallSettings = meaning.FallSettings()
    inactivity: meaning.InactivitySettings = meaning.InactivitySettings()
    movement: meaning.MovementSettings = meaning.MovementSettings()
    zone: tuple[meaning.ZoneSettings, ...] = ()
    line: tuple[meaning.LineSettings, ...] = ()
    ignore: tuple[meaning.IgnoreSettings, ...] = ()
    rule: tuple[meaning.RuleSettings, ...] = ()


def sections() -> dict[str, type[Any]]:
    """Each ``[section]`` with its dataclass; what may be there several times (``[[zone]]``) is in ``lists``."""
    return {entry.name: entry.type for entry in fields(Settings) if isinstance(entry.type, type)}


def lists() -> dict[str, type[Any]]:
    """Each ``[[section]]`` with the dataclass of one of them."""
    return {entry.name: get_args(entry.type)[0] for entry in fields(Settings) if get_origin(entry.type) is tuple}
