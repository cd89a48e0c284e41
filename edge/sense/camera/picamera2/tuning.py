"""The tuning file of a sensor, which libcamera reads."""

import json

from edge.config.settings import Settings
from edge.errors import BadSetting
from edge.sense.camera.error_text import quoted, reason


def check_tuning_file(settings: Settings) -> None:
    """Check ``picamera.tuning_file``, if it is set: libcamera tells of a wrong one only that the camera does not start.

    Raises:
        BadSetting: It cannot be read, or is no tuning file.
    """
    file = settings.picamera.tuning_file
    if file is None:
        return
    expected = "expected a tuning file of libcamera, as in /usr/share/libcamera/ipa/rpi"
    try:
        content = json.loads(file.read_bytes())
    except OSError as error:
        raise BadSetting(
            f"picamera.tuning_file: {quoted(file)} cannot be read ({reason(error)}); {expected}"
        ) from error
    except ValueError as error:
        raise BadSetting(f"picamera.tuning_file: {quoted(file)} is no JSON ({reason(error)}); {expected}") from error
    if not isinstance(content, dict) or "algorithms" not in content:
        raise BadSetting(f"picamera.tuning_file: {quoted(file)} has no 'algorithms'; {expected}")
