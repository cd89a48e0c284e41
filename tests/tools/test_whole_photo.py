"""A photo is read whole or not at all: damage inside of a JPEG is told, where libjpeg sees it."""

import os
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.data_files import PHOTOS
from edge.errors import BadInput
from edge.tools.whole_photo import jpeg_damage, read_whole_photo

WHOLE = (PHOTOS / "astronaut.jpg").read_bytes()
MIDDLE = len(WHOLE) // 2


def test_whole_photos_and_other_formats_have_none(tmp_path: Path) -> None:
    png = tmp_path / "grey.png"
    cv2.imwrite(str(png), np.full((20, 20, 3), 90, np.uint8))
    png.write_bytes(png.read_bytes()[:-30])
    assert [jpeg_damage(path) for path in (*PHOTOS.glob("*.jpg"), png)] == ["", "", ""]


def test_what_is_overwritten_is_told_on_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(WHOLE[:MIDDLE] + bytes(500) + WHOLE[MIDDLE + 500 :])
    said = jpeg_damage(path)
    assert said.startswith("Corrupt JPEG data")
    assert "\n" not in said
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_progress_that_is_told_meanwhile_is_no_damage(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    decode = cv2.imdecode

    def slowly(*arguments: object) -> object:
        os.kill(os.getpid(), signal.SIGALRM)
        return decode(*arguments)

    monkeypatch.setattr(cv2, "imdecode", slowly)

    def tell(*_: object) -> None:
        os.write(2, b"reading the photo\n")

    before = signal.signal(signal.SIGALRM, tell)
    try:
        assert jpeg_damage(PHOTOS / "astronaut.jpg") == ""
        assert signal.getsignal(signal.SIGALRM) is tell
    finally:
        signal.signal(signal.SIGALRM, before)
    assert capfd.readouterr().err == ""


def test_a_damaged_photo_and_a_folder_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(WHOLE[:MIDDLE] + bytes(500) + WHOLE[MIDDLE + 500 :])
    with pytest.raises(BadInput, match=r"photo\.jpg' is damaged"):
        read_whole_photo(path)
    with pytest.raises(BadInput, match="is a folder, expected a photo"):
        read_whole_photo(tmp_path)
    assert read_whole_photo(PHOTOS / "astronaut.jpg").dtype == np.uint8
