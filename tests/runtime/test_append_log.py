"""Whatever happens to the file, each line is read as it was written, or not at all."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.runtime.append_log import AppendLog

contents = st.binary(max_size=40).filter(lambda content: b"\n" not in content)


def written(path: Path, *lines: bytes) -> AppendLog:
    log = AppendLog(path)
    log.rewrite(lines[:1])
    for line in lines[1:]:
        log.append(line)
    return log


def read(folder: Path, whole: bytes) -> list[bytes | None]:
    (folder / "damaged").write_bytes(whole)
    return AppendLog(folder / "damaged").read()


def test_what_was_appended_is_read(tmp_path: Path) -> None:
    log = written(tmp_path / "log", b"one", b"", b"three", "fünf".encode())
    assert log.read() == [b"one", b"", b"three", "fünf".encode()]
    assert log.size == (tmp_path / "log").stat().st_size
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_no_file_holds_nothing(tmp_path: Path) -> None:
    assert AppendLog(tmp_path / "log").read() == []


def test_a_line_that_is_torn_at_any_byte_harms_no_other(tmp_path: Path) -> None:
    written(tmp_path / "log", b"one", b"two", b"three").close()
    whole = (tmp_path / "log").read_bytes()
    ends = [index + 1 for index, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole) + 1):
        found = read(tmp_path, whole[:length])
        # All but the line break is a whole line too.
        entire = sum(end - 1 <= length for end in ends)
        assert found[:entire] == [b"one", b"two", b"three"][:entire]
        assert found[entire:] in ([], [None])


def test_every_flipped_bit_is_noticed(tmp_path: Path) -> None:
    written(tmp_path / "log", b"one", b"two", b"three").close()
    whole = (tmp_path / "log").read_bytes()
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        found = read(tmp_path, bytes(changed))
        assert None in found
        assert [line for line in found if line is not None] in (
            [each for each in (b"one", b"two", b"three") if each not in gone]
            for gone in ([b"one"], [b"two"], [b"three"], [b"one", b"two"], [b"two", b"three"])
        )


@given(st.lists(contents), st.binary())
def test_garbage_is_no_line(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], garbage: bytes) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    log = AppendLog(path)
    log.rewrite(lines)
    log.close()
    with path.open("ab") as file:
        file.write(garbage)
    assert log.read()[: len(lines)] == lines
    assert not any(log.read()[len(lines) :])


def test_a_line_that_is_written_in_part_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = written(tmp_path / "log", b"one")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:5]))
    with pytest.raises(OSError, match="No space left on device"):
        log.append(b"two")
    monkeypatch.undo()
    assert (tmp_path / "log").read_bytes().count(b"\n") == 1
    assert log.read() == [b"one"]
    with pytest.raises(OSError, match="is not open"):
        log.append(b"three")
    log.rewrite([b"one", b"three"])
    log.append(b"four")
    assert log.read() == [b"one", b"three", b"four"]
