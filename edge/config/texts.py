"""Texts of config.toml whose form is not told by a pattern: hosts, topics, file names. Each check says what is wrong.

A check is given a text and returns what was expected of it, or an empty text where nothing is wrong.
"""

import ipaddress
import re
from pathlib import Path

_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_BROKER = re.compile(r"(?:\[([^]]*)\]|([^][:]*))(?::([0-9]{1,9}))?")
_HOST = "a host name or address"
_ASPECT = re.compile(r"[1-9][0-9]{0,4}:[1-9][0-9]{0,4}")
_MAX_ASPECT = 4
_LONGEST_LIST = 8
"""Brokers."""
_TOPIC_LEVELS = "levels joined by /, for example home/sensors"
_HIGHEST_PORT = 65535
LONGEST_NAME = 64
"""Characters of a text for people."""
_JOINERS = "\u200c\u200d"
"""Zero-width joiners, which Persian, scripts of India and emoji need; Python takes them for not printable."""
_URL = re.compile(r"https?://([!-.0-~]+?)([/?#][!-~]*)?")
"""Host and port, and the rest."""
_LONGEST_URL = 256
_LONGEST_TOPIC = 128
"""Characters of a topic's first part; MQTT allows 65,535 bytes for the whole, brokers often less."""


def check_host(text: str) -> str:
    """Check the name or address of a broker."""
    if "://" in text:
        return f"{_HOST} alone; what stands before :// is said by mqtt.tls"
    if text.startswith("[") and is_address(text.partition("]")[0][1:]):
        return f"{_HOST} without brackets: {text.partition(']')[0][1:]}"
    if is_address(text):
        address = ipaddress.ip_address(text)
        if address.is_unspecified or address.is_multicast:
            return f"the broker's own address; {text} is none that a connection can be made to"
        return ""
    name, colon, port = text.rpartition(":")
    if colon and port.isdecimal():
        return f'{_HOST} alone: host = "{without_password(name)}" and port = {port}'
    labels = _ascii(text).removesuffix(".").split(".")
    if labels[-1].isdecimal():
        return f"{_HOST}; an address has four numbers from 0 to 255"
    good = len(".".join(labels)) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return "" if good else _HOST


def check_brokers(text: str) -> str:
    """Check a list of brokers."""
    form = "brokers separated by commas, each HOST or HOST:PORT ([ADDRESS]:PORT for IPv6)"
    try:
        brokers = read_brokers(text)
    except ValueError as error:
        return f"{form}; {error}"
    return "" if len(brokers) <= _LONGEST_LIST else f"at most {_LONGEST_LIST} brokers"


def read_brokers(text: str) -> tuple[tuple[str, int], ...]:
    """Read a list of brokers.

    Args:
        text: Separated by commas; empty: none.

    Returns:
        Host and port of each; 0 where no port is given.

    Raises:
        ValueError: One of them is none; says what was expected.
    """
    return tuple(map(read_broker, text.split(","))) if text else ()


def read_broker(text: str) -> tuple[str, int]:
    """Read ``HOST``, ``HOST:PORT`` or, for IPv6, ``[ADDRESS]:PORT``; spaces around it do not matter.

    Returns:
        The host, and the port; 0 where none is given.

    Raises:
        ValueError: It is none; says what was expected.
    """
    text = text.strip()
    if is_address(text):
        host, port = text, None
    elif not (match := _BROKER.fullmatch(text)):
        raise ValueError("HOST and PORT are parted by one colon, and an address with colons has brackets around it")
    else:
        host, port = match[1] or match[2], match[3]
        if match[1] is not None and not is_address(host):
            raise ValueError("brackets are for addresses of IPv6")
    if wrong := check_host(host):
        raise ValueError(f"HOST is {wrong}")
    if port is not None and not 0 < int(port) <= _HIGHEST_PORT:
        raise ValueError(f"a port is from 1 to {_HIGHEST_PORT}")
    return host, int(port or 0)


def check_aspect(text: str) -> str:
    """Check the aspect of a picture."""
    form = "WIDTH:HEIGHT, for example 4:3 or 16:9"
    if not text:
        return ""
    if not _ASPECT.fullmatch(text):
        return form
    return (
        ""
        if 1 / _MAX_ASPECT <= read_aspect(text) <= _MAX_ASPECT
        else f"{form}, from 1:{_MAX_ASPECT} to {_MAX_ASPECT}:1"
    )


def read_aspect(text: str) -> float:
    """Read an aspect that was checked: width by height."""
    width, height = text.split(":")
    return int(width) / int(height)


def check_topic(text: str) -> str:
    """Check the first part of topics."""
    if text.startswith("$"):
        return f"{_TOPIC_LEVELS}; brokers keep what begins with $ for themselves"
    if re.search(r"[#+]", text):
        return f"{_TOPIC_LEVELS}, without # and +"
    if not text.isprintable():
        return f"{_TOPIC_LEVELS}, without control characters"
    levels = text.split("/")
    if not all(levels):
        return f"{_TOPIC_LEVELS}, none of them empty: no / at its begin or end, nor two together"
    if any(level != level.strip() for level in levels):
        return f"{_TOPIC_LEVELS}, without spaces at their begin or end"
    return "" if len(text) <= _LONGEST_TOPIC else f"at most {_LONGEST_TOPIC} characters"


def check_name(text: str) -> str:
    """Check a text for people."""
    good = all(map(is_shown, text)) and len(text) <= LONGEST_NAME and text == text.strip()
    return "" if good else f"one line of at most {LONGEST_NAME} characters, without spaces at its begin or end"


def check_url(text: str) -> str:
    """Check an address that a browser can open."""
    form = "an address with http:// or https://, for example http://sensor.local:8470/"
    if not text:
        return ""
    address = _URL.fullmatch(text)
    if not address or len(text) > _LONGEST_URL:
        return form
    if "@" in address[1]:
        return f"{form}, without a user or password: everybody at the broker can read it"
    try:
        read_broker(address[1])
    except ValueError:
        return form
    return form if is_address(address[1]) and ":" in address[1] else ""


def check_user(text: str) -> str:
    """Check the name of a user at the broker."""
    return "" if text.isprintable() and len(text) <= 1024 else "one line of at most 1024 characters"


def check_file_name(text: str) -> str:
    """Check a path."""
    if not text:
        return "a file name; to have none, leave the key out"
    return "" if text.isprintable() and len(text) <= 1024 else "a file name of at most 1024 characters"


def model_beside(text: str, folder: Path) -> str:
    """Complete ``model.file`` where it is a relative path: one beside the file that has it. A name stays as it is."""
    is_path = "/" in text or text.endswith(".tflite")
    return str(folder / text) if is_path and not text.startswith("~") else text


def source_beside(text: str, folder: Path) -> str:
    """Complete ``camera.source`` where it names a clip or photos that are beside the file that says so."""
    kind, _, name = text.partition(":")
    # Which sources have a file is known to the sources alone, so what is there counts; a camera's name is no file.
    return f"{kind}:{folder / name}" if name and Path(folder / name).exists() else text


def without_password(text: str) -> str:
    """Hide what stands where an address has a password, as errors are shown to others: ``mqtt://me:***@broker``."""
    return re.sub(r":(?!//).*@", ":***@", text, flags=re.DOTALL)


def is_shown(letter: str) -> bool:
    """Tell whether a character is one for people, in any script, and commands no terminal."""
    return letter.isprintable() or letter in _JOINERS


def is_address(text: str) -> bool:
    """Tell whether a text is an address of IPv4 or IPv6."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _ascii(name: str) -> str:
    """Write a name as it is looked up; what cannot be looked up stays as it is."""
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name
