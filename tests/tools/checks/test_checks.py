"""What is common to audit and doctor: each check is run whatever the others do, and all is told in one form."""

import json
import signal

import pytest

from edge.errors import Unavailable
from edge.tools.checks.finding import Answer, CouldNotTell, Finding, Level, bad, good, judge, unknown, warning, worst
from edge.tools.checks.output import NotAllGood, render_json, row, summary, tell
from edge.tools.checks.runner import Check, run_checks
from edge.tools.progress import Progress

GOOD, UNKNOWN = good("disk", "2 GB free"), unknown("clock", "cannot be asked")
WARNING, BAD = warning("power", "too little", "another supply"), bad("model", "damaged", "install again")
EXIT_CODES = {Level.WARNING: 1, Level.BAD: 2}


def run(*checks: Check) -> list[Finding]:
    return list(run_checks(checks, Progress()))


def raises(error: Exception) -> Check:
    def look() -> Answer:
        raise error

    return Check("clock", look)


def test_a_check_gives_an_answer_a_finding_or_many() -> None:
    assert run(
        Check("disk", lambda: Answer(Level.GOOD, "2 GB free")),
        Check("anything", lambda: BAD),
        Check("broker", lambda: iter([WARNING, UNKNOWN])),
    ) == [GOOD, BAD, WARNING, UNKNOWN]


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (CouldNotTell("it does not run"), "it does not run"),
        (PermissionError(1, "Operation not permitted"), "[Errno 1] Operation not permitted"),
        (Unavailable("no systemctl here"), "no systemctl here"),
    ],
)
def test_what_cannot_be_looked_at_is_not_good_and_hides_no_other_check(error: Exception, found: str) -> None:
    assert run(raises(error), Check("disk", lambda: GOOD)) == [unknown("clock", found), GOOD]


def test_a_bug_in_a_check_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSENET_EDGE_TRACEBACK", raising=False)
    (found,) = run(raises(ZeroDivisionError("division by zero")))
    assert (found.check, found.level) == ("clock", Level.UNKNOWN)
    assert found.found == "a bug in this check: ZeroDivisionError: division by zero"
    monkeypatch.setenv("POSENET_EDGE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run(raises(ZeroDivisionError()))


def test_many_breaches_are_counted() -> None:
    assert judge((str(n) for n in range(20)), "none") == (Level.BAD, "0; 1; 2; 3; 4; 5; and 14 more", "")
    assert judge(["twice", "twice"], "none") == (Level.BAD, "twice", "")
    assert judge([], "none") == (Level.GOOD, "none", "")


@pytest.mark.parametrize(
    ("findings", "level", "code"),
    [
        ([], Level.GOOD, 0),
        ([GOOD, UNKNOWN], Level.UNKNOWN, 0),
        ([WARNING, GOOD], Level.WARNING, 1),
        ([GOOD, BAD, WARNING], Level.BAD, 2),
    ],
)
def test_the_worst_finding_is_the_exit_status(findings: list[Finding], level: Level, code: int) -> None:
    assert worst(findings) is level
    for as_json in (True, False):
        try:
            tell(findings, as_json=as_json, exit_codes=EXIT_CODES, check_width=10)
        except NotAllGood as error:
            assert (error.exit_code, str(error)) == (code, "")
        else:
            assert code == 0


def test_a_row_names_level_check_finding_and_remedy() -> None:
    assert row(GOOD, 10) == "good     disk        2 GB free"
    assert row(WARNING, 10) == "WARNING  power       too little\n                     do: another supply"
    assert row(good("a", "b", "c"), 4) == "good     a     b\n               hint: c"


def test_a_row_that_is_too_long_is_wrapped_and_a_command_in_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    path = "/" + "very-long/" * 12
    lines = row(bad("nowhere to write at all", f"words {path} words", ""), 12).splitlines()
    assert [line[9:21].strip() for line in lines] == ["nowhere to", "write at all", ""]
    assert [line[23:] for line in lines] == ["words", path, "words"]


def test_the_last_line_counts_each_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert summary([GOOD, UNKNOWN, WARNING, WARNING, BAD, BAD]) == "6 checks: 1 good, 1 unknown, 2 warnings, 2 bad"
    tell([GOOD], as_json=False, exit_codes={}, check_width=10, notes={"sharing": "poses"})
    assert capsys.readouterr().out.splitlines() == [
        "good     disk        2 GB free", "", "Told, not judged:", "sharing: poses", "", "1 checks: 1 good",
    ]  # fmt: skip


def test_the_same_for_programs() -> None:
    assert json.loads(render_json([GOOD, WARNING], {"sharing": "poses"})) == {
        "version": 1,
        "worst": "warning",
        "summary": "2 checks: 1 good, 1 warning",
        "findings": [
            {"check": "disk", "level": "good", "found": "2 GB free", "remedy": ""},
            {"check": "power", "level": "warning", "found": "too little", "remedy": "another supply"},
        ],
        "notes": {"sharing": "poses"},
    }


def test_a_check_that_takes_long_is_named_while_it_runs(capfd: pytest.CaptureFixture[str]) -> None:
    now = 0.0

    def look() -> Answer:
        nonlocal now
        now += 3.0
        signal.raise_signal(signal.SIGALRM)
        return Answer(Level.GOOD, "")

    list(run_checks([Check("nowhere to write", look)], Progress("posenet-edge audit", lambda: now)))
    assert capfd.readouterr().err == "posenet-edge audit: nowhere to write ...\n"


def test_a_name_that_others_chose_can_neither_command_the_terminal_nor_end_the_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = judge(["/tmp/\udcff\x1b[2J\x85 may be written"], "")
    with pytest.raises(NotAllGood):
        tell([Finding("nowhere to write", *found)], as_json=False, exit_codes=EXIT_CODES, check_width=20)
    assert "BAD      nowhere to write      /tmp/??[2J? may be written\n" in capsys.readouterr().out
