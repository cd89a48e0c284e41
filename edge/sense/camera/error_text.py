"""Text from outside as it may stand in an error message."""


def quoted(text: object) -> str:
    """Quote a path or name: on one line, and at most 200 characters of it."""
    words = str(text)
    return repr(words if len(words) <= 200 else words[:197] + "...")


def reason(error: BaseException) -> str:
    """Tell what an error of a library says, on one line of at most 200 characters."""
    said = getattr(error, "strerror", None) or str(error)
    return " ".join(str(said).split())[:200] or type(error).__name__
