"""What a shell knows of the command is what the parser says, and works there."""

import os
import pty
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.__main__ import COMMANDS, make_parser
from scripts import shell_files
from scripts.man_page import verbs
from tests.support.waiting import wait_until

PROJECT = Path(__file__).parent.parent.parent
SHARE = PROJECT / shell_files.SHARE
BASH = SHARE / "bash-completion/completions/posenet-edge"
ZSH = SHARE / "zsh/vendor-completions/_posenet-edge"
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


class Zsh:
    """A zsh at a terminal of its own, in which somebody types."""

    def __init__(self, folder: Path) -> None:
        settings = f"""
            fpath=({ZSH.parent} $fpath)
            autoload -Uz compinit
            compinit -u -d {folder}/compinit
            PS1='ready> '
        """
        (folder / ".zshrc").write_text(settings)
        environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        self._terminal, end = pty.openpty()
        self._shell = subprocess.Popen(
            ["zsh", "-i"], stdin=end, stdout=end, stderr=end, cwd=folder, env=environment, start_new_session=True
        )
        os.close(end)
        self._shown = ""
        self.wait_for("ready> ")

    def close(self) -> None:
        self._shell.kill()
        self._shell.wait()
        os.close(self._terminal)

    def wait_for(self, words: str) -> None:
        """Read until the terminal shows them."""
        wait_until(lambda: words in self._read(), what=f"{words!r} in the terminal")

    def press_tab_after(self, line: str) -> None:
        """Clear the line, type another one, and ask for its completion."""
        self._shown = ""
        os.write(self._terminal, b"\x15" + line.encode() + b"\t")

    def _read(self) -> str:
        while select.select([self._terminal], [], [], 0)[0]:
            self._shown += os.read(self._terminal, 65536).decode(errors="replace")
        return self._shown


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh here: scripts/setup zsh")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("posenet-edge doct", "posenet-edge doctor "),
        ("posenet-edge doctor --js", "posenet-edge doctor --json "),
        ("posenet-edge simulate --camera sh", "posenet-edge simulate --camera shelf "),
        ("posenet-edge run --config ha", "posenet-edge run --config hall.toml "),
    ],
)
def test_zsh_completes_verbs_options_words_and_files(tmp_path: Path, typed: str, completed: str) -> None:
    (tmp_path / "hall.toml").touch()
    zsh = Zsh(tmp_path)
    try:
        zsh.press_tab_after(typed)
        zsh.wait_for(completed)
    finally:
        zsh.close()


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
