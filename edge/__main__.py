"""The command ``posenet-edge``: finds the verb, runs it, and turns an error into one line and an exit code.

Each verb defines its own arguments, in the module that is named here. Only the chosen verb's module is imported: help
is quick, and the process that sees pictures holds nothing of the other verbs.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from edge import __version__
from edge.errors import MissingPackage, OutputFailed, PosenetEdgeError
from edge.runtime.command import Parser

COMMANDS = {
    "setup": ("edge.tools.setup", "ask for camera, broker, name and what is shared, try each, write the configuration"),
    "run": ("edge.tools.run", "sense and report as two processes, until Ctrl-C"),
    "sense": ("edge.sense.sense", "the service with the camera: poses out as lines, no network"),
    "report": ("edge.report.report", "the service with the network: lines in, MQTT out"),
    "check-config": ("edge.tools.check_config", "check the configuration and the files that it names"),
    "fleet": ("edge.tools.fleet", "one configuration for many sensors: print that of one, or the access list for all"),
    "bench": ("edge.tools.bench", "time each stage and measure memory on this machine"),
    "evaluate": ("edge.tools.evaluate", "compare what is said of clips, or found in photos, with the truth"),
    "explain": ("edge.tools.explain", "show how the pixels of a photo become poses, in pictures that show the photo"),
    "schema": ("edge.tools.schema", "print the JSON Schema of what is published"),
    "apply": ("edge.tools.apply", "make the installed services follow the configuration (as root)"),
    "forget": ("edge.tools.forget", "take this sensor's retained messages off the broker"),
    "record": ("edge.tools.play.record", "write what a sensor publishes on poses into a file"),
    "replay": ("edge.tools.play.replay", "publish a recording as a sensor of its own"),
    "simulate": ("edge.tools.simulate", "publish a scripted scene as a sensor of its own"),
    "audit": ("edge.tools.audit", "test what is claimed of the installed services, while they run (as root)"),
    "doctor": ("edge.tools.doctor", "look for what goes wrong in the field, and say what to do"),
    "top": ("edge.tools.top", "show how the sensors are, live: rates, stage times, counts"),
    "view": ("edge.tools.view", "show what the sensors say, in a browser or a terminal"),
}
"""By verb: the module with its ``COMMAND`` (see ``edge.runtime.command``), and its summary."""


def make_parser(*chosen: str | None) -> argparse.ArgumentParser:
    """Make the parser of the command line.

    Args:
        chosen: The verbs whose modules are imported, for their arguments.

    Returns:
        A parser that knows all verbs, and the arguments of the chosen ones.
    """
    parser = Parser(
        prog="posenet-edge",
        description="A pose sensor: finds people's joints on the device, publishes them over MQTT, never a picture.",
        epilog="Example: posenet-edge run --source v4l2:/dev/video0 --set mqtt.host=broker.local",
    )
    parser.add_argument("--version", action="version", version=f"posenet-edge {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, (module, summary) in COMMANDS.items():
        added = verbs.add_parser(
            verb,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            # Keeps an example on one line, to be copied.
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if verb in chosen:
            importlib.import_module(module).COMMAND.add_to(added)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code; a user is never shown a traceback."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words:
        make_parser().print_help(sys.stderr)
        return os.EX_USAGE
    verb = next((word for word in words if word in COMMANDS), None)
    try:
        chosen = make_parser(verb).parse_args(words)
        chosen.run(chosen)
        sys.stdout.flush()
    except PosenetEdgeError as error:
        if isinstance(error, OutputFailed):
            _discard_stdout()
        if str(error):
            _complain(verb, error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _discard_stdout()
        return os.EX_OK
    except OSError as error:
        _discard_stdout()
        _complain(verb, error)
        return OutputFailed.exit_code
    except Exception as error:
        if os.environ.get("POSENET_EDGE_TRACEBACK"):
            raise
        if isinstance(error, ImportError):
            _complain(verb, MissingPackage(error))
            return MissingPackage.exit_code
        _complain(
            verb,
            f"a bug: {type(error).__name__}: {error}; please report it with what POSENET_EDGE_TRACEBACK=1 in the "
            "environment shows",
        )
        return os.EX_SOFTWARE
    return os.EX_OK


def _complain(verb: str | None, error: object) -> None:
    print(f"posenet-edge {verb}: {error}", file=sys.stderr)


def _discard_stdout() -> None:
    """Keep Python from failing a second time over the same closed or full standard output when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    sys.exit(main())
