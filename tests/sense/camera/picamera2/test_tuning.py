from pathlib import Path

import pytest

from edge.errors import BadSetting
from edge.sense.camera.picamera2.tuning import check_tuning_file
from tests.support.camera import make_settings


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[]", "has no 'algorithms'"),
        (b'{"version": 2.0}', "has no 'algorithms'"),
        (None, r"cannot be read \(No such file or directory\)"),
    ],
)
def test_what_is_no_tuning_file(content: bytes | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "tuning.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadSetting, match=rf"picamera\.tuning_file: '.*tuning\.json' {words}.*; expected a tuning file"):
        check_tuning_file(make_settings(picamera={"tuning_file": file}))


def test_a_tuning_file_and_none(tmp_path: Path) -> None:
    file = tmp_path / "tuning.json"
    file.write_text('{"version": 2.0, "target": "pisp", "algorithms": [{"rpi.black_level": {}}]}')
    check_tuning_file(make_settings(picamera={"tuning_file": file}))
    check_tuning_file(make_settings())
