"""The gate counts what it refuses, by reason."""

from edge import wire
from edge.report.gate import Gate


def test_it_admits_and_counts(frame_line: wire.FrameLine, status_line: wire.StatusLine) -> None:
    gate = Gate(max_poses=10)
    assert gate.admit(wire.encode(frame_line)) == frame_line
    assert gate.admit(wire.encode(status_line)) == status_line
    for line in (b"", b"{}", b"{}", b"x" * 70000):
        assert gate.admit(line) is None
    assert gate.rejected == {"not_json": 1, "wrong_version": 2, "too_long": 1}


def test_it_knows_how_many_poses_were_asked_for(frame_line: wire.FrameLine) -> None:
    gate = Gate(max_poses=1)
    assert gate.admit(wire.encode(frame_line)) is None
    assert gate.rejected == {"too_many_poses": 1}
