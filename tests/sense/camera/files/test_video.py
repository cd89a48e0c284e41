import logging
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from edge.errors import BadInput, NoSource, Unavailable
from edge.sense.camera.files.clip import Clip
from edge.sense.camera.files.video import VideoSource
from tests.support.camera import Time, clip_picture, make_clip, make_settings, number_of, request, take


def video(path: Path, time: Time | None = None, **how: object) -> VideoSource:
    time = time or Time()
    return VideoSource(request(make_settings(video=how), time, path), time.clock)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("clip.mkv", "ffv1", "bgr0"),
        ("clip.mp4", "mpeg4", "yuv420p"),
        ("clip.avi", "mjpeg", "yuvj420p"),
        ("clip.mov", "libx264", "yuv420p"),
    ],
)
def test_fast_gives_every_frame_without_waiting(name: str, codec: str, pix_fmt: str, tmp_path: Path) -> None:
    time = Time()
    source = video(make_clip(tmp_path / name, codec, pix_fmt), time, pace="fast")
    assert source.lossless
    frames = take(source)
    assert [number_of(frame) for frame in frames] == list(range(20))
    assert time.waits == []
    for number, frame in enumerate(frames):
        assert np.abs(frame.content.astype(int) - clip_picture(number))[20:40, 24:56].max() < 12


def test_colours_are_exact_where_the_codec_is(tmp_path: Path) -> None:
    frames = take(video(make_clip(tmp_path / "clip.mkv"), pace="fast"))
    assert all(np.array_equal(frame.content, clip_picture(number)) for number, frame in enumerate(frames))


def test_realtime_waits_as_it_was_filmed(tmp_path: Path) -> None:
    time = Time()
    source = video(make_clip(tmp_path / "clip.mp4", "mpeg4", "yuv420p"), time)
    assert not source.lossless
    frames = take(source)
    assert [number_of(frame) for frame in frames] == list(range(20))
    assert time.waits == pytest.approx([0.1] * 19)
    assert [frame.captured_at for frame in frames] == pytest.approx([1000 + 0.1 * number for number in range(20)])


def test_realtime_is_thinned_to_the_frame_rate_of_a_camera(tmp_path: Path) -> None:
    time = Time()
    settings = make_settings(frame_rate=4.0)
    clip = make_clip(tmp_path / "clip.mkv")
    shown = [number_of(frame) for frame in take(VideoSource(request(settings, time, clip), time.clock))]
    assert shown == [0, 3, 5, 8, 10, 13, 15, 18], "of 10 frames/s"


def test_realtime_leaves_out_what_a_late_reader_missed(tmp_path: Path) -> None:
    time = Time()
    seen = []
    with video(make_clip(tmp_path / "clip.mkv"), time) as opened:
        for frame in opened.frames():
            seen.append(number_of(frame))
            time.now += 0.35
    assert seen == [0, 3, 7, 10, 14, 17]
    assert all(wait <= 0.1 for wait in time.waits)


def test_realtime_shows_something_even_where_decoding_is_too_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edge.sense.camera.files import clip

    time = Time()
    frames = clip.Clip.frames

    def slow(self: clip.Clip) -> object:
        for frame in frames(self):
            time.now += 0.3
            yield frame

    monkeypatch.setattr(clip.Clip, "frames", slow)
    shown = [number_of(frame) for frame in take(video(make_clip(tmp_path / "clip.mkv"), time))]
    assert shown == [0, 4, 8, 12, 16]


def test_every_frame_has_its_time_in_the_clip(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mkv", frames=5)
    for pace in ("fast", "realtime"):
        frames = take(video(path, pace=pace, loop=True), 7)
        assert [frame.filmed_at for frame in frames] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0, 0.1])


def test_a_pause_longer_than_the_clip_is_survived(tmp_path: Path) -> None:
    time = Time()
    with video(make_clip(tmp_path / "clip.mkv"), time) as opened:
        frames = opened.frames()
        next(frames)
        time.now += 3600
        assert list(frames) == []


def test_a_cut_in_time_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    source = video(make_clip(tmp_path / "clip.mkv"), time)
    moments = [0.0, 0.1, 7200.0, 7200.1, 5.0, 5.1, None]
    all_frames = Clip.frames

    def frames(clip: Clip) -> Iterator[object]:
        for frame, moment in zip(all_frames(clip), moments, strict=False):
            yield SimpleNamespace(time=moment, to_ndarray=frame.to_ndarray)

    monkeypatch.setattr(Clip, "frames", frames)
    shown = [frame.filmed_at for frame in take(source)]
    assert shown == pytest.approx([*moments[:-1], 0.6]), "a frame without its time has that of its number"
    assert sum(time.waits) < 1


