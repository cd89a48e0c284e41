"""Three numbers of a picture, and what they say of it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge.data_files import PHOTOS
from edge.image_quality import LATELY, ImageQuality, blindness
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from edge.sense.camera.base import CameraHeads, Frame
from edge.sense.camera.rotate import Pixels
from edge.sense.inference.heads import Heads, ModelSpec
from edge.sense.inference.letterbox import Undo
from edge.sense.measure_image import ImageSampler, measure_image


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
    assert blindness(measure_image(photo)) == ""
    assert blindness(measure_image(noisy(photo, 5))) == ""
    assert blindness(measure_image((photo * 0.3).astype(np.uint8))) == ""


def test_out_of_focus(photo: Pixels) -> None:
    blurred = np.asarray(cv2.GaussianBlur(photo, (0, 0), 6), np.uint8)
    assert blindness(measure_image(blurred)) == "blurred"
    assert blindness(measure_image(noisy(blurred, 4))) == "blurred"


def test_dark(photo: Pixels) -> None:
    assert blindness(measure_image(noisy((photo * 0.02).astype(np.uint8), 3))) == "dark"
    assert blindness(measure_image(np.zeros_like(photo))) == "dark"


@pytest.mark.parametrize("grey", [40, 128, 255])
def test_a_hand_before_the_lens(photo: Pixels, grey: int) -> None:
    assert blindness(measure_image(noisy(np.full_like(photo, grey), 4))) == "covered"


def test_numbers_of_known_pictures() -> None:
    halves = np.zeros((100, 200, 3), np.uint8)
    halves[:, 100:] = 255
    seen = measure_image(halves)
    assert (seen.brightness, seen.contrast) == (0.5, 0.5)
    # One column in a hundred has an edge: the Laplacian there is 1, the contrast 0.5.
    assert seen.sharpness == 2.0
    assert measure_image(np.full((9, 9, 3), 255, np.uint8)) == ImageQuality(1.0, 0.0, 0.0)


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3))))
def test_any_picture_gives_numbers_in_their_ranges(pixels: Pixels) -> None:
    seen = measure_image(pixels)
    assert 0 <= seen.brightness <= 1
    assert 0 <= seen.contrast <= 0.5
    assert 0 <= seen.sharpness <= 100


def person(score: float) -> Person:
    return Person(1, Pose(score, (Keypoint(1.0, 1.0, score),) * KEYPOINT_COUNT))


def frame(at: float, content: Pixels | CameraHeads) -> Frame:
    return Frame(content, at, at, at)


@pytest.mark.parametrize(("score", "why"), [(0.9, ""), (0.1, "dark")])
def test_a_sure_body_proves_for_a_while_that_a_dark_picture_can_be_seen(score: float, why: str) -> None:
    sampler = ImageSampler()
    sampler.sample(frame(10.0, np.zeros((48, 64, 3), np.uint8)), [person(score)])
    assert sampler.blindness(10.0 + LATELY) == why
    assert sampler.blindness(10.1 + LATELY) == "dark"


def test_a_picture_is_measured_once_a_second(photo: Pixels) -> None:
    sampler = ImageSampler()
    sampler.sample(frame(10.0, photo), [])
    measured = sampler.quality
    sampler.sample(frame(10.9, np.zeros_like(photo)), [])
    assert sampler.quality == measured
    sampler.sample(frame(11.0, np.zeros_like(photo)), [])
    assert sampler.blindness(11.0) == "dark"
    sampler.reset()
    assert (sampler.quality, sampler.blindness(11.0)) == (None, "")


def test_of_heads_without_a_picture_nothing_is_measured() -> None:
    none = np.zeros((1, 1, 1), np.float32)
    heads = CameraHeads(Heads(none, none, none, none, 16), Undo(1, 1, 0, 0), 64, 48, ModelSpec(257, 353, 16, "int8"))
    sampler = ImageSampler()
    sampler.sample(frame(10.0, heads), [])
    assert (sampler.quality, sampler.blindness(10.0)) == (None, "")
