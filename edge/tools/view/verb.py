"""``posenet-edge view``: a subscriber at the broker that shows what the sensors say."""

import argparse
import dataclasses
from typing import Any

from edge import __version__, config
from edge.errors import Unavailable, UsageError
from edge.pose import KEYPOINT_NAMES
from edge.process import speak_as, stop_on_signals
from edge.report.device import device_id
from edge.settings import Settings
from edge.tools.view.guard import Address, Guard, address, make_token
from edge.tools.view.hub import Hub
from edge.tools.view.message import BONES
from edge.tools.view.subscriber import Subscriber


def view(arguments: argparse.Namespace) -> None:
    """Shows them until Ctrl-C; raises BadSetting, UsageError, Unavailable or OutputFailed."""
    settings = config.load(config.config_path(arguments.config), arguments.set)
    if arguments.terminal:
        from edge.tools.view.terminal import show

        show(settings.mqtt)
    else:
        _serve(settings, arguments)


def _serve(settings: Settings, arguments: argparse.Namespace) -> None:
    listens = address(arguments.listen)
    if arguments.no_token and not listens.is_loopback:
        raise UsageError(
            f"--no-token with --listen {arguments.listen}: everybody on the network could look; expected a loopback "
            "address, behind a proxy that asks who it is"
        )
    try:
        from edge.tools.view.server import Server
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"{error.name} is not installed; expected the extra view (pip install 'posenet-edge[view]'), or --terminal"
        ) from error
    token = None if arguments.no_token else make_token(arguments.token)
    speak_as("view")
    stopping = stop_on_signals()
    hub = Hub()

    def say(bound: Address) -> None:
        print(f"{bound.url()}{f'?token={token}' if token else ''}", flush=True)

    with Subscriber(settings.mqtt, hub):
        Server(hub, Guard(listens, token, arguments.host), _setup(settings)).run(listens, stopping, say)


def _setup(settings: Settings) -> dict[str, Any]:
    """What the page is told: how to draw, and the zones of the configuration with the sensor that they are of."""
    return {
        "software": __version__,
        "parts": KEYPOINT_NAMES,
        "bones": BONES,
        "owner": device_id(settings.device),
        "zones": [dataclasses.asdict(zone) for zone in settings.zone],
    }