def test_loop(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mkv", frames=3)
    for pace in ("fast", "realtime"):
        frames = take(video(path, pace=pace, loop=True), 8)
        assert [number_of(frame) for frame in frames] == [0, 1, 2, 0, 1, 2, 0, 1]


def test_stopping_ends_a_wait(tmp_path: Path) -> None:
    frames = take(video(make_clip(tmp_path / "clip.mkv"), Time(stop_after=2)))
    assert [number_of(frame) for frame in frames] == [0, 1]


# The display matrix of a track header: (a, b, c, d) of x' = a x + c y, y' = b x + d y, in 16.16.
ONE = 0x10000
MATRICES = {90: (0, ONE, -ONE, 0), 180: (-ONE, 0, 0, -ONE), 270: (0, -ONE, ONE, 0)}


@pytest.mark.parametrize("clockwise", MATRICES)
def test_a_clip_filmed_upright_is_shown_upright(clockwise: int, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", "mpeg4", "yuv420p", frames=2)
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 44
    a, b, c, d = (value.to_bytes(4, "big", signed=True) for value in MATRICES[clockwise])
    content[at : at + 8], content[at + 12 : at + 20] = a + b, c + d
    path.write_bytes(content)
    frame = take(video(path, pace="fast"))[0]
    assert frame.content.shape == ((64, 48, 3) if clockwise != 180 else (48, 64, 3))
    # Of the corners, the one that was the top left is green and blue: turned clockwise it goes right, then down.
    corners = {90: (2, -3), 180: (-3, -3), 270: (-3, 2)}
    for at_row, at_column in ((2, 2), (2, -3), (-3, -3), (-3, 2)):
        green, blue = frame.content[at_row, at_column, 1:] > 128
        assert (green and blue) == ((at_row, at_column) == corners[clockwise])


def test_a_clip_cut_off_gives_what_it_has_and_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = make_clip(tmp_path / "clip.avi", "mjpeg", "yuvj420p")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with caplog.at_level(logging.WARNING):
        frames = take(video(path, pace="fast", loop=True), 20)
    numbers = [number_of(frame) for frame in frames]
    half = numbers.index(0, 1)
    assert 4 < half < 16
    # Of the last one only a part is left.
    assert numbers[: half - 1] == list(range(half - 1))
    assert caplog.text.count("damaged or cut off") == 1
    assert str(path) in caplog.text


def test_a_clip_damaged_in_the_middle_goes_on(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.avi", "mjpeg", "yuvj420p")
    content = bytearray(path.read_bytes())
    # Frames 9 and 10 of an AVI's list of them: what stood there is no JPEG any more.
    starts = [at for at in range(len(content) - 4) if content[at : at + 4] == b"00dc"]
    for number in (9, 10):
        content[starts[number] + 8 : starts[number] + 208] = bytes(200)
    path.write_bytes(content)
    numbers = [number_of(frame) for frame in take(video(path, pace="fast"))]
    assert numbers[:9] == list(range(9))
    assert numbers[-9:] == list(range(11, 20))


def test_a_clip_without_its_index_is_bad_input(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = make_clip(tmp_path / "clip.mp4", "mpeg4", "yuv420p")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BadInput) as caught:
        take(video(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_clip_of_which_nothing_can_be_read(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.avi", "mjpeg", "yuvj420p", frames=1)
    content = path.read_bytes()
    begin = content.index(b"00dc\x00") if b"00dc\x00" in content else content.index(b"00dc")
    path.write_bytes(content[: begin + 8] + bytes(len(content) - begin - 8))
    with pytest.raises(BadInput, match="clip"):
        take(video(path, pace="fast", loop=True))


@pytest.mark.parametrize("content", [b"", b"hello\n" * 1000, b"\0" * 10_000, b"RIFF\x10\0\0\0WAVEfmt "])
def test_files_that_are_no_clips(content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        take(video(path))
    assert repr(str(path)) in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_text_is_not_a_clip_even_though_ffmpeg_would_draw_it(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello\n" * 1000)
    with pytest.raises(BadInput, match="no video stream"):
        take(video(path))


def test_sound_without_a_picture(tmp_path: Path) -> None:
    import wave

    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    with pytest.raises(BadInput, match=r"no video stream \(wav\)"):
        take(video(path))


def test_a_photo_is_sent_to_stills() -> None:
    with pytest.raises(BadInput, match=r"is a photo.*stills:"):
        take(video(Path("examples/photos/astronaut.jpg")))


def test_a_playlist_opens_no_network(tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n")
        with pytest.raises(BadInput):
            take(video(path))
        with pytest.raises(BlockingIOError):
            server.accept()


def test_no_file_or_something_else(tmp_path: Path) -> None:
    with pytest.raises(NoSource, match="no such file"):
        take(video(tmp_path / "none.mp4"))
    with pytest.raises(NoSource, match="no such file"):
        take(video(Path("README.md/none.mp4")))
    with pytest.raises(BadInput, match=r"folder.*stills:"):
        take(video(tmp_path))
    with pytest.raises(BadInput, match="not a plain file"):
        take(video(Path("/dev/null")))


def test_a_name_with_a_colon_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_clip(tmp_path / "clip.mkv", frames=2).rename(tmp_path / "http:clip.mkv")
    assert len(take(video(Path("http:clip.mkv"), pace="fast"))) == 2


def test_without_pyav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(Unavailable, match=r"pip install 'posenet-edge\[video\]'"):
        take(video(tmp_path / "clip.mp4"))
