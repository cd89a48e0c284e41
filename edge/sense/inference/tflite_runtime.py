"""Make a TensorFlow Lite interpreter with whichever of its two packages is installed."""

import contextlib
import importlib
import os
from collections.abc import Iterator
from typing import Any

from edge.errors import Unavailable

_PACKAGES = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter")


def make_interpreter(content: bytes, threads: int) -> Any:
    """Make an interpreter and allocate its tensors.

    Args:
        content: Of the .tflite file.
        threads: For inference.

    Returns:
        An ``Interpreter`` of the package that is installed.

    Raises:
        Unavailable: There is no runtime, or it does not load.
        ValueError: The model cannot be used.
    """
    for package in _PACKAGES:
        try:
            module = importlib.import_module(package)
        except ModuleNotFoundError:
            continue
        except ImportError as error:
            raise Unavailable(f"{package} is installed but does not load: {error}") from error
        with _quiet_stderr():
            interpreter = module.Interpreter(model_content=content, num_threads=threads)
            interpreter.allocate_tensors()
        return interpreter
    raise Unavailable("no TensorFlow Lite runtime; expected ai-edge-litert (64 bit) or tflite-runtime: pip install it")


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Discard what the C++ code prints ("INFO: Created TensorFlow Lite XNNPACK delegate"); errors are exceptions."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def choose_threads(wanted: int) -> int:
    """Choose the number of threads for inference.

    Args:
        wanted: 0: all cores but one, at least 1, at most 4. One core stays free because the threads wait by spinning,
            which makes inference many times slower on a machine without a free core.

    Returns:
        At least 1.
    """
    return wanted or max(1, min(4, len(os.sched_getaffinity(0)) - 1))
