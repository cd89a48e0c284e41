"""The command ``posenet-edge``: verbs to functions, errors to one line and an exit code of sysexits.h."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from edge import __version__
from edge.errors import OutputFailed, PosenetEdgeError

_VERBS = {
    "run": "edge.tools.run:run",
    "sense": "edge.sense.sense:sense",
    "report": "edge.report.report:report",
    "check-config": "edge.tools.check_config:check_config",
    "bench": "edge.tools.bench.bench:bench",
    "schema": "edge.tools.schema:show_schema",
    "apply": "edge.tools.apply:apply",
    "forget": "edge.tools.forget:forget",
    "record": "edge.tools.play.record:record",
    "replay": "edge.tools.play.replay:replay",
    "simulate": "edge.tools.simulate.simulate:simulate",
    "audit": "edge.tools.audit.audit:audit",
    "doctor": "edge.tools.doctor.doctor:doctor",
    "view": "edge.tools.view.view:view",
}
_SOCKET = "/run/posenet-edge/wall.sock"


class _Parser(argparse.ArgumentParser):
    """Ends with EX_USAGE where argparse ends with 2."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(os.EX_USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb; returns the exit code, and shows no user a traceback."""
    chosen = _make_parser().parse_args(arguments)
    if chosen.source is not None:
        chosen.set = [*chosen.set, f"camera.source={_quoted(chosen.source)}"]
    module, _, function = _VERBS[chosen.verb].partition(":")
    try:
        getattr(importlib.import_module(module), function)(chosen)
        sys.stdout.flush()
    except PosenetEdgeError as error:
        if isinstance(error, OutputFailed):
            _forget_stdout()
        if str(error):
            print(f"posenet-edge {chosen.verb}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _forget_stdout()
        return 0
    except OSError as error:
        _forget_stdout()
        print(f"posenet-edge {chosen.verb}: {error}", file=sys.stderr)
        return OutputFailed.exit_code
    except Exception as error:
        if os.environ.get("POSENET_EDGE_TRACEBACK"):
            raise
        print(
            f"posenet-edge {chosen.verb}: a bug: {type(error).__name__}: {error}; please report it with what "
            "POSENET_EDGE_TRACEBACK=1 in the environment shows",
            file=sys.stderr,
        )
        return os.EX_SOFTWARE
    return os.EX_OK


def _quoted(text: str) -> str:
    """``text`` as a TOML string: what is typed after --source is never a number or a truth value."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text) + '"'


def _forget_stdout() -> None:
    """Keeps Python from failing a second time over the same closed or full standard output when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="posenet-edge",
        description="A pose sensor: finds people's joints on the device, publishes them over MQTT, never a picture.",
        epilog="Example: posenet-edge run --source v4l2:/dev/video0 --set mqtt.host=broker.local",
    )
    parser.add_argument("--version", action="version", version=f"posenet-edge {__version__}")
    parser.set_defaults(source=None, set=[], config=None)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, does: str, example: str, configured: bool = True) -> argparse.ArgumentParser:
        # RawDescription keeps an example on one line, to be copied.
        added: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=does,
            description=does[0].upper() + does[1:] + ".",
            epilog=f"Example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if configured:
            added.add_argument(
                "--config", metavar="FILE", help="configuration file (default: /etc/posenet-edge/config.toml, if there)"
            )
            added.add_argument(
                "--set",
                metavar="SECTION.KEY=VALUE",
                action="append",
                default=[],
                help="one setting on top of the file; may be given again",
            )
        return added

    source_help = "auto, picamera2, v4l2:/dev/video0, video:clip.mp4 or stills:folder/ (camera.source)"
    socket_help = f"UNIX socket between the two rooms (default: {_SOCKET})"

    events_help = "print the events, as fast as it can, and publish nothing"

    run = verb(
        "run", "sense and report as two processes, until Ctrl-C", "posenet-edge run --source stills:examples/photos"
    )
    run.add_argument("--source", help=source_help)

    sense = verb(
        "sense",
        "the room with the camera: poses out as lines, no network",
        "posenet-edge sense --source video:clip.mp4 --set video.pace=fast --stdout",
    )
    sense.add_argument("--source", help=source_help)
    way_out = sense.add_mutually_exclusive_group()
    way_out.add_argument("--socket", metavar="PATH", default=_SOCKET, help=socket_help)
    way_out.add_argument("--stdout", action="store_true", help="lines to standard output instead")

    report = verb(
        "report", "the room with the network: lines in, MQTT out", "posenet-edge report --set mqtt.host=broker.local"
    )
    report.add_argument("--socket", metavar="PATH", default=_SOCKET, help=socket_help)
    report.add_argument("--sender", metavar="USER", help="who alone may send lines (default: the user that runs this)")

    check = verb(
        "check-config",
        "check the configuration and the files that it names",
        "posenet-edge check-config --config /etc/posenet-edge/config.toml",
    )
    check.add_argument("--show", action="store_true", help="print every setting in force, as JSON")

    bench = verb("bench", "time each stage and measure memory on this machine", "posenet-edge bench --json --runs 100")
    bench.add_argument("--json", action="store_true", help="machine-readable")
    bench.add_argument("--runs", type=int, default=60, metavar="N", help="frames to time (default: 60)")

    schema = verb("schema", "print the JSON Schema of what is published", "posenet-edge schema poses", configured=False)
    schema.add_argument(
        "name",
        nargs="?",
        choices=("poses", "state", "places", "event", "health", "availability"),
        help="one topic's (default: all, as one object)",
    )
    verb("apply", "make the installed services follow the configuration (as root)", "posenet-edge apply")
    verb("forget", "take this sensor's retained messages off the broker", "posenet-edge forget")
    record = verb(
        "record", "write what a sensor publishes on poses into a file", "posenet-edge record hall.gz --seconds 60"
    )
    record.add_argument("file", metavar="FILE", help="the recording, one JSON object a line, in gzip")
    record.add_argument("--device", metavar="ID", help="whose poses (default: this sensor's)")
    record.add_argument("--seconds", type=float, metavar="N", help="end after N seconds (default: until Ctrl-C)")
    record.add_argument("--force", action="store_true", help="overwrite a file that is there")

    replay = verb("replay", "publish a recording as a sensor of its own", "posenet-edge replay hall.gz --speed 4")
    replay.add_argument("file", metavar="FILE", help="what posenet-edge record wrote")
    replay.add_argument(
        "--name", metavar="ID", help="device id to publish under (default: the recorded one's, -replay)"
    )

    simulate = verb(
        "simulate", "publish a scripted scene as a sensor of its own", "posenet-edge simulate --scene fall --events"
    )
    which = simulate.add_mutually_exclusive_group(required=True)
    which.add_argument("--scene", metavar="NAME", help="what happens")
    which.add_argument("--list", action="store_true", help="print the scenes, with what should be said of each")
    simulate.add_argument("--camera", choices=("corner", "shelf"), default="corner", help="where it hangs")
    simulate.add_argument("--noise", action="store_true", help="poses as wrong as the default model's")
    simulate.add_argument("--seed", type=int, default=0, metavar="N", help="of the noise (default: 0)")
    simulate.add_argument("--rate", type=float, default=15.0, metavar="N", help="frames a second (default: 15)")
    simulate.add_argument("--name", metavar="ID", default="simulated", help="device id (default: simulated)")
    for played in (replay, simulate):
        played.add_argument("--speed", type=float, default=1.0, metavar="N", help="times as fast (default: 1)")
    replay.add_argument("--events", action="store_true", help=events_help)
    once = simulate.add_mutually_exclusive_group()
    once.add_argument("--events", action="store_true", help=events_help)
    once.add_argument("--loop", action="store_true", help="again and again, until Ctrl-C")

    audit = verb(
        "audit", "test what is claimed of the installed services, while they run (as root)", "posenet-edge audit"
    )
    audit.add_argument("--json", action="store_true", help="machine-readable")
    audit.add_argument("--capture", action="store_true", help="also watch 20 s of packets to the broker (tcpdump)")

    doctor = verb("doctor", "look for what goes wrong in the field, and say what to do", "posenet-edge doctor")
    doctor.description = (
        "Looks for what goes wrong in the field, and says what to do about it. Exit status: 0 good or could not tell, "
        "1 warnings, 2 something is bad."
    )
    doctor.add_argument("--json", action="store_true", help="machine-readable")

    view = verb(
        "view", "show what the sensors say, in a browser or a terminal", "posenet-edge view --set mqtt.host=broker.lan"
    )
    view.add_argument("--terminal", action="store_true", help="draw in this terminal instead of serving a page")
    view.add_argument(
        "--listen", metavar="ADDRESS:PORT", default="127.0.0.1:8470", help="where the page is (default: %(default)s)"
    )
    view.add_argument(
        "--host",
        metavar="NAME",
        action="append",
        default=[],
        help="a further name that browsers call it; may be given again",
    )
    view.add_argument(
        "--commands", action="store_true", help="let the page send places to sensors (default: nothing is ever sent)"
    )
    who = view.add_mutually_exclusive_group()
    who.add_argument("--token", help="what a browser must say once (default: a new one, printed)")
    who.add_argument("--no-token", action="store_true", help="on loopback, behind a proxy that asks who it is")
    return parser


if __name__ == "__main__":
    sys.exit(main())
