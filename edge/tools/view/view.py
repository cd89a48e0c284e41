"""Run the view as a web server or in the terminal."""

import argparse
from pathlib import Path

from edge import __version__
from edge.config.settings import Settings
from edge.config.texts import is_address
from edge.errors import Unavailable, UsageError
from edge.pose import KEYPOINT_NAMES
from edge.report import configuration
from edge.report.analytics.registry import EVENTS
from edge.runtime.process import configure_logging, stop_on_signals
from edge.tools.view.auth import Address, Auth, address, keep_token, make_token
from edge.tools.view.hub import Hub
from edge.tools.view.message import BONES
from edge.tools.view.overview import Overview
from edge.tools.view.subscriber import Subscriber


def view(arguments: argparse.Namespace) -> None:
    """Show the sensors until Ctrl-C; raises BadSetting, UsageError, Unavailable or OutputFailed."""
    settings = configuration.load_for(arguments)
    if arguments.terminal:
        from edge.tools.view.terminal import show

        show(settings.mqtt)
    else:
        _serve(settings, arguments)


def _serve(settings: Settings, arguments: argparse.Namespace) -> None:
    listens = address(arguments.listen)
    if arguments.no_token and not listens.is_loopback:
        raise UsageError(
            f"--no-token with --listen {arguments.listen}: anybody on the network could look; expected a loopback "
            "address behind a proxy that authenticates users"
        )
    try:
        from edge.tools.view.server import Server
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"{error.name} is not installed; expected the extra view (pip install 'posenet-edge[view]'), or --terminal"
        ) from error
    if arguments.proxy and not is_address(arguments.proxy):
        raise UsageError(f"--proxy {arguments.proxy}: expected the address from which it connects, such as 192.168.1.5")
    kept = Path(arguments.token_file) if arguments.token_file else None
    token = None if arguments.no_token or arguments.proxy else keep_token(kept) if kept else make_token(arguments.token)
    configure_logging("view")
    stopping = stop_on_signals()
    hub = Hub()
    overview = Overview(hub)

    def say(bound: Address) -> None:
        # A service's output is kept in the journal, and a token that stays is a secret.
        print(f"{bound.url()}{f'?token={token}' if token and not kept else ''}", flush=True)

    meanings = [(kind.replace("_", " "), about.help.replace("`", "")) for kind, about in EVENTS.items()]
    setup = {"software": __version__, "parts": KEYPOINT_NAMES, "bones": BONES, "events": meanings}
    with Subscriber(settings.mqtt, overview) as subscriber:
        ask = subscriber.ask if arguments.commands else None
        auth = Auth(listens, token, arguments.host, arguments.proxy)
        Server(hub, overview, auth, setup, ask).run(listens, stopping, say)
