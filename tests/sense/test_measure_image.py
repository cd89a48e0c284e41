"""Three numbers of a picture, and what they say of it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge.data_files import PHOTOS
from edge.image_quality import BEGINS_AFTER_S, MIN_BRIGHTNESS, SURE_HOLDS_S, ImageQuality, blindness
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from edge.sense.camera.base import CameraHeads, Frame
from edge.sense.camera.rotate import Pixels
from edge.sense.inference.heads import Heads, ModelSpec
from edge.sense.inference.letterbox import Undo
from edge.sense.measure_image import ImageSampler, measure_image

SPEC = ModelSpec(257, 353, 16, "int8")


def measured(pixels: Pixels) -> ImageQuality:
    """Its quality for the default model."""
    return measure_image(pixels, SPEC.height, SPEC.width)


@pytest.fixture(params=sorted(PHOTOS.glob("*.jpg")), ids=lambda path: path.stem)
def photo(request: pytest.FixtureRequest) -> Pixels:
    """A sample photo, 480 px high."""
    picture = cv2.cvtColor(cv2.imread(str(request.param)), cv2.COLOR_BGR2RGB)
    scale = 480 / picture.shape[0]
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def noisy(picture: Pixels, sigma: float) -> Pixels:
    """With a sensor's noise; sigma: grey levels."""
    noise = np.random.default_rng(0).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_a_photo_can_be_seen(photo: Pixels) -> None:
    assert blindness(measured(photo)) == ""
    assert blindness(measured(noisy(photo, 5))) == ""
    assert blindness(measured((photo * 0.3).astype(np.uint8))) == ""


def test_out_of_focus(photo: Pixels) -> None:
    blurred = np.asarray(cv2.GaussianBlur(photo, (0, 0), 12), np.uint8)
    assert blindness(measured(blurred)) == "blurred"
    assert blindness(measured(noisy(blurred, 4))) == "blurred"
    # The model still finds people in this one.
    slightly = np.asarray(cv2.GaussianBlur(photo, (0, 0), 3), np.uint8)
    assert blindness(measured(slightly)) == ""


@pytest.mark.parametrize("scale", [0.5, 0.7, 2.0, 3.0])
def test_the_size_of_the_picture_does_not_matter(photo: Pixels, scale: float) -> None:
    other = np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR), np.uint8)
    assert measured(other).sharpness == pytest.approx(measured(photo).sharpness, rel=0.25)
    assert blindness(measured(other)) == ""


def test_the_border_of_the_letterbox_is_not_measured(photo: Pixels) -> None:
    strip = photo[:, :100]
    assert measured(np.zeros_like(strip)) == ImageQuality(0.0, 0.0, 0.0)
    assert measured(np.full_like(strip, 200)).contrast == 0.0


def test_dark(photo: Pixels) -> None:
    assert blindness(measured(noisy((photo * 0.02).astype(np.uint8), 3))) == "dark"
    assert blindness(measured(np.zeros_like(photo))) == "dark"


def test_a_lit_part_of_a_dark_room_is_enough(photo: Pixels) -> None:
    room = (photo * 0.02).astype(np.uint8)
    height, width = room.shape[:2]
    lit = room.copy()
    part = np.s_[height // 4 : 3 * height // 4, width // 3 : width // 2]
    lit[part] = photo[part]
    assert measured(lit).brightness > MIN_BRIGHTNESS
    spot = room.copy()
    spot[: height // 12, : width // 12] = 255
    assert blindness(measured(spot)) == "dark"


def test_contrast_is_relative_to_brightness(photo: Pixels) -> None:
    assert measured((photo * 0.3).astype(np.uint8)).contrast == pytest.approx(measured(photo).contrast, rel=0.1)


def test_haze(photo: Pixels) -> None:
    assert blindness(measured((photo * 0.3 + 0.7 * 200).astype(np.uint8))) == ""
    assert blindness(measured(noisy((photo * 0.05 + 0.95 * 200).astype(np.uint8), 2))) == "covered"


@pytest.mark.parametrize("grey", [40, 128, 255])
def test_a_hand_before_the_lens(photo: Pixels, grey: int) -> None:
    assert blindness(measured(noisy(np.full_like(photo, grey), 4))) == "covered"


def test_numbers_of_known_pictures() -> None:
    halves = np.zeros((96, 192, 3), np.uint8)
    halves[:, 96:] = 255
    seen = measure_image(halves, 96, 192)
    # Two columns in 48 have an edge of the full height: the Laplacian there is 1, the deviation 0.5.
    assert seen == ImageQuality(1.0, 0.5, 2.0)
    assert measured(np.full((9, 9, 3), 255, np.uint8)) == ImageQuality(1.0, 0.0, 0.0)


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3))))
def test_any_picture_gives_numbers_in_their_ranges(pixels: Pixels) -> None:
    seen = measured(pixels)
    assert 0 <= seen.brightness <= 1
    assert 0 <= seen.contrast <= 1
    assert 0 <= seen.sharpness <= 100


def person(score: float) -> Person:
    return Person(1, Pose(score, (Keypoint(1.0, 1.0, score),) * KEYPOINT_COUNT))


def frame(at: float, content: Pixels | CameraHeads) -> Frame:
    return Frame(content, at, at, at)


@pytest.mark.parametrize(("score", "why"), [(0.9, ""), (0.1, "dark")])
def test_a_sure_body_proves_for_a_while_that_a_dark_picture_can_be_seen(score: float, why: str) -> None:
    sampler = ImageSampler()
    sampler.sample(frame(10.0, np.zeros((48, 64, 3), np.uint8)), [person(score)], SPEC)
    assert sampler.blindness(10.0 + SURE_HOLDS_S) == why
    assert sampler.blindness(10.1 + SURE_HOLDS_S) == "dark"


def test_a_picture_is_measured_once_a_second(photo: Pixels) -> None:
    sampler = ImageSampler()
    sampler.sample(frame(10.0, photo), [], SPEC)
    measured = sampler.quality
    sampler.sample(frame(10.9, np.zeros_like(photo)), [], SPEC)
    assert (sampler.quality, sampler.is_poor) == (measured, False)
    sampler.sample(frame(11.0, np.zeros_like(photo)), [], SPEC)
    assert sampler.is_poor
    assert sampler.blindness(11.0 + BEGINS_AFTER_S) == "dark"
    sampler.reset()
    assert (sampler.quality, sampler.blindness(20.0)) == (None, "")


def test_of_heads_without_a_picture_nothing_is_measured() -> None:
    none = np.zeros((1, 1, 1), np.float32)
    heads = CameraHeads(Heads(none, none, none, none, 16), Undo(1, 1, 0, 0), 64, 48, ModelSpec(257, 353, 16, "int8"))
    sampler = ImageSampler()
    sampler.sample(frame(10.0, heads), [], SPEC)
    assert (sampler.quality, sampler.blindness(10.0)) == (None, "")
