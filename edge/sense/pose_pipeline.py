"""From a frame to the persons in it: letterbox, model, decoder, tracker."""

from edge import wire
from edge.config.settings import Settings
from edge.data_files import MODELS
from edge.image_quality import is_sure
from edge.pose import Person
from edge.sense.camera.base import CameraHeads, Frame
from edge.sense.decode import make_decoder
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import find_model
from edge.sense.inference.tflite_runtime import choose_threads
from edge.sense.stage_timer import StageTimer
from edge.sense.track import Tracker


class PosePipeline:
    """``find_persons(frame)`` on each frame in turn; heads that the camera delivers need no model here."""

    def __init__(self, settings: Settings, timer: StageTimer) -> None:
        """Load the model.

        Raises:
            BadModel: The model file cannot be used.
            Unavailable: There is no TensorFlow Lite runtime.
        """
        self._timer = timer
        self._model = Model(find_model(settings.model.file, MODELS), choose_threads(settings.model.threads))
        self._letterbox = Letterbox(self._model.height, self._model.width, self._model.quantization)
        self._decode = make_decoder(settings.decode)
        self._tracker = Tracker(settings.track)
        self.spec = self._model.spec
        """Specification of the model that the last frame went through, here or in the camera."""
        self.found = wire.Found()
        """Sure bodies of the last frame; the frame is not turned, so all are found upright."""

    def reconfigure(self, settings: Settings) -> None:
        """Take over the settings that a reload may change; tracked persons keep their ids."""
        self._decode = make_decoder(settings.decode)
        self._tracker.settings = settings.track

    def find_persons(self, frame: Frame) -> tuple[Person, ...]:
        """Find persons, in px of the frame."""
        content = frame.content
        if isinstance(content, CameraHeads):
            self.spec, undo = content.model, content.undo
        else:
            self.spec = self._model.spec
            with self._timer.timed("fit"):
                tensor, undo = self._letterbox(content)
                self._model.set_input(tensor)
            with self._timer.timed("invoke"):
                self._model.invoke()
        with self._timer.timed("decode"):
            heads = content.heads if isinstance(content, CameraHeads) else self._model.heads()
            poses = [undo(pose) for pose in self._decode(heads)]
            persons = tuple(self._tracker.update(poses, frame.filmed_at))
        self.found = wire.Found(upright=sum(is_sure(person.pose) for person in persons))
        return persons
