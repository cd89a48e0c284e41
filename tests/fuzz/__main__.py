"""``python -m tests.fuzz``: damaged inputs for each reader, in children of this process."""

import argparse
import hashlib
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.readers import READERS
from tests.fuzz.run import CORPUS, fuzz_in_child

_ROUND = 20_000
"""Inputs, of all readers together, between two lines of progress."""


def main() -> None:
    """Exit with 1 if an input did harm; it is kept in the corpus."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Feed damaged inputs to all that reads them.")
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"only these of {', '.join(READERS)}")
    parser.add_argument(
        "--inputs", type=int, default=1_000_000, help="of all readers together, at least (default: a million)"
    )
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="the same gives the same inputs")
    asked = parser.parse_args()
    if unknown := set(asked.readers) - set(READERS):
        parser.error(f"found {', '.join(sorted(unknown))}; expected some of {', '.join(READERS)}")
    logging.disable()
    chosen = {name: READERS[name] for name in asked.readers or READERS}
    shares = sum(reader.share for reader in chosen.values())
    print(f"seed {asked.seed}", flush=True)
    tried = harmed = 0
    for turn in range(-(-asked.inputs // _ROUND)):
        for name, reader in chosen.items():
            count = max(1, round(min(_ROUND, asked.inputs) * reader.share / shares))
            with tempfile.TemporaryDirectory() as folder:
                last = Path(folder) / "input"
                if said := fuzz_in_child(reader, name, count, asked.seed + turn, last):
                    print(f"{name}: {said}\n{name}: kept as {_keep(name, last.read_bytes())}", flush=True)
                    harmed += 1
            tried += count
        print(f"{tried:,} inputs, {harmed} harmful", flush=True)
    sys.exit(bool(harmed))


def _keep(name: str, data: bytes) -> Path:
    path = CORPUS / name / hashlib.sha256(data).hexdigest()[:16]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
