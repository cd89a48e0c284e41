"""The crop around people who are small in the frame: they are found better in it."""

import math
from collections.abc import Sequence

from edge.sense.attention.outline import Outline
from edge.sense.attention.view import View

_MIN_GAIN = 1.5
"""Least magnification that is worth it."""
_MARGIN_HEIGHTS = 0.35
"""Space around a body, for what is not seen of it and for its next movement."""
_STEPS = 16
"""Number of sizes of the crop, and of places along each side of the frame, so that it rarely changes."""


def zoom(bodies: Sequence[Outline], size: tuple[int, int], input_size: tuple[int, int]) -> View | None:
    """Make the view of the frame's shape around everybody.

    Args:
        bodies: Everybody in the frame.
        size: Width and height of the frame, px.
        input_size: Width and height of the model's input, px. What the camera does not see cannot be enlarged.

    Returns:
        The view; None if there is nobody, or if it would enlarge too little.
    """
    if not bodies:
        return None
    margins = [_MARGIN_HEIGHTS * body.height for body in bodies]
    left = min(body.left - margin for body, margin in zip(bodies, margins, strict=True))
    top = min(body.top - margin for body, margin in zip(bodies, margins, strict=True))
    right = max(body.right + margin for body, margin in zip(bodies, margins, strict=True))
    bottom = max(body.bottom + margin for body, margin in zip(bodies, margins, strict=True))
    width, height = size
    step = max(width, height) / _STEPS
    left, top = math.floor(left / step) * step, math.floor(top / step) * step
    share = max((right - left) / width, (bottom - top) / height)
    share = max(share, max(input_size[0] / width, input_size[1] / height))
    share = math.ceil(share * _STEPS) / _STEPS
    if share * _MIN_GAIN > 1:
        return None
    across, down = round(share * width), round(share * height)
    return View(round(min(max(left, 0), width - across)), round(min(max(top, 0), height - down)), across, down)
