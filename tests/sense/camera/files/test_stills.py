import logging
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from edge.errors import BadInput, NoSource, Unavailable
from edge.sense.camera.files import stills as module
from edge.sense.camera.files.stills import StillsSource, moving_crop
from tests.support.camera import Time, make_settings, request, take

PHOTOS = Path("examples/photos")


def stills(path: Path, time: Time | None = None, **how: object) -> StillsSource:
    time = time or Time()
    return StillsSource(request(make_settings(stills=how, frame_rate=10.0), time, path), time.clock)


def save(path: Path, shade: int) -> Path:
    Image.new("RGB", (6, 4), (shade, 0, 0)).save(path)
    return path


def shades(frames: list) -> list[int]:
    return [int(frame.content[0, 0, 0]) for frame in frames]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos: c.png is 30, b.PNG is 20, a.png is 10."""
    for name, shade in (("c.png", 30), ("b.PNG", 20), ("a.png", 10)):
        save(tmp_path / name, shade)
    (tmp_path / "notes.txt").write_text("no photo")
    (tmp_path / "._a.png").write_bytes(b"what a Mac leaves behind")
    (tmp_path / "folder.png").mkdir()
    return tmp_path


def test_the_sample_photos() -> None:
    frames = take(stills(PHOTOS, seconds=0.0, loop=False))
    assert [frame.content.shape for frame in frames] == [(512, 512, 3)] * 2
    # camera.jpg is grey, astronaut.jpg is not.
    assert np.ptp(frames[0].content, axis=2).max() > 50
    assert np.ptp(frames[1].content, axis=2).max() == 0


def test_each_photo_once_as_fast_as_wanted(folder: Path) -> None:
    time = Time()
    source = stills(folder, time, seconds=0.0, loop=False)
    assert source.lossless
    frames = take(source)
    assert shades(frames) == [10, 20, 30]
    assert time.waits == []
    assert all(after.filmed_at - before.filmed_at > 60 for before, after in pairwise(frames)), "each is its own scene"


def test_each_photo_for_its_time(folder: Path) -> None:
    time = Time()
    source = stills(folder, time, seconds=0.3, loop=False)
    assert not source.lossless
    frames = take(source)
    assert shades(frames) == [10, 10, 10, 20, 20, 20, 30, 30, 30]
    assert [frame.captured_at for frame in frames] == pytest.approx([1000 + 0.1 * number for number in range(9)])
    assert [frame.filmed_at for frame in frames] == [frame.captured_at for frame in frames]


def test_loop(folder: Path) -> None:
    assert shades(take(stills(folder, seconds=0.2, loop=True), 8)) == [10, 10, 20, 20, 30, 30, 10, 10]
    time = Time()
    source = stills(folder, time, seconds=0.0, loop=True)
    assert not source.lossless
    frames = take(source, 5)
    assert shades(frames) == [10, 20, 30, 10, 20]
    assert time.waits == pytest.approx([0.1] * 4)
    assert all(after.filmed_at - before.filmed_at > 60 for before, after in pairwise(frames))
    (alone, again) = take(stills(folder / "a.png", seconds=0.0, loop=True), 2)
    assert again.filmed_at - alone.filmed_at == pytest.approx(0.1), "the same photo is the same scene"


def test_a_late_reader_sees_fewer_frames_of_each(folder: Path) -> None:
    time = Time()
    seen = []
    with stills(folder, time, seconds=1.0, loop=False) as opened:
        for frame in opened.frames():
            seen.append(int(frame.content[0, 0, 0]))
            time.now += 0.5
    assert seen == [10, 10, 20, 20, 30, 30]


def test_a_photo_is_decoded_once_however_long_it_is_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counting(path: Path) -> NDArray[np.uint8]:
        read.append(path.name)
        return np.zeros((4, 6, 3), np.uint8)

    monkeypatch.setattr(module, "read_photo", counting)
    take(stills(folder / "a.png", seconds=0.5, loop=True), 40)
    assert read == ["a.png"]
    read.clear()
    take(stills(folder, seconds=0.5, loop=True), 20)
    assert read == ["a.png", "b.PNG", "c.png", "a.png"]


def test_what_a_receiver_does_to_a_frame_is_not_seen_in_the_next(folder: Path) -> None:
    with stills(folder / "a.png", seconds=5.0) as opened:
        frames = opened.frames()
        next(frames).content[:] = 99
        assert next(frames).content[0, 0, 0] == 10


def test_unreadable_photos_of_a_folder_are_left_out(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = (PHOTOS / "astronaut.jpg").read_bytes()
    (folder / "a_cut.jpg").write_bytes(content[:5000])
    (folder / "b_empty.png").write_bytes(b"")
    source = stills(folder, seconds=0.0, loop=True)
    with caplog.at_level(logging.WARNING):
        assert shades(take(source, 6)) == [10, 20, 30, 10, 20, 30]
    assert caplog.text.count("a_cut.jpg") == caplog.text.count("b_empty.png") == 1
    assert source.damage.total == 2


def test_photos_that_cannot_be_read_are_named(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    assert shades(take(stills(folder, seconds=0.0, loop=False))) == [10, 20, 30]
    assert "IMG_1.HEIC' is a HEIC photo" in caplog.text


@pytest.mark.parametrize("loop", [True, False])
def test_a_folder_of_nothing_but_unreadable_photos(loop: bool, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no")
    (tmp_path / "b.png").write_bytes(b"")
    with pytest.raises(BadInput, match="none of its 2 photos"):
        take(stills(tmp_path, loop=loop))


def test_a_single_unreadable_photo_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    path.write_bytes((PHOTOS / "astronaut.jpg").read_bytes()[:5000])
    with pytest.raises(BadInput, match="truncated") as caught:
        take(stills(path))
    assert repr(str(path)) in str(caught.value)


def test_no_photos(tmp_path: Path) -> None:
    with pytest.raises(NoSource, match="no photos"):
        take(stills(tmp_path))
    with pytest.raises(NoSource, match="no such file"):
        take(stills(tmp_path / "none"))
    with pytest.raises(BadInput, match="not a plain file"):
        take(stills(Path("/dev/null")))


def test_stopping_ends_a_wait(folder: Path) -> None:
    assert len(take(stills(folder, Time(stop_after=3), seconds=60.0))) == 3


def test_without_pillow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.delitem(sys.modules, "PIL.Image")
    with pytest.raises(Unavailable, match=r"pip install 'posenet-edge\[video\]'"):
        take(stills(folder))


def test_the_crop_moves_and_is_the_same_every_time() -> None:
    path = PHOTOS / "astronaut.jpg"
    first, again = (take(stills(path, seconds=60.0, moving_crop=True), 60) for _ in range(2))
    assert all(frame.content.shape == (410, 410, 3) for frame in first)
    assert all(np.array_equal(one.content, other.content) for one, other in zip(first, again, strict=True))
    assert not np.array_equal(first[0].content, first[-1].content)


def coordinates(width: int, height: int) -> NDArray[np.uint8]:
    """A photo whose every pixel says where it is: [x, y, 0], each modulo 256."""
    y, x = np.mgrid[:height, :width] % 256
    return np.dstack([x, y, np.zeros_like(x)]).astype(np.uint8)


@given(st.integers(1, 250), st.integers(1, 250), st.integers(0, 10**6), st.sampled_from([0.1, 1.0, 15.0, 120.0]))
def test_the_crop_stays_inside(width: int, height: int, number: int, rate: float) -> None:
    crop = moving_crop(coordinates(width, height), number, rate)
    assert crop.shape == (max(1, round(height * 0.8)), max(1, round(width * 0.8)), 3)
    assert 0 <= crop[0, 0, 0] <= crop[0, -1, 0] < width
    assert 0 <= crop[0, 0, 1] <= crop[-1, 0, 1] < height


def test_the_crop_moves_smoothly_and_reaches_every_edge() -> None:
    photo = coordinates(200, 200)
    corners = [moving_crop(photo, number, 15.0)[0, 0].astype(int) for number in range(15 * 24)]
    steps = np.abs(np.diff(corners, axis=0))
    assert steps.max() <= 1
    assert steps.sum() > 100
    assert np.min(corners, axis=0)[:2].tolist() == [0, 0]
    assert np.max(corners, axis=0)[:2].tolist() == [40, 40]
