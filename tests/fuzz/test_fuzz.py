"""Damaged input for every reader; ``scripts/fuzz`` does the same at length. And the harness finds what it is for."""

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import UsageError
from tests.fuzz.readers import READERS
from tests.fuzz.run import Harm, Reader, fuzz, fuzz_in_child, inputs

INPUTS = 20_000
"""Of all readers together."""
_SHARES = sum(reader.share for reader in READERS.values())


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", READERS)
def test_damaged_input_is_refused_in_our_own_words(name: str, tmp_path: Path) -> None:
    count = round(INPUTS * READERS[name].share / _SHARES) + 1
    last = tmp_path / "input"
    said = fuzz_in_child(READERS[name], name, count, seed=0, last=last)
    assert not said, f"{said}: {last.read_bytes()[:2000]!r}"


@pytest.mark.parametrize("name", READERS)
def test_good_input_is_read_and_damaged_input_is_not_all_refused_alike(name: str) -> None:
    """Else the readers are not reached at all."""
    count = 5 if name == "model" else 100
    assert len(fuzz(READERS[name], name, count, seed=0)) > 1


def _raises(data: bytes) -> object:
    if b"!" in data:
        raise KeyError("planted")
    raise UsageError("found that, expected this")


def _loops(data: bytes) -> object:
    while b"!" in data:
        pass
    return data


_HOARD: list[bytes] = []


def _grows(_: bytes) -> object:
    return _HOARD.append(os.urandom(1 << 16))


def test_an_error_that_is_not_ours_is_harm() -> None:
    with pytest.raises(Harm, match="KeyError: 'planted'"):
        fuzz(Reader((b"a", b"b!"), _raises), "planted", 10, 0)


def test_an_endless_loop_is_harm() -> None:
    with pytest.raises(Harm, match="not answered"):
        fuzz(Reader((b"a", b"b!"), _loops), "planted", 10, 0, hangs_after=0.05)


def test_memory_that_grows_is_harm(tmp_path: Path) -> None:
    assert "MB more" in fuzz_in_child(Reader((b"a",), _grows), "planted", 2000, 0, tmp_path / "last")


def test_a_crash_is_harm_and_its_input_is_known(tmp_path: Path) -> None:
    def crashes(data: bytes) -> object:
        if b"!" in data:
            os.kill(os.getpid(), signal.SIGKILL)
        return data

    last = tmp_path / "last"
    assert fuzz_in_child(Reader((b"longer", b"b!"), crashes), "planted", 10, 0, last) == "ended by SIGKILL"
    assert last.read_bytes() == b"b!"


def test_the_same_seed_gives_the_same_inputs() -> None:
    reader = Reader((b'{"a": 1}', b"zone == 'bed'"), len)
    one, again, other = (list(inputs(reader, "planted", 200, seed, set())) for seed in (1, 1, 2))
    assert one == again != other
