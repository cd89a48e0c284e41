"""Every awkward kind of photo, made by Pillow."""

import io
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from edge.errors import BadInput
from edge.sense.camera.files.photo import SUFFIXES, read_photo
from tests.support.camera import RED_GREEN_BLUE_WHITE, TURNED

R, G, B, W, K, E = RED_GREEN_BLUE_WHITE.reshape(6, 3).tolist()


def saved(image: Image.Image, path: Path, **how: Any) -> Path:
    image.save(path, **how)
    return path


# The EXIF orientation tag, and how the file's pixels must be turned to stand upright.
ORIENTATIONS = {
    1: TURNED[0, False],
    2: TURNED[0, True],
    3: TURNED[180, False],
    4: TURNED[180, True],
    5: TURNED[90, True],
    6: TURNED[90, False],
    7: TURNED[270, True],
    8: TURNED[270, False],
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_exif_orientation(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(Image.fromarray(RED_GREEN_BLUE_WHITE), tmp_path / "photo.png", exif=exif)
    assert read_photo(path).tolist() == ORIENTATIONS[orientation]


def test_damaged_exif_is_no_reason_to_refuse_a_photo(tmp_path: Path) -> None:
    path = saved(Image.new("RGB", (8, 8), (200, 10, 10)), tmp_path / "photo.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    assert read_photo(path).shape == (8, 8, 3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1)])
def test_tiny_photos(shape: tuple[int, int], tmp_path: Path) -> None:
    path = saved(Image.new("RGB", shape, (1, 2, 3)), tmp_path / "photo.png")
    assert read_photo(path).tolist() == [[[1, 2, 3]] * shape[0]] * shape[1]


def test_grey(tmp_path: Path) -> None:
    path = saved(Image.new("L", (2, 1), 77), tmp_path / "photo.png")
    assert read_photo(path).tolist() == [[[77, 77, 77]] * 2]


def test_black_and_white(tmp_path: Path) -> None:
    path = saved(Image.new("1", (2, 1), 1), tmp_path / "photo.png")
    assert read_photo(path).tolist() == [[[255, 255, 255]] * 2]


def test_palette(tmp_path: Path) -> None:
    image = Image.fromarray(RED_GREEN_BLUE_WHITE).convert("P", palette=Image.Palette.ADAPTIVE)
    path = saved(image, tmp_path / "photo.png")
    assert np.abs(read_photo(path).astype(int) - RED_GREEN_BLUE_WHITE).max() < 8


def test_transparency_shows_grey(tmp_path: Path) -> None:
    pixels = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [255, 0, 0, 128]]], np.uint8)
    path = saved(Image.fromarray(pixels), tmp_path / "photo.png")
    (row,) = read_photo(path).tolist()
    assert row[0] == [255, 0, 0]
    assert row[1] == [128, 128, 128]
    assert np.allclose(row[2], [192, 64, 64], atol=2)


def test_transparent_palette_and_grey(tmp_path: Path) -> None:
    palette = Image.new("P", (2, 1), 0)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.putpixel((1, 0), 1)
    path = saved(palette, tmp_path / "photo.gif", transparency=1)
    assert read_photo(path).tolist() == [[[255, 0, 0], [128, 128, 128]]]
    path = saved(Image.new("LA", (1, 1), (9, 0)), tmp_path / "photo.png")
    assert read_photo(path).tolist() == [[[128, 128, 128]]]


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_grey_of_16_bits_is_scaled_and_not_cut_off(suffix: str, tmp_path: Path) -> None:
    values = np.array([[0, 256, 32768, 65535]], np.uint16)
    path = saved(Image.fromarray(values), tmp_path / f"photo.{suffix}")
    assert read_photo(path)[0, :, 0].tolist() == [0, 1, 128, 255]


