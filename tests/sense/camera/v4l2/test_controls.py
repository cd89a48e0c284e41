"""Controls of a webcam, through a stand-in for ``ioctl``."""

import errno
import fcntl
from typing import Any

import pytest

from edge.config.settings import CameraSettings, Settings, V4l2Settings
from edge.sense.camera.v4l2.controls import set_controls
from tests.support.v4l2_driver import (
    AUTOFOCUS,
    BOOLEAN,
    EXPOSURE,
    EXPOSURE_MODE,
    FOCUS,
    INTEGER,
    MENU,
    POWER_LINE,
    Control,
    Driver,
)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    """Controls as a common webcam has them: its exposure is automatic by the aperture, or manual."""
    driver = Driver(
        controls={
            POWER_LINE: Control(MENU, 0, 2, 2, (0, 1, 2)),
            EXPOSURE_MODE: Control(MENU, 0, 3, 3, (1, 3)),
            EXPOSURE: Control(INTEGER, 3, 2047, 250),
            FOCUS: Control(INTEGER, 0, 250, 0),
            AUTOFOCUS: Control(BOOLEAN, 0, 1, 1),
        }
    )
    monkeypatch.setattr(fcntl, "ioctl", driver.ioctl)
    return driver


def follow(power_line: int | None = None, **webcam: Any) -> list[str]:
    return set_controls(7, Settings(camera=CameraSettings(power_line=power_line), v4l2=V4l2Settings(**webcam)))


def test_what_is_not_set_is_not_touched(driver: Driver) -> None:
    assert follow() == []
    assert driver.set_values == []


def test_all_of_them(driver: Driver) -> None:
    assert follow(power_line=50, exposure=20_000, focus=30) == []
    # The automatics go first: a value is refused, or changed again, while they are on.
    assert driver.set_values == [(POWER_LINE, 1), (EXPOSURE_MODE, 1), (EXPOSURE, 200), (AUTOFOCUS, 0), (FOCUS, 30)]


def test_sixty_hertz(driver: Driver) -> None:
    assert follow(power_line=60) == []
    assert driver.set_values == [(POWER_LINE, 2)]


def test_a_webcam_whose_only_fixed_exposure_is_shutter_priority(driver: Driver) -> None:
    driver.controls[EXPOSURE_MODE].items = (0, 2)
    assert follow(exposure=20_000) == []
    assert driver.set_values == [(EXPOSURE_MODE, 2), (EXPOSURE, 200)]


def test_a_value_without_an_automatic(driver: Driver) -> None:
    del driver.controls[AUTOFOCUS], driver.controls[EXPOSURE_MODE]
    assert follow(focus=30, exposure=300) == []
    assert driver.set_values == [(EXPOSURE, 3), (FOCUS, 30)]


def test_what_the_driver_has_not_is_said(driver: Driver) -> None:
    driver.controls.clear()
    assert follow(power_line=50, exposure=20_000, focus=30) == [
        f"has no control for {name}, which is ignored" for name in ("camera.power_line", "v4l2.exposure", "v4l2.focus")
    ]


def test_a_control_that_is_switched_off_is_none(driver: Driver) -> None:
    driver.controls[FOCUS].flags = 1
    assert follow(focus=30) == ["has no control for v4l2.focus, which is ignored"]
    assert driver.set_values == []


def test_what_is_out_of_bounds_is_said_with_them(driver: Driver) -> None:
    assert follow(exposure=100, focus=251) == [
        "takes 300 to 204700, found v4l2.exposure = 100, which is ignored",
        "takes 0 to 250, found v4l2.focus = 251, which is ignored",
    ]
    driver.controls[POWER_LINE].items = (0, 2)
    assert follow(power_line=50) == ["offers 60 Hz, found camera.power_line = 50, which is ignored"]
    driver.controls[POWER_LINE].items = (0,)
    assert follow(power_line=50) == ["offers neither, found camera.power_line = 50, which is ignored"]
    # Nothing of it was tried: an automatic stays on.
    assert driver.set_values == []


def test_a_driver_that_refuses_is_no_reason_to_give_up(driver: Driver) -> None:
    driver.controls[EXPOSURE].refuses = driver.controls[POWER_LINE].refuses = errno.EIO
    assert follow(power_line=60, exposure=20_000, focus=30) == [
        "refused camera.power_line = 60 (Input/output error), which is ignored",
        "refused v4l2.exposure = 20000 (Input/output error), which is ignored",
    ]
    assert driver.set_values[-1] == (FOCUS, 30)
