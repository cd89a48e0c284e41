"""Feed damaged inputs to one reader: it may refuse them in its own words, and nothing else."""

import os
import random
import re
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.errors import PosenetEdgeError
from edge.runtime.footprint import resident_memory
from tests.fuzz.mutate import Mutator

CORPUS = Path(__file__).parent / "corpus"
"""Inputs by reader that once did harm, or that were answered in a way of their own; tried first in every run."""
HANGS_AFTER_S = 10.0
"""Processor time for one input, so that a busy machine makes nothing fail."""
_MAX_SEEDS = 500
_MAX_BYTES = 4096
"""Greatest length of an input that becomes a seed, as short ones are damaged more thoroughly."""
_GROWTH_MB = 30.0
_SETTLED_AFTER = 1000
"""Inputs after which all is imported and cached, so that more memory is growth."""


@dataclass(frozen=True)
class Reader:
    """Something that reads what others wrote.

    Attributes:
        seeds: Good inputs.
        read: Reads one; what it returns, as a text, or raises names the way in which the input was answered.
        share: Its part of all inputs, in relation to the other readers.
    """

    seeds: tuple[bytes, ...]
    read: Callable[[bytes], object]
    share: float = 1.0


class Harm(AssertionError):
    """What an input did that none may do."""


def kept(name: str) -> list[bytes]:
    """Inputs kept for a reader."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]


def inputs(reader: Reader, name: str, count: int, seed: int, answers: set[str]) -> Iterator[bytes]:
    """Yield the kept inputs, then ``count`` damaged ones; what adds to ``answers`` meanwhile is damaged further."""
    chance = random.Random(f"{seed} {name}")
    mutate = Mutator(chance)
    pool = [*reader.seeds, *kept(name)]
    yield from pool
    for _ in range(count):
        known = len(answers)
        data = mutate(chance.choice(pool), chance.choice(pool))
        yield data
        if len(answers) > known and len(data) <= _MAX_BYTES:
            pool.append(data)
            if len(pool) > _MAX_SEEDS:
                del pool[chance.randrange(len(reader.seeds), len(pool))]


def fuzz(
    reader: Reader,
    name: str,
    count: int,
    seed: int,
    on_input: Callable[[bytes], object] = lambda _: None,
    hangs_after: float = HANGS_AFTER_S,
) -> set[str]:
    """Try inputs in this process.

    Args:
        reader: To try.
        name: Of the reader.
        count: Damaged inputs, beside those that are kept.
        seed: The same seed gives the same inputs.
        on_input: Called with each input before it is read.
        hangs_after: Processor time, s, that one input may take.

    Returns:
        The ways in which inputs were answered.

    Raises:
        Harm: An input led to an error that is not one of ours, took too long, or memory grew.
    """
    answers: set[str] = set()
    before = 0.0
    signal.signal(signal.SIGVTALRM, _hangs)
    try:
        for number, data in enumerate(inputs(reader, name, count, seed, answers)):
            on_input(data)
            signal.setitimer(signal.ITIMER_VIRTUAL, hangs_after)
            try:
                answers.add(_shape(str(reader.read(data))))
            except PosenetEdgeError as refusal:
                answers.add(_shape(f"{type(refusal).__name__}: {refusal}"))
            except Harm:
                raise
            except Exception as error:
                raise Harm("".join(traceback.format_exception(error)[-6:])) from error
            if number == _SETTLED_AFTER:
                before = resident_memory()
        grown = resident_memory() - before
        if before and grown > _GROWTH_MB:
            raise Harm(f"{grown:.0f} MB more than after the first {_SETTLED_AFTER} inputs")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return answers


def fuzz_in_child(reader: Reader, name: str, count: int, seed: int, last: Path) -> str:
    """Fuzz in a child process, which may crash.

    Args:
        reader: As for ``fuzz``.
        name: As for ``fuzz``.
        count: As for ``fuzz``.
        seed: As for ``fuzz``.
        last: File that holds the last input afterwards.

    Returns:
        What went wrong; empty if nothing did.
    """
    with last.open("w+b") as file:
        written = 0

        def note(data: bytes) -> None:
            # Written over in place, and cut off only where it shrinks: it happens for each input.
            nonlocal written
            file.seek(0)
            file.write(data)
            if len(data) < written:
                file.truncate()
            file.flush()
            written = len(data)

        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            said = ""
            try:
                fuzz(reader, name, count, seed, note)
            except BaseException as error:
                said = str(error) or type(error).__name__
            os.write(writing, said.encode()[-3000:])
            os._exit(bool(said))
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read().decode(errors="replace")
        _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return said or (f"ended by {signal.Signals(-code).name}" if code < 0 else "ended without a word" if code else "")


def _hangs(*_: object) -> None:
    raise Harm("not answered within the processor time that an input may take")


def _shape(text: str) -> str:
    """Leave out of an answer what differs from input to input: numbers, and what it quotes."""
    return re.sub(r"[0-9]+", "0", re.sub(r"(['\"]).*?\1", "''", text.partition("\n")[0]))[:160]
