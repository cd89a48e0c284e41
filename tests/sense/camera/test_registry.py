"""What is registered of each kind of source fits the wire, the unit of the service, and the sandbox."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from edge import wire
from edge.errors import BadSetting, NoSource
from edge.sense.camera import fake, open_camera
from edge.sense.camera.registry import SourceKind, check_source, kinds, list_examples, parse_address
from tests.support.camera import SHAPE, Time, make_settings

PROJECT = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_each_example_makes_a_source_that_health_can_name(kind: SourceKind) -> None:
    for example in kind.examples:
        assert parse_address(example).kind == kind.name
        assert open_camera(make_settings(example), SHAPE, Time()).kind in wire.SOURCES
        assert example in list_examples()


def test_the_unit_allows_the_devices_of_every_kind() -> None:
    unit = (PROJECT / "systemd" / "posenet-sense.service").read_text()
    allowed = set(re.findall(r"^DeviceAllow=char-(\S+) rw$", unit, flags=re.MULTILINE))
    assert allowed == {device for kind in kinds().values() for device in kind.devices}


def test_two_kinds_do_not_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "KINDS", fake.KINDS * 2)
    with pytest.raises(ValueError, match="a name of its own"):
        kinds.__wrapped__()


@pytest.mark.parametrize("source", ["usb", "/dev/video0", "v4l2", "auto:1", "v4l2:a\0b", "video:"])
def test_a_source_of_no_kind_is_refused_without_a_camera(source: str) -> None:
    with pytest.raises(BadSetting, match="camera source"):
        check_source(source)


def test_a_clip_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    check_source(f"video:{tmp_path}/clip.mp4")
    check_source("v4l2:/dev/video99")
    with pytest.raises(NoSource, match="no such file, expected a clip"):
        check_source(f"video:{tmp_path}/nowhere.mp4")


def test_listing_the_kinds_loads_nothing_heavy() -> None:
    """The sandbox must be shut before numpy starts threads, and ``--help`` must be quick."""
    program = (
        "import sys; from edge.sense.camera.registry import kinds; assert kinds(); "
        "print([name for name in ('numpy', 'picamera2', 'libcamera', 'av', 'PIL', 'cv2') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True, cwd=PROJECT) == "[]\n"
