"""The gate in the wall: lets through what ``edge.wire`` understands, and counts what it refuses."""

from collections import Counter

from edge import wire
from edge.errors import BadLine


class Gate:
    """``admit(line)`` believes nothing; ``rejected`` counts refusals by reason (``edge.wire.REASONS``)."""

    def __init__(self, max_poses: int) -> None:
        """max_poses: of one frame."""
        self._max_poses = max_poses
        self.rejected: Counter[str] = Counter()

    def admit(self, line: bytes) -> wire.Line | None:
        """What the line says, or None if it was refused."""
        try:
            return wire.decode(line, self._max_poses)
        except BadLine as error:
            self.rejected[error.reason] += 1
            return None
