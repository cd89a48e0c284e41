"""From a photo to the poses in it, as ``sense`` has them before its tracker."""

import time

from edge.config.settings import Settings
from edge.pose import Person, Pose
from edge.sense.attention.attention import Attention
from edge.sense.attention.view import View, whole
from edge.sense.camera.rotate import Pixels
from edge.sense.decode import make_decoder
from edge.sense.inference.letterbox import Letterbox, Undo
from edge.sense.inference.model import Model
from edge.sense.track.detections import find_detections


class PoseFinder:
    """Letterbox, model and decoder. Photos have nothing to do with each other: nobody is tracked."""

    def __init__(self, settings: Settings, model: Model, zoom: bool = False) -> None:
        """Put the parts together.

        Args:
            settings: Of decoder and attention.
            model: Used by nobody else meanwhile.
            zoom: Look a second time, at the crop around everybody who was found, where attention would, and take what
                that look finds.
        """
        self._model = model
        self._letterbox = Letterbox(model.height, model.width, model.quantization)
        self._decode = make_decoder(settings.decode)
        self._attention = settings.attention if zoom else None
        self.invoke_seconds = 0.0
        """Time that the model took in the last call, s; of its last look."""

    def __call__(self, pixels: Pixels) -> list[Pose]:
        """Find the poses in a picture, RGB ``[height, width, 3]``, in px of it."""
        view = whole(pixels.shape[1], pixels.shape[0])
        poses = self._look(pixels, view)
        if self._attention is None:
            return poses
        closer = self._closer_view(poses, view)
        return poses if closer == view else self._look(pixels, closer)

    def in_input(self, pixels: Pixels) -> tuple[list[Pose], Undo]:
        """Find poses in px of the model's input.

        Args:
            pixels: RGB ``[height, width, 3]``.

        Returns:
            The poses, and the way back to the picture.
        """
        tensor, undo = self._letterbox(pixels)
        self._model.set_input(tensor)
        begun = time.perf_counter()
        self._model.invoke()
        self.invoke_seconds = time.perf_counter() - begun
        return self._decode(self._model.heads()), undo

    def _look(self, pixels: Pixels, view: View) -> list[Pose]:
        poses, undo = self.in_input(view.cut(pixels))
        return [view.to_frame(undo(pose)) for pose in poses]

    def _closer_view(self, poses: list[Pose], view: View) -> View:
        """Choose the view that attention would choose for the next frame, were it the same again."""
        assert self._attention is not None
        size = (view.width, view.height)
        attention = Attention(self._attention, (self._model.width, self._model.height))
        attention.first_view(size, 0.0, is_settled=False)
        attention.see([Person(number, pose) for number, pose in enumerate(find_detections(poses).poses, 1)], 0.0)
        return attention.first_view(size, 0.0, is_settled=True)
