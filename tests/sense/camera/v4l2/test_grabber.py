"""Webcams that give H.264 only: a real stream, a packet of which is ready when the test says so."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import av
import pytest

from edge.sense.camera.base import Clock
from edge.sense.camera.damage import refuse_damage
from edge.sense.camera.v4l2.grabber import Grabber, Shot, StreamDecoder
from tests.support.camera import GROUP, make_h264_stream, shade


@pytest.fixture(scope="module")
def packets(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    path = make_h264_stream(tmp_path_factory.mktemp("h264") / "stream.h264")
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def decoder() -> StreamDecoder:
    context = av.codec.CodecContext.create("h264", "r")
    context.thread_count = 1
    refuse_damage(context)
    return StreamDecoder(av, context)


def number_of(shot: Shot | None) -> int | str | None:
    """Which frame of the stream a shot shows, ``damaged``, or None where there is none."""
    if shot is None or shot.frame is None:
        return shot and "damaged"
    red = shot.frame.to_ndarray(format="rgb24")[20:40, 24:56, 0].mean()
    return min(range(20), key=lambda number: abs(shade(number) - red))


def test_the_stream_is_one_in_which_frames_need_others(packets: list[bytes]) -> None:
    """Without the first packet none of its group can be shown."""
    assert [number_of(decoder()(packet, 0.0)) for packet in packets[1:GROUP]] == [None] * (GROUP - 1)


def test_every_frame_is_shown_at_once_with_its_time(packets: list[bytes]) -> None:
    decode = decoder()
    shots = [decode(packet, 100 + number / 8) for number, packet in enumerate(packets)]
    assert [number_of(shot) for shot in shots] == list(range(20))
    assert [shot and shot.captured_at for shot in shots] == [100 + number / 8 for number in range(20)]


def test_a_stream_that_is_joined_in_the_middle_is_not_damaged(packets: list[bytes]) -> None:
    decode = decoder()
    shown = [number_of(decode(packet, 0.0)) for packet in packets[3:12]]
    assert shown == [None] * (GROUP - 3) + [8, 9, 10, 11]


@pytest.mark.parametrize("spoil", [lambda _: b"", lambda data: data[: len(data) // 2], lambda _: b"\0\0\1\x65rubbish"])
def test_after_damage_nothing_is_shown_until_a_frame_that_needs_no_other(
    spoil: Callable[[bytes], bytes], packets: list[bytes]
) -> None:
    decode = decoder()
    given = [spoil(packet) if number == 3 else packet for number, packet in enumerate(packets)]
    shown = [number_of(decode(packet, 0.0)) for packet in given]
    assert shown[:3] == [0, 1, 2]
    assert shown[3:GROUP] == ["damaged", *[None] * (GROUP - 4)], "what follows is no damage of its own"
    assert shown[GROUP:] == list(range(GROUP, 20))


class Container:
    """PyAV's container in the place of a device: as many packets as ``give`` has made ready."""

    def __init__(self, packets: list[bytes]) -> None:
        self._packets = iter(packets)
        self._ready = 0
        self._lock = threading.Lock()
        self.dry = threading.Event()
        """Set whenever everything that was ready has been read."""

    def give(self, count: int) -> None:
        with self._lock:
            self._ready += count
            self.dry.clear()

    def demux(self, video: int) -> Iterator[Any]:
        assert video == 0
        while True:
            with self._lock:
                if not self._ready:
                    self.dry.set()
                    raise BlockingIOError
                self._ready -= 1
            packet = av.Packet(next(self._packets))
            packet.pts = 0
            yield packet


def test_only_the_latest_frame_is_kept_and_all_packets_are_decoded(packets: list[bytes]) -> None:
    container = Container(packets)
    grabber = Grabber(container, Clock(), decoder())
    try:
        shown = []
        for count in (1, 4, 10):
            container.give(count)
            assert container.dry.wait(10)
            shown.append(number_of(grabber.take(10)))
        assert shown == [0, 4, 14]
    finally:
        grabber.stop()
