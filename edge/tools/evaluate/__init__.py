"""``posenet-edge evaluate``: measure the sensor on real clips, or its model on annotated photos."""

import argparse
from typing import NamedTuple

from edge.errors import UsageError
from edge.runtime.command import Command, add_json, text_setting


class _Option(NamedTuple):
    """An option that belongs to one kind of evaluation."""

    flag: str
    kind: str
    """The option that chooses the kind."""
    default: object = None

    @property
    def name(self) -> str:
        """Attribute of the parsed arguments."""
        return self.flag.removeprefix("--").replace("-", "_")


_OPTIONS = (
    _Option("--rate", "--clips"),
    _Option("--before", "--clips", 3.0),
    _Option("--after", "--clips", 12.0),
    _Option("--annotations", "--images"),
    _Option("--nobody", "--images"),
    _Option("--against", "--images"),
    _Option("--against-set", "--images", ()),
    _Option("--vary", "--images", False),
    _Option("--zoom", "--images", False),
    _Option("--resamples", "--images", 1000),
    _Option("--report", "--images"),
)


def _evaluate(arguments: argparse.Namespace) -> None:
    kind = "--clips" if arguments.clips is not None else "--images"
    for option in _OPTIONS:
        if getattr(arguments, option.name) is None:
            setattr(arguments, option.name, option.default)
        elif option.kind != kind:
            raise UsageError(f"{option.flag} belongs to {option.kind}, expected that in place of {kind}")
    if kind == "--images":
        if arguments.annotations is None:
            raise UsageError("--images needs --annotations FILE, the people in the photos (docs/evaluate.md)")
        from edge.tools.evaluate.photos import evaluate as photos

        photos.evaluate(arguments)
        return
    if len(arguments.model) > 1:
        raise UsageError("--clips takes one --model; several are compared with --images")
    arguments.set = [*arguments.set, *(text_setting("model.file", model) for model in arguments.model)]
    from edge.tools.evaluate import clips

    clips.evaluate(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_mutually_exclusive_group(required=True)
    kinds.add_argument(
        "--clips", metavar="FILE", help="JSON with the clips and what happens in them (docs/evaluate.md)"
    )
    kinds.add_argument("--images", metavar="FOLDER", help="photos, with --annotations")
    parser.add_argument(
        "--model",
        metavar="MODEL",
        action="append",
        default=[],
        help="fast, default, accurate, auto or a .tflite file (model.file); with --images several, one --model each",
    )
    clips = parser.add_argument_group("with --clips")
    clips.add_argument("--rate", type=float, metavar="R", help="at most R frames a second (default: all)")
    clips.add_argument(
        "--before",
        type=float,
        metavar="S",
        help="seconds for which the beginning is played to and fro first (default: 3)",
    )
    clips.add_argument(
        "--after",
        type=float,
        metavar="S",
        help="seconds for which the end is played to and fro afterwards (default: 12)",
    )
    photos = parser.add_argument_group("with --images")
    photos.add_argument("--annotations", metavar="FILE", help="JSON with the people in the photos, in COCO's format")
    photos.add_argument("--nobody", metavar="FOLDER", help="photos without people, for false poses")
    photos.add_argument("--against", metavar="MODEL", help="compare the other models with this one, on the same photos")
    photos.add_argument(
        "--against-set",
        metavar="KEY=VALUE",
        action="append",
        help="compare with the same model under this setting, on top of --set, e.g. decode.method=tfjs",
    )
    photos.add_argument(
        "--vary",
        action="store_true",
        default=None,
        help="also with the photos rotated, and darkened (9 times the time)",
    )
    photos.add_argument(
        "--zoom",
        action="store_true",
        default=None,
        help="look a second time, at the crop around everybody, as attention does",
    )
    photos.add_argument(
        "--resamples", type=int, metavar="N", help="draws of photos for the intervals (default: 1000; 0: no intervals)"
    )
    photos.add_argument("--report", metavar="FOLDER", help="write a report in Markdown, with charts in SVG, there")
    add_json(parser)


COMMAND = Command(_evaluate, "--clips clips.json --rate 5", _add_arguments)
