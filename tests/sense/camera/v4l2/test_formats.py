"""Formats and sizes as real drivers list them, through a stand-in for ``ioctl``."""

import fcntl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sense.camera.v4l2.formats import Offer, Sizes, choose, describe_sizes, list_offers
from tests.support.v4l2_driver import Driver

VGA, HD, FULL_HD = (640, 480), (1280, 720), (1920, 1080)
WEBCAM = {"YUYV": [VGA, (160, 120), HD], "MJPG": [VGA, HD, FULL_HD], "H264": [FULL_HD, HD]}
LOOPBACK = {"YU12": [(2, 8192, 1, 1, 8192, 1)]}


def discrete(*sizes: tuple[int, int]) -> tuple[Sizes, ...]:
    return tuple(Sizes(size, size) for size in sizes)


def offers(formats: dict[str, list[tuple[int, ...]]]) -> list[Offer]:
    return [
        Offer(
            name,
            tuple(
                Sizes((s[0], s[1]), (s[0], s[1])) if len(s) == 2 else Sizes((s[0], s[3]), (s[1], s[4]), (s[2], s[5]))
                for s in sizes
            ),
        )
        for name, sizes in formats.items()
    ]


@pytest.mark.parametrize("formats", [WEBCAM, LOOPBACK, {"HEVC": [FULL_HD]}, {"MJPG": []}, {}])
def test_a_driver_is_asked_for_all_it_offers(
    formats: dict[str, list[tuple[int, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "ioctl", Driver(formats).ioctl)
    assert list_offers(7) == offers(formats)


def test_a_list_without_an_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "ioctl", Driver({"YUYV": [VGA]}, never_ends=True).ioctl)
    found = list_offers(7)
    assert len(found) == 64
    assert len(found[0].sizes) == 64


@pytest.mark.parametrize(
    ("formats", "size", "prefers_jpeg", "chosen"),
    [
        (WEBCAM, VGA, False, [("yuyv422", VGA), ("mjpeg", VGA)]),
        (WEBCAM, FULL_HD, True, [("mjpeg", FULL_HD), ("yuyv422", HD)]),
        (WEBCAM, (642, 482), False, [("yuyv422", VGA), ("mjpeg", VGA)]),
        ({"MJPG": [HD], "H264": [HD]}, VGA, False, [("mjpeg", HD)]),
        ({"H264": [FULL_HD, HD]}, VGA, False, [("h264", HD)]),
        ({"HEVC": [FULL_HD]}, VGA, False, []),
        ({"MJPG": []}, VGA, False, [("mjpeg", VGA)]),
        # An infrared camera for faces beside the one for people: colour first, where both have the size.
        ({"GREY": [VGA], "YUYV": [VGA]}, VGA, False, [("yuyv422", VGA)]),
        (LOOPBACK, (642, 482), False, [("yuv420p", (642, 482))]),
        ({"NV12": [(64, 1920, 16, 64, 1080, 8)]}, (642, 482), False, [("nv12", (640, 480))]),
        ({"NV12": [(64, 1920, 16, 64, 1080, 8)]}, (4000, 2), False, [("nv12", (1920, 64))]),
    ],
)
def test_the_nearest_size_of_the_best_format(
    formats: dict[str, list[tuple[int, ...]]],
    size: tuple[int, int],
    prefers_jpeg: bool,
    chosen: list[tuple[str, tuple[int, int]]],
) -> None:
    assert choose(offers(formats), size, prefers_jpeg) == chosen


SIDE = st.integers(1, 9998)


@given(SIDE, SIDE, SIDE, SIDE, st.integers(1, 64), st.integers(1, 64), st.tuples(SIDE, SIDE))
def test_the_nearest_size_of_a_range_is_one_of_it(
    width: int, wider: int, height: int, higher: int, across: int, down: int, size: tuple[int, int]
) -> None:
    sizes = Sizes((width, height), (width + wider, height + higher), (across, down))
    found = sizes.nearest(size)
    for side, low, high, step, asked in zip(found, *sizes, size, strict=True):
        assert low <= side <= high
        assert (side - low) % step == 0
        assert abs(side - asked) <= max(step, low - asked, asked - high + step)


def test_sizes_in_words() -> None:
    assert describe_sizes(offers(WEBCAM)) == "160x120, 640x480, 1280x720, 1920x1080"
    assert describe_sizes(offers({"NV12": [(64, 1920, 16, 64, 1080, 8)]})) == "64x64 to 1920x1080 in steps of 16x8"
    assert describe_sizes(offers({"HEVC": [FULL_HD]})) == ""
    many = offers({"YUYV": [(16 * number, 16) for number in range(1, 21)]})
    assert describe_sizes(many).endswith("192x16 and 8 more")
