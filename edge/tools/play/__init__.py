"""Recorded and scripted poses, published as a sensor of their own or turned into events on the terminal."""

import argparse


def add_speed(parser: argparse.ArgumentParser) -> None:
    """Add ``--speed``, as ``replay`` and ``simulate`` have it."""
    parser.add_argument("--speed", type=float, default=1.0, metavar="N", help="times as fast (default: 1)")


def add_force(parser: argparse.ArgumentParser) -> None:
    """Add ``--force``, as ``replay`` and ``simulate`` have it."""
    parser.add_argument("--force", action="store_true", help="also under the name of a sensor that is online")


def add_events(parser: "argparse.ArgumentParser | argparse._MutuallyExclusiveGroup") -> None:
    """Add ``--events``, as ``replay`` and ``simulate`` have it."""
    parser.add_argument(
        "--events", action="store_true", help="print the events, as fast as it can, and publish nothing"
    )
