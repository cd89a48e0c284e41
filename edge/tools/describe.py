"""Published messages in words for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from edge.report.messages.event import EVENT

SEALS = {True: "sealed", False: "NOT SEALED", None: "seal not known"}
"""``sealed`` of ``health``."""
Labels = Mapping[str, Mapping[str, str]]
"""Texts that people are shown for zones, lines and rules: by ``zone``, ``line`` or ``rule``, then by name."""


def span_in_words(seconds: float) -> str:
    """Describe how long that is: ``12 s``, ``5 min``, ``3 h``, ``2 days``; 0 s for a negative one."""
    seconds = max(0.0, seconds)
    for unit, size in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def shown(labels: Labels, kind: str, name: Any) -> Any:
    """Return the label of a zone, a line or a rule; its name where it has none."""
    return labels[kind].get(name, name) if kind in labels else name


def event_in_words(event: Mapping[str, Any], labels: Labels | None = None) -> str:
    """Describe an event: kind, person, zone, confidence and details.

    Args:
        event: A message on ``event/<kind>``.
        labels: To be shown in place of names; None: there are none.

    Returns:
        One line.
    """
    labels = labels or {}
    words = [_plain(event.get("kind", "?"))]
    if event.get("id") is not None:
        words.append(f"person {event['id']}")
    if event.get("zone") is not None:
        words.append(f"zone {shown(labels, 'zone', event['zone'])}")
    if isinstance(event.get("confidence"), int | float):
        words.append(f"confidence {event['confidence']:.2f}")
    details = (
        "late" if name == "late" else f"{_plain(name)} {shown(labels, name, value)}"
        for name, value in event.items()
        if name not in ("version", *EVENT.fields)
    )
    return ", ".join([*words, *details])


def state_in_words(state: Mapping[str, Any]) -> list[str]:
    """Describe the known values of a state.

    Args:
        state: A message on ``state``.

    Returns:
        A few words for each of them.
    """
    return [words for key, value in state.items() if key not in ("version", "time") for words in _said(key, value)]


def _said(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        # zones, by their names: zone sofa people 2. Of switches only those that are off are worth a word.
        for each, part in value.items():
            if name.startswith("switch") and part is True:
                continue
            yield from _said(f"{name.removesuffix('s')} {each}", part)
    elif isinstance(value, list):
        yield f"{_plain(name)} ({', '.join(map(str, value))})"
    elif value is not None:
        yield f"{_plain(name)} {str(value).lower() if isinstance(value, bool) else value}"


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")
