"""Photos go through the parts of ``sense``."""

import cv2
import numpy as np

from edge.config.settings import DecodeSettings, Settings
from edge.data_files import MODELS
from edge.sense.decode import decode_multi
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import find_model
from edge.tools.evaluate.photos.pose_finder import PoseFinder


def model() -> Model:
    return Model(find_model("fast", MODELS))


def test_poses_are_those_of_letterbox_model_and_decoder(astronaut: np.ndarray) -> None:
    network = model()
    tensor, undo = Letterbox(network.height, network.width, network.quantization)(astronaut)
    expected = [undo(pose) for pose in decode_multi(network(tensor), 3, 0.4, 15.0)]
    settings = Settings(decode=DecodeSettings(max_poses=3, score_threshold=0.4, nms_radius=15.0))
    finder = PoseFinder(settings, model())
    assert finder(astronaut) == expected
    assert finder.invoke_seconds > 0


def test_the_zoom_finds_who_is_small_more_surely(astronaut: np.ndarray) -> None:
    picture = np.full((1200, 1600, 3), 128, np.uint8)
    picture[300:600, 900:1200] = cv2.resize(astronaut, (300, 300), interpolation=cv2.INTER_AREA)
    plain, zoomed = (PoseFinder(Settings(), model(), zoom)(picture) for zoom in (False, True))
    assert max(zoomed).score > max(plain).score + 0.1
    nose = max(zoomed).keypoints[0]
    # The astronaut's nose is at (219, 113) of the 512 px of the photo.
    assert np.hypot(nose.x - (900 + 219 * 300 / 512), nose.y - (300 + 113 * 300 / 512)) < 10


def test_the_zoom_leaves_alone_who_is_large_and_an_empty_picture(astronaut: np.ndarray) -> None:
    for picture in (astronaut, np.full((480, 640, 3), 128, np.uint8)):
        assert PoseFinder(Settings(), model(), zoom=True)(picture) == PoseFinder(Settings(), model())(picture)
