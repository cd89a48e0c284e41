"""How much a service logs: the setting, its two options, and a reload."""

import subprocess
from pathlib import Path

import pytest

from edge.__main__ import make_parser
from edge.data_files import PHOTOS
from tests.support.commands import command

ONE_FRAME = ["--set=stills.loop=false", "--set=stills.seconds=0", "--stdout"]


def logged(*options: str) -> subprocess.CompletedProcess[str]:
    result = command("sense", f"--source=stills:{PHOTOS / 'astronaut.jpg'}", *ONE_FRAME, *options)
    assert result.returncode == 0, result.stderr
    return result


def test_verbose_says_more_and_quiet_only_what_is_wrong() -> None:
    usual, verbose, quiet = (logged(*options).stderr for options in ([], ["--verbose"], ["--quiet"]))
    assert "frames of 512x512" in usual
    assert "1 person" not in usual
    assert "frames of 512x512" in verbose
    assert "sense: ended" in verbose
    assert "frames of" not in quiet


def test_the_last_of_options_and_settings_holds(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[log]\nlevel = 'error'\n")
    assert "frames of" not in logged(f"--config={file}").stderr
    assert "frames of" in logged(f"--config={file}", "--quiet", "--set=log.level=info").stderr


@pytest.mark.parametrize("verb", ["run", "sense", "report"])
def test_what_logs_has_both_options(verb: str) -> None:
    for option, level in (("--verbose", "debug"), ("--quiet", "warning")):
        assert make_parser(verb).parse_args([verb, option]).set == [f"log.level={level}"]