def test_grey_of_32_bits_and_big_endian(tmp_path: Path) -> None:
    path = saved(Image.fromarray(np.array([[0, 32768, 65535, 10**6]], np.int32)), tmp_path / "photo.tif")
    assert read_photo(path)[0, :, 1].tolist() == [0, 128, 255, 255]
    (tmp_path / "photo.pgm").write_bytes(b"P5 2 1 65535\n\x80\x00\xff\xff")
    assert read_photo(tmp_path / "photo.pgm")[0, :, 2].tolist() == [128, 255]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 512, 1023], [0, 128, 255]),
        ([0, 2048, 4095], [0, 128, 255]),
        ([0, 128, 255], [0, 128, 255]),
        ([0, 4096, 32768], [0, 16, 128]),
        ([0, 0, 0], [0, 0, 0]),
    ],
    ids=["10 bits", "12 bits", "8 bits", "16 bits", "black"],
)
def test_values_of_fewer_bits_in_a_photo_of_16(values: list[int], expected: list[int], tmp_path: Path) -> None:
    for suffix in ("png", "tif"):
        path = saved(Image.fromarray(np.array([values], np.uint16)), tmp_path / f"photo.{suffix}")
        assert read_photo(path)[0, :, 0].tolist() == expected
        colours = np.array([[[0, 0, value] for value in values]], np.uint16)
        assert cv2.imwrite(str(tmp_path / f"colours.{suffix}"), colours)
        assert read_photo(tmp_path / f"colours.{suffix}").tolist() == [[[value, 0, 0] for value in expected]]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_colours_of_16_bits_are_upright_too(orientation: int, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    assert cv2.imwrite(str(path), RED_GREEN_BLUE_WHITE[..., ::-1].astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = exif.tobytes().removeprefix(b"Exif\0\0")
    content = path.read_bytes()
    chunk = b"eXIf" + data
    # Behind the header of 33 bytes.
    whole = len(data).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    path.write_bytes(content[:33] + whole + content[33:])
    assert read_photo(path).tolist() == ORIENTATIONS[orientation]


def test_transparent_colours_of_16_bits(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "photo.png"), np.array([[[0, 0, 65535, 65535], [0, 0, 65535, 0]]], np.uint16))
    assert read_photo(tmp_path / "photo.png").tolist() == [[[255, 0, 0], [128, 128, 128]]]


@pytest.mark.parametrize(
    ("brand", "words"), [(b"heic", "a HEIC photo"), (b"mif1", "a HEIC"), (b"avif", "an AVIF photo")]
)
def test_photos_of_telephones_are_refused_by_their_name(brand: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(1000))
    with pytest.raises(BadInput) as caught:
        read_photo(path)
    assert f"is {words}" in str(caught.value)
    assert "JPEG" in str(caught.value)
    assert "heif-convert" in str(caught.value)


def test_a_clip_is_sent_to_video(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(1000))
    with pytest.raises(BadInput, match=r"is no photo.*--source video:"):
        read_photo(path)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.0, 0.5, 1.0, np.nan], [0, 128, 255, 0]), ([0.0, 100.0, 255.0, 1e9], [0, 100, 255, 255])],
)
def test_floats(values: list[float], expected: list[int], tmp_path: Path) -> None:
    path = saved(Image.fromarray(np.array([values], np.float32)), tmp_path / "photo.tif")
    assert read_photo(path)[0, :, 0].tolist() == expected


def test_cmyk(tmp_path: Path) -> None:
    path = saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), tmp_path / "photo.jpg", quality=100)
    red = read_photo(path)[8, 8].astype(int)
    assert red[0] > 200
    assert red[1:].max() < 60


def test_of_an_animation_the_first_picture(tmp_path: Path) -> None:
    first, second = (Image.new("RGB", (3, 2), colour) for colour in ("red", "blue"))
    path = saved(first, tmp_path / "photo.gif", save_all=True, append_images=[second])
    assert read_photo(path)[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_suffix_of_a_folder_can_be_read(suffix: str, tmp_path: Path) -> None:
    path = saved(Image.new("L" if suffix == ".pgm" else "RGB", (16, 16), 0), tmp_path / f"photo{suffix}")
    assert read_photo(path).shape == (16, 16, 3)


def test_a_photo_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(Image.new("1", (300, 300)), tmp_path / "photo.png")
    # Above the bound Pillow warns, above twice the bound it raises.
    for bound in (80_000, 1000):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", bound)
        with pytest.raises(BadInput, match="too large"):
            read_photo(path)


@pytest.mark.parametrize("name", ["missing.jpg", ".", "/proc/self/mem"])
def test_what_cannot_be_opened_or_read(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        read_photo(tmp_path / name)


def test_postscript_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n")
    with pytest.raises(BadInput, match="is no photo"):
        read_photo(path)


def some_photo(suffix: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.arange(48 * 32 * 3, dtype=np.uint8).reshape(32, 48, 3)).save(file, suffix)
    return file.getvalue()


PHOTOS = {kind: some_photo(kind) for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(PHOTOS)), st.data())
def test_a_damaged_photo_is_a_photo_or_bad_input(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    content = bytearray(PHOTOS[kind])
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    path = tmp_path / "photo"
    path.write_bytes(content)
    try:
        pixels = read_photo(path)
    except BadInput as error:
        assert repr(str(path)) in str(error)
        assert str(error).isprintable()
    else:
        assert pixels.ndim == 3
        assert pixels.dtype == np.uint8
