"""What a shell knows of the command is what the parser says, and works there."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge.__main__ import COMMANDS, make_parser
from scripts import shell_files
from scripts.man_page import verbs

PROJECT = Path(__file__).parent.parent.parent
SHARE = PROJECT / shell_files.SHARE
BASH = SHARE / "bash-completion/completions/posenet-edge"
MAN = SHARE / "man/man1/posenet-edge.1"


def test_the_files_are_up_to_date() -> None:
    there = {path.relative_to(SHARE) for path in SHARE.rglob("*") if path.is_file()}
    made = shell_files.make()
    assert there == set(made)
    for path, text in made.items():
        assert (SHARE / path).read_text() == text, f"{path} is not up to date: run {shell_files.COMMAND}"


def completed(*words: str, folder: Path = PROJECT) -> set[str]:
    """What bash offers for the last word."""
    script = f"""
        source {BASH}
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        $(complete -p posenet-edge | sed 's/.*-F \\([^ ]*\\).*/\\1/') posenet-edge "${{@: -1}}" "${{@: -2:1}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    bash = ["bash", "--norc", "-c", script, "bash", "posenet-edge", *words]
    return set(subprocess.run(bash, capture_output=True, text=True, check=True, cwd=folder).stdout.split())


def test_bash_completes_verbs_options_words_and_files(tmp_path: Path) -> None:
    (tmp_path / "hall.toml").touch()
    assert completed("") >= set(COMMANDS)
    assert completed("do") == {"doctor"}
    assert completed("doctor", "--j") == {"--json"}
    assert completed("simulate", "--camera", "s") == {"shelf"}
    assert completed("run", "--config", "ha", folder=tmp_path) == {"hall.toml"}


def test_the_man_page_has_every_verb_and_option() -> None:
    page = MAN.read_text().replace("\\-", "-")
    for name, verb in verbs(make_parser(*COMMANDS)).items():
        section = page.partition(f".SS {name}\n")[2].partition("\n.S")[0]
        options = {option for action in verb._actions for option in action.option_strings} - {"-h", "--help"}
        assert section
        assert {option for option in options if f"\\fB{option}\\fR" not in section} == set()


@pytest.mark.skipif(not shutil.which("groff"), reason="no groff here")
def test_roff_finds_nothing_wrong_with_the_man_page() -> None:
    result = subprocess.run(["groff", "-man", "-ww", "-Tutf8", MAN], capture_output=True, text=True, check=True)
    assert result.stderr == ""
    assert "posenet-edge doctor" in result.stdout.replace("‐", "-")
