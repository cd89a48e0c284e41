"""An installed wheel has all that the checkout has: code, models, sample photos."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from edge.config.settings import LANGUAGES

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # What builds it is installed and locked: nothing is fetched.
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(PROJECT)], check=True, capture_output=True, text=True)
    (wheel,) = folder.glob("posenet_edge-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_runs_without_the_checkout(unpacked: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(unpacked)!r}); import edge.data_files as p;"
        "from edge.__main__ import main;"
        f"assert p.__file__.startswith({str(unpacked)!r}), p.__file__;"
        "sys.exit(main(['sense', '--stdout', f'--source=stills:{p.PHOTOS}/astronaut.jpg',"
        " '--set=stills.loop=false', '--set=stills.seconds=0']))"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, cwd=unpacked, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    assert '"kind":"frame"' in result.stdout


def test_it_carries_licence_notice_the_page_and_only_committed_models(unpacked: Path) -> None:
    held = {file.name for file in unpacked.rglob("*") if file.is_file()}
    assert {"LICENSE", "NOTICE", "models.toml", "astronaut.jpg", "camera.jpg", "posenet-sense.service"} <= held
    page = {file.name for file in (PROJECT / "edge" / "tools" / "view" / "page").iterdir()}
    assert len(page) > 5
    assert page <= held
    assert {file.name for file in (unpacked / "edge/report/homeassistant/translations").iterdir()} == {
        f"{language}.toml" for language in LANGUAGES if language != "en"
    }
    assert len([name for name in held if name.endswith("-int8.tflite")]) == 5
    assert not [name for name in held if name.endswith("-f32.tflite")]
