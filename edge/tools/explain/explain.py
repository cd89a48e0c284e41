"""Look at one photo as ``sense`` does, and write down every step on the way to the poses."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.config.settings import Settings
from edge.config.texts import without_password
from edge.errors import BadInput, OutputFailed, UsageError
from edge.report import configuration
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.files.clip import MOTION_JPEG
from edge.sense.camera.registry import AUTO, kinds
from edge.sense.camera.rotate import Pixels
from edge.sense.decode import decode_multi, decode_single, make_decoder
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.inference.models import Models
from edge.sense.track.detections import find_detections
from edge.tools.explain import pictures
from edge.tools.explain.report import REPORT, Explained, as_markdown
from edge.tools.explain.tflite_file import read_graph
from edge.tools.explain.walk import first_walk
from edge.tools.progress import Progress
from edge.tools.whole_photo import read_whole_photo

_SPEAKER = "posenet-edge explain"
INPUT, HEATMAPS, MAXIMUM, OFFSETS, WALK, POSES, SINGLE_AND_MULTI = PICTURES = (
    "1-input.png",
    "2-heatmaps.png",
    "3-maximum.png",
    "4-offsets.png",
    "5-walk.png",
    "6-poses.png",
    "7-single-and-multi.png",
)
"""Names of the files; the walk is left out where no pose starts, the last where fewer than two people are found."""
_CAMERAS = ("/dev/video", "/dev/media", "/dev/v4l")


def explain(arguments: argparse.Namespace) -> None:
    """Write the pictures and the report, and print their names.

    Raises:
        UsageError: The photo is a camera or an address, or the folder holds files of others.
        NoSource: There is no such photo.
        BadInput: The photo cannot be read, or is a clip or a folder.
        BadSetting: A setting cannot be used.
        BadModel: The model file cannot be used, or is no PoseNet.
        Unavailable: There is no TensorFlow Lite runtime, or no Pillow.
        OutputFailed: The folder cannot be written.
        KeyboardInterrupt: It was interrupted.
    """
    path = check_photo(arguments.photo)
    folder = Path(arguments.output).expanduser()
    check_folder(folder)
    settings = configuration.load_for(arguments)
    with Progress(_SPEAKER) as progress:
        progress.begin("reading the photo")
        photo = read_whole_photo(path)
        progress.begin("loading and running the model")
        explained = look(path.name, photo, settings)
        progress.begin("drawing")
        drawn = draw(explained)
        report = as_markdown(explained, list(drawn))
        progress.begin(f"writing into {folder}")
        _write(folder, drawn, report)
    print(f"{quoted(folder)}: {', '.join([*drawn, REPORT])}")
    print("These pictures show the photo. The sensor itself never writes one.")


def check_photo(text: str) -> Path:
    """Refuse what is plainly no photo, by its name.

    Args:
        text: Of the command line.

    Returns:
        A path, of which it is not yet known whether there is a photo.

    Raises:
        UsageError: It is a camera, an address or a source with its kind.
        BadInput: It is a clip.
    """
    if "://" in text:
        shown = quoted(without_password(text))
        raise UsageError(f"explain takes a photo, and {shown} is an address; expected the path of a photo")
    name, colon, rest = text.partition(":")
    kind = kinds().get(name)
    if name == "video" and colon:
        raise UsageError(f"explain takes a photo, and {quoted(text)} names a clip; expected the path of a photo")
    if kind and kind.argument == "file" and colon:
        raise UsageError(f"explain takes a photo by its path alone; found {quoted(text)}, expected {quoted(rest)}")
    path = Path(text).expanduser()
    if kind or name == AUTO or text.startswith(_CAMERAS) or path.is_char_device():
        raise UsageError(
            f"explain takes a photo, and {quoted(text)} names a live camera; expected the path of a photo: "
            "live pictures are never written"
        )
    if path.suffix.lower() in MOTION_JPEG:
        raise BadInput(f"explain takes a photo, and {quoted(text)} is a clip; expected the path of a photo")
    return path


def check_folder(folder: Path) -> None:
    """Check, before the work begins, that the results can be written and replace nothing but former results.

    Raises:
        UsageError: There are other files in the folder.
        OutputFailed: It is no folder, or cannot be written.
    """
    try:
        there = folder
        while not there.exists() and there != there.parent:
            there = there.parent
        if not there.is_dir():
            raise OutputFailed(f"{quoted(there)} is a file, expected a folder to write into")
        if not os.access(there, os.W_OK | os.X_OK):
            raise OutputFailed(f"{quoted(there)}: this user may not write there; choose another folder")
        others = {each.name for each in folder.iterdir()} - {*PICTURES, REPORT} if there == folder else set()
    except OutputFailed:
        raise
    except (OSError, ValueError) as error:
        raise OutputFailed(f"{quoted(folder)} cannot be written ({reason(error)})") from error
    if others:
        raise UsageError(
            f"{quoted(folder)} is not empty (it has {quoted(min(others))}), expected a new or empty folder, "
            "or one with the results of an earlier explain, which are replaced"
        )


def look(name: str, photo: Pixels, settings: Settings) -> Explained:
    """Run letterbox, model and decoders on a photo.

    Args:
        name: Of the photo.
        photo: RGB ``[height, width, 3]``.
        settings: Of model and decoder.

    Returns:
        What each step gave.

    Raises:
        BadModel: The model file cannot be used, or is no PoseNet.
        Unavailable: There is no TensorFlow Lite runtime.
    """
    models = Models(settings)
    model: Model = models.model
    tensor, undo = Letterbox(model.height, model.width, model.quantization)(photo)
    heads = model(tensor)
    decode = settings.decode
    several = decode_multi(heads, decode.max_poses, decode.score_threshold, decode.nms_radius)
    return Explained(
        name,
        photo,
        models.file.path.stem,
        _as_picture(tensor),
        model.spec,
        decode,
        heads,
        undo,
        read_graph(models.file),
        first_walk(heads, decode),
        make_decoder(decode)(heads),
        decode_single(heads),
        find_detections(several).poses,
    )


def _as_picture(tensor: NDArray[Any]) -> Pixels:
    """Turn a model input back into RGB 0..255, as ``edge.sense.inference.letterbox`` makes it of that."""
    if tensor.dtype == np.int8:
        return np.asarray(tensor.view(np.uint8) ^ 128, np.uint8)
    if tensor.dtype == np.float32:
        return np.rint((tensor + 1) * 127.5).astype(np.uint8)
    return np.array(tensor, np.uint8)


def draw(explained: Explained) -> dict[str, bytes]:
    """Draw all pictures: PNG by file name."""
    picture, heads = explained.picture, explained.heads
    drawn = {
        INPUT: pictures.draw_input(picture),
        HEATMAPS: pictures.draw_heatmaps(picture, heads),
        MAXIMUM: pictures.draw_maximum(picture, heads),
        OFFSETS: pictures.draw_offsets(picture, heads, explained.decode.score_threshold),
    }
    if explained.walk:
        drawn[WALK] = pictures.draw_walk(picture, explained.walk, heads.output_stride)
    drawn[POSES] = pictures.draw_poses(explained.photo, [explained.undo(pose) for pose in explained.poses])
    if len(explained.bodies) > 1:
        drawn[SINGLE_AND_MULTI] = pictures.draw_single_and_multi(picture, explained.single, explained.bodies)
    return {name: pictures.encode(pixels) for name, pixels in drawn.items()}


def _write(folder: Path, drawn: Mapping[str, bytes], report: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in {*PICTURES, REPORT} - drawn.keys():
            (folder / name).unlink(missing_ok=True)
        for name, content in drawn.items():
            (folder / name).write_bytes(content)
        (folder / REPORT).write_text(report, encoding="utf-8")
    except OSError as error:
        raise OutputFailed(f"{quoted(folder)} cannot be written ({reason(error)})") from error
