"""``posenet-edge doctor``: look for what goes wrong in the field, and say what to do about it."""

import argparse

from edge.runtime.command import Command, add_json


def _doctor(arguments: argparse.Namespace) -> None:
    from edge.tools.doctor.doctor import doctor

    doctor(arguments)


COMMAND = Command(
    _doctor, "", add_json, details="Exit status: 0 good or could not tell, 1 warnings, 2 something is bad."
)
