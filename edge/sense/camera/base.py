"""One picture, and the interface behind which every source of pictures stands."""

from collections.abc import Iterator
from types import TracebackType
from typing import ClassVar, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray


class Frame(NamedTuple):
    """One picture as the model wants to see it.

    pixels: RGB uint8 ``[height, width, 3]``, C-contiguous and the receiver's own: no source writes to it again.
    captured_at: monotonic clock, s.
    time: wall clock, s since 1970.
    filmed_at: when what it shows happened, s on whichever clock the source has: a camera's is ``captured_at``, a clip's
    its own, however fast it is played; it may go backwards where a clip begins again.
    """

    pixels: NDArray[np.uint8]
    captured_at: float
    time: float
    filmed_at: float


class Camera(Protocol):
    """A source of frames: open it with ``with``, then iterate over ``frames()``.

    ``frames()`` ends where the source does (a clip, a folder), and raises CameraFailed where a camera stops
    giving frames, BadInput where a file cannot be read further.
    """

    kind: ClassVar[str]
    """One of ``edge.wire.SOURCES``: what ``health`` says of it."""
    lossless: bool
    """True where every frame is wanted and the source waits for its reader (a clip played fast)."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def frames(self) -> Iterator[Frame]: ...
