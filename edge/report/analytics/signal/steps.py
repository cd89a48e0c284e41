"""Coarse steps: a number that is published often, and need not change with every frame."""

_SLACK = 0.8
"""Change in steps from which on the value follows, so that it does not alternate between two steps."""


class Steps:
    """A number in steps of ``1 / per_unit``; ``value`` is None until one was taken in, and while none is known."""

    def __init__(self, per_unit: float) -> None:
        self._per_unit = per_unit
        self._count: int | None = None

    def update(self, number: float | None) -> None:
        """Take in a number; None where it is not known."""
        steps = None if number is None else number * self._per_unit
        if steps is None or self._count is None or abs(steps - self._count) > _SLACK:
            self._count = None if steps is None else round(steps)

    @property
    def value(self) -> float | None:
        """The number in coarse steps."""
        return None if self._count is None else self._count / self._per_unit
