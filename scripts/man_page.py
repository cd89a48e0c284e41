"""A parser's help as a man page, in the macros of man(7)."""

import argparse
import re


def verbs(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Find the parser of each verb."""
    [found] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found.choices)


def man_page(parser: argparse.ArgumentParser) -> str:
    """Write the page: what the command is, and each verb with its options and its example."""
    lines = [
        f".TH {parser.prog.upper()} 1",
        ".SH NAME",
        f"{_plain(parser.prog)} \\- {_plain('a pose sensor that publishes where joints are, and never a picture')}",
        ".SH SYNOPSIS",
        f".B {_plain(parser.prog)}",
        ".I VERB",
        "[\\fIOPTION\\fR ...]",
        ".SH DESCRIPTION",
        _plain(parser.description or ""),
        *_options(parser),
        ".SH VERBS",
    ]
    for name, verb in verbs(parser).items():
        lines += [f".SS {_plain(name)}", _plain(verb.description or ""), *_options(verb)]
        if verb.epilog:
            example = verb.epilog.partition("\n")[2].strip()
            lines += [".PP", "Example:", ".PP", ".nf", ".RS", _plain(example), ".RE", ".fi"]
    lines += [".SH FILES", ".TP", ".I /etc/posenet\\-edge/config.toml", "the configuration, where it is installed"]
    lines += [".TP", ".I /opt/posenet\\-edge/current/share", "the documentation of the installed version"]
    return "\n".join(lines) + "\n"


def _options(parser: argparse.ArgumentParser) -> list[str]:
    lines = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction) or action.help == argparse.SUPPRESS:
            continue
        names = ", ".join(f"\\fB{_plain(name)}\\fR" for name in action.option_strings)
        value = "" if action.nargs == 0 else f"\\fI{_plain(_value(action))}\\fR"
        lines += [".TP", f"{names} {value}".strip(), _plain((action.help or "") % vars(action))]
    return lines


def _value(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    if action.choices:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return action.dest.upper() if action.option_strings else action.dest


def _plain(text: str) -> str:
    """Write text so that roff takes nothing in it for a command."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", "\\\\&", text, flags=re.MULTILINE)
