import logging
import re
import socket
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from edge.errors import BadInput, NoSource, Unavailable
from edge.sense.camera.base import Frame
from edge.sense.camera.files.clip import Clip
from edge.sense.camera.files.video import VideoSource
from tests.support.camera import Time, clip_picture, make_clip, make_settings, number_of, request, shade, take


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
    moments = [0.0, 0.1, 7200.0, 7200.1, 5.0, 5.1]
    all_frames = Clip.frames

    def frames(clip: Clip) -> Iterator[object]:
        for (_, frame), moment in zip(all_frames(clip), moments, strict=False):
            yield moment, frame

    monkeypatch.setattr(Clip, "frames", frames)
    shown = [frame.filmed_at for frame in take(source)]
    assert shown == pytest.approx(moments)
    assert sum(time.waits) < 1


def test_loop(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mkv", frames=3)
    for pace in ("fast", "realtime"):
        frames = take(video(path, pace=pace, loop=True), 8)
        assert [number_of(frame) for frame in frames] == [0, 1, 2, 0, 1, 2, 0, 1]


@pytest.mark.parametrize(("frames", "rate"), [(20, 60), (7, 60), (1, 60), (5, 10)])
def test_a_clip_over_and_over_keeps_the_frame_rate_too(frames: int, rate: int, tmp_path: Path) -> None:
    time = Time()
    settings = make_settings(frame_rate=15.0, video={"loop": True})
    clip = make_clip(tmp_path / "clip.mkv", frames=frames, rate=rate)
    shown = take(VideoSource(request(settings, time, clip), time.clock), 60)
    gaps = [after.captured_at - before.captured_at for before, after in pairwise(shown)]
    # A frame is shown when it is due in the clip, up to one of its periods later than a camera would give it.
    assert sum(gaps) / len(gaps) == pytest.approx(1 / min(rate, 15), rel=0.02)
    assert max(gaps) < 1 / min(rate, 15) + 1.1 / rate
    numbers = [number_of(frame) for frame in shown]
    assert set(numbers) <= set(range(frames))
    assert numbers.count(numbers[0]) > 1


def test_a_slow_opening_is_not_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edge.sense.camera.files import video as module

    time = Time()

    def slow(*how: Any) -> Clip:
        time.now += 0.5
        return Clip(*how)

    monkeypatch.setattr(module, "Clip", slow)
    shown = take(video(make_clip(tmp_path / "clip.mkv", frames=3), time, loop=True), 6)
    assert [number_of(frame) for frame in shown] == [0, 1, 2] * 2
    assert [frame.captured_at - 1000 for frame in shown] == pytest.approx([0.5, 0.6, 0.7, 1.2, 1.3, 1.4])


def test_stopping_ends_a_wait(tmp_path: Path) -> None:
    frames = take(video(make_clip(tmp_path / "clip.mkv"), Time(stop_after=2)))
    assert [number_of(frame) for frame in frames] == [0, 1]


# The display matrix of a track header: (a, b, c, d) of x' = a x + c y, y' = b x + d y, in 16.16; and the corner, as
# (row, column), that shows what was at the top left.
ONE = 0x10000
CORNERS = TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT = (2, 2), (2, -3), (-3, 2), (-3, -3)
MATRICES = {
    "turned by 90": ((0, ONE, -ONE, 0), TOP_RIGHT),
    "turned by 180": ((-ONE, 0, 0, -ONE), BOTTOM_RIGHT),
    "turned by 270": ((0, -ONE, ONE, 0), BOTTOM_LEFT),
    "left and right exchanged": ((-ONE, 0, 0, ONE), TOP_RIGHT),
    "upside down in a mirror": ((ONE, 0, 0, -ONE), BOTTOM_LEFT),
    "transposed": ((0, ONE, ONE, 0), TOP_LEFT),
    "transposed along the other diagonal": ((0, -ONE, -ONE, 0), BOTTOM_RIGHT),
    "askew, which is left as it is": ((ONE // 2, ONE // 2, -ONE // 2, ONE // 2), TOP_LEFT),
}


@pytest.mark.parametrize("how", MATRICES)
def test_a_clip_is_shown_as_its_display_matrix_says(how: str, tmp_path: Path) -> None:
    matrix, top_left = MATRICES[how]
    path = make_clip(tmp_path / "clip.mp4", "mpeg4", "yuv420p", frames=2)
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 44
    a, b, c, d = (value.to_bytes(4, "big", signed=True) for value in matrix)
    content[at : at + 8], content[at + 12 : at + 20] = a + b, c + d
    path.write_bytes(content)
    pixels = take(video(path, pace="fast"))[0].content
    assert pixels.shape == ((64, 48, 3) if matrix[0] == 0 else (48, 64, 3))
    # The left quarter is green and the top quarter blue, so that the corner at the top left is both, that at the top
    # right blue and that at the bottom left green.
    colours = {corner: tuple(bool(value) for value in pixels[corner][1:] > 128) for corner in CORNERS}
    assert [corner for corner in CORNERS if colours[corner] == (True, True)] == [top_left]
    transposed, (row, column) = matrix[0] == 0, top_left
    beside, below = (row, -1 - column), (-1 - row, column)
    green = beside if transposed else below
    assert colours[green] == (True, False)
    assert colours[below if transposed else beside] == (False, True)


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
    assert caplog.text.count("is cut off: it ends after") == 1
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


def jpegs_in_avi(path: Path, cut: set[int], count: int = 20) -> Path:
    """A clip of 10 frames/s whose frames are red by their numbers, with noise; the frames ``cut`` lack their end."""
    noise = np.random.default_rng(0).integers(0, 256, (240, 320), np.uint8)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuvj420p"
        for number in range(count):
            picture = np.dstack([np.full_like(noise, shade(number)), *[60 + noise // 4] * 2])
            ok, jpeg = cv2.imencode(".jpg", picture[..., ::-1])
            assert ok
            content = jpeg.tobytes()
            packet = av.Packet(content[: len(content) // 2] if number in cut else content)
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, number, number, Fraction(1, 10)
            container.mux(packet)
    return path


@pytest.mark.parametrize("pace", ["fast", "realtime"])
def test_a_cut_frame_is_left_out_and_never_shows_old_memory(
    pace: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cut = {3, 7, 8, *range(12, 18)}
    source = video(jpegs_in_avi(tmp_path / "clip.avi", cut), pace=pace)
    frames = take(source)
    whole = [number for number in range(20) if number not in cut]
    assert [number_of(frame) for frame in frames] == whole
    assert [frame.filmed_at for frame in frames] == pytest.approx([number / 10 for number in whole])
    assert source.damage.total == len(cut)
    assert caplog.messages == [f"'{tmp_path}/clip.avi' is damaged: 9 of 20 frames were left out; copy it again"]


def test_long_damage_does_not_end_a_clip(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = jpegs_in_avi(tmp_path / "clip.avi", set(range(2, 18)))
    assert [number_of(frame) for frame in take(video(path, pace="fast"))] == [0, 1, 18, 19]
    assert "16 of 20 frames were left out" in caplog.text


def test_damage_at_the_end_is_not_taken_for_a_cut(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    take(video(jpegs_in_avi(tmp_path / "clip.avi", set(range(10, 20))), pace="fast"))
    assert "10 of 20 frames were left out" in caplog.text
    assert "cut off" not in caplog.text


def test_a_frame_that_its_decoder_made_up_is_left_out(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.avi", "mpeg4", "yuv420p")
    content = bytearray(path.read_bytes())
    at = content.index(b"00dc", content.index(b"movi")) + 8
    size = int.from_bytes(content[at - 4 : at], "little")
    # Only headers and the first lines of the first frame, from which the others follow.
    content[at + size // 2 : at + size] = bytes(size - size // 2)
    path.write_bytes(content)
    source = video(path, pace="fast")
    assert 0 not in [round(10 * frame.filmed_at) for frame in take(source)]
    assert source.damage.total >= 1


def somebody_leaves(path: Path, codec: str, cut: int, frames: int = 50, **options: str) -> Path:
    """A clip of 10 frames/s, white in its middle until frame 10, whose packet ``cut`` lacks its end."""
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 320, 240, "yuv420p", Fraction(1, 10)
    encoder.gop_size, encoder.max_b_frames, encoder.options = 20, 0, options
    empty = np.random.default_rng(0).integers(0, 60, (240, 320, 3), np.uint8)
    packets = []
    for number in [*range(frames), None]:
        frame = None
        if number is not None:
            picture = empty.copy()
            picture[60:200, 100:180] = 255 if number < 10 else picture[60:200, 100:180]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
        packets += encoder.encode(frame)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number, packet in enumerate(packets):
            content = bytes(packet)
            written = av.Packet(content[: len(content) // 3] if number == cut else content)
            written.stream, written.time_base, written.is_keyframe = stream, packet.time_base, packet.is_keyframe
            written.pts, written.dts = packet.pts, packet.dts
            container.mux(written)
    return path


def is_there(frame: Frame) -> bool:
    return float(frame.content[80:180, 120:160].mean()) > 60


@pytest.mark.parametrize(("codec", "name"), [("libx264", "clip.ts"), ("mpeg4", "clip.avi"), ("mpeg2video", "clip.ts")])
def test_somebody_who_left_is_not_seen_after_a_damaged_frame(codec: str, name: str, tmp_path: Path) -> None:
    source = video(somebody_leaves(tmp_path / name, codec, cut=10), pace="fast")
    frames = take(source)
    # The frame in which they leave is damaged, and the next that needs no other is frame 20 or 21.
    begin = frames[0].filmed_at
    seen = [round(10 * (frame.filmed_at - begin)) for frame in frames if is_there(frame)]
    assert seen == list(range(len(seen)))
    assert 9 <= len(seen) <= 10
    # The decoders of MPEG-2 and MPEG-4 tell of it twice: by an error, and by a frame that they made up.
    assert source.damage.total in (1, 2), "what follows is no damage of its own"
    assert len(frames) >= 38


def test_a_stream_that_renews_its_picture_part_by_part_is_seen_again(tmp_path: Path) -> None:
    path = somebody_leaves(tmp_path / "clip.ts", "libx264", cut=10, frames=150, **{"x264-params": "intra-refresh=1"})
    frames = take(video(path, pace="fast"))
    assert [is_there(frame) for frame in frames] == [True] * 10 + [False] * (len(frames) - 10)
    assert 30 <= len(frames) <= 55, "ten seconds of 15 are left out"


@pytest.mark.parametrize(("name", "codec"), [("clip.h264", "libx264"), ("clip.h265", "libx265")])
def test_a_bare_stream_keeps_the_rate_that_it_says(
    name: str, codec: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = make_clip(tmp_path / name, codec, "yuv420p", rate=15)
    frames = take(video(path, pace="fast"))
    assert [frame.filmed_at for frame in frames] == pytest.approx([number / 15 for number in range(20)])
    assert caplog.messages == []


@pytest.mark.parametrize("name", ["clip.mjpeg", "clip.mjpg", "clip", "clip.jpg"])
def test_jpegs_one_after_another_are_a_clip_of_no_known_rate(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = make_clip(tmp_path / "written.mjpeg", "mjpeg", "yuvj420p", frames=5, rate=10).rename(tmp_path / name)
    frames = take(video(path, pace="fast", loop=True), 10)
    assert [number_of(frame) for frame in frames] == [0, 1, 2, 3, 4] * 2
    assert [frame.filmed_at for frame in frames[:5]] == pytest.approx([number / 30 for number in range(5)])
    (warning,) = caplog.messages
    assert all(part in warning for part in (str(path), "30 are taken", "video.frame_rate"))


def test_one_jpeg_is_a_photo_unless_its_name_says_otherwise(tmp_path: Path) -> None:
    photo = make_clip(tmp_path / "photo.mjpeg", "mjpeg", "yuvj420p", frames=1)
    assert len(take(video(photo, pace="fast"))) == 1
    with pytest.raises(BadInput, match=r"is a photo.*stills:"):
        take(video(photo.rename(tmp_path / "photo.jpg")))
    two = make_clip(tmp_path / "two.mjpeg", "mjpeg", "yuvj420p", frames=2)
    with pytest.raises(BadInput, match=r"is a photo.*stills:"):
        take(video(two.rename(tmp_path / "two.jpg")))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("clip.mjpeg", "mjpeg", "yuvj420p"), ("clip.h264", "libx264", "yuv420p"), ("clip.mp4", "mpeg4", "yuv420p")],
)
def test_the_rate_that_is_set_is_the_rate(
    name: str, codec: str, pix_fmt: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    frames = take(video(make_clip(tmp_path / name, codec, pix_fmt, rate=10), pace="fast", frame_rate=5.0))
    assert [frame.filmed_at for frame in frames] == pytest.approx([number / 5 for number in range(20)])
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("ratio", "shape"),
    [
        (Fraction(1, 2), (96, 64, 3)),
        (Fraction(2), (48, 128, 3)),
        (Fraction(64, 45), (48, 91, 3)),
        (Fraction(1), (48, 64, 3)),
        (Fraction(1, 100), (48, 64, 3)),
    ],
)
def test_pixels_are_made_square(ratio: Fraction, shape: tuple[int, int, int], tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = ratio
        container.mux(stream.encode(av.VideoFrame.from_ndarray(clip_picture(0), format="rgb24")))
        container.mux(stream.encode())
    (frame,) = take(video(path, pace="fast"))
    assert frame.content.shape == shape
    height, width = shape[:2]
    green, blue = frame.content[height // 2, :, 1] > 128, frame.content[:, width // 2, 2] > 128
    assert np.count_nonzero(green) == pytest.approx(width / 4, abs=3), "nothing is cut away"
    assert np.count_nonzero(blue) == pytest.approx(height / 4, abs=3)


def with_cover(path: Path) -> Path:
    """A clip whose first video stream is one JPEG, as some programs write a cover picture."""
    with av.open(str(path), "w") as container:
        cover: Any = container.add_stream("mjpeg", rate=25)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        stream: Any = container.add_stream("mpeg4", rate=10, bit_rate=8_000_000)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        container.mux(cover.encode())
        for number in range(20):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(clip_picture(number), format="rgb24")))
        container.mux(stream.encode())
    return path


def test_a_cover_picture_is_not_the_clip(tmp_path: Path) -> None:
    assert [number_of(frame) for frame in take(video(with_cover(tmp_path / "clip.mov"), pace="fast"))] == [*range(20)]


def test_music_with_a_cover_picture_is_no_clip(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as container:
        sound: Any = container.add_stream("mp3", rate=48000, layout="mono")
        cover: Any = container.add_stream("mjpeg", rate=25)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        container.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        container.mux(cover.encode())
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), format="fltp", layout="mono")
        samples.rate = 48000
        container.mux(sound.encode(samples))
        container.mux(sound.encode())
    with pytest.raises(BadInput, match=r"has a cover picture and no video stream \(mp3\)"):
        take(video(path))


def test_an_edit_list_leaves_out_frames_without_a_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = make_clip(tmp_path / "clip.mp4", "mpeg4", "yuv420p")
    content = bytearray(path.read_bytes())
    at = content.index(b"elst") + 12
    content[at : at + 4] = (1000).to_bytes(4, "big")
    path.write_bytes(content)
    assert len(take(video(path, pace="fast"))) == 10, "of 20 frames, in 2 s"
    assert caplog.messages == []


def with_sound(path: Path, codec: str, sound_codec: str, rate: int) -> Path:
    """A clip of 2 s with sound of 4 s."""
    options = {"movflags": "faststart"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as container:
        sound: Any = container.add_stream(sound_codec, rate=rate, layout="mono")
        stream: Any = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for number in range(20):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(clip_picture(number), format="rgb24")))
            samples = av.AudioFrame.from_ndarray(np.zeros((1, rate // 5), np.float32), format="fltp", layout="mono")
            samples.rate = rate
            container.mux(sound.encode(samples))
        container.mux(stream.encode())
        container.mux(sound.encode())
    return path


@pytest.mark.parametrize(("name", "sound"), [("clip.mkv", "aac"), ("clip.mp4", "aac"), ("clip.avi", "mp3")])
def test_a_clip_cut_off_is_told_from_a_whole_one_by_its_time(
    name: str, sound: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = with_sound(tmp_path / name, "mjpeg", sound, 48000)
    assert len(take(video(path, pace="fast"))) == 20
    assert caplog.messages == []
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 4 // 10])
    assert 4 < len(take(video(path, pace="fast"))) < 16
    take(video(path, pace="fast", frame_rate=40.0))
    said = re.findall(r"is cut off: it ends after ([0-9.]+) of 2\.0 s", caplog.text)
    assert len(said) == 2
    assert float(said[0]) == pytest.approx(float(said[1]), abs=0.15), "as the file says it, whatever rate is set"


def test_to_end_before_the_sound_is_not_to_be_cut_off(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # Flash has one time for all.
    assert len(take(video(with_sound(tmp_path / "clip.flv", "flv", "mp3", 44100), pace="fast"))) == 20
    assert caplog.messages == []


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


@pytest.mark.parametrize(("brand", "words"), [(b"heic", "a HEIC photo"), (b"avif", "an AVIF photo")])
def test_a_photo_that_ffmpeg_takes_for_a_clip(brand: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(1000))
    with pytest.raises(BadInput, match=f"is {words}, expected a clip"):
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
