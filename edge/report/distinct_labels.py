"""Labels that people are shown, no two alike."""

from collections import Counter
from collections.abc import Mapping


def distinct_labels(found: Mapping[str, str]) -> dict[str, str]:
    """Put the name in brackets behind what is shown for two of them.

    Args:
        found: What is shown, by name.

    Returns:
        The same, with no two alike.
    """
    shown = dict(found)
    while len(counted := Counter(shown.values())) < len(shown):
        shown = {name: text if counted[text] == 1 else f"{text} ({name})" for name, text in shown.items()}
    return shown
