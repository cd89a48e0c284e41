"""The choice among the shipped models: by a short trial, the largest that is fast enough."""

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config.settings import CameraSettings, ModelSettings, Settings
from edge.data_files import MODELS
from edge.errors import BadModel
from edge.sense.inference import models
from edge.sense.inference.model_file import find_models
from edge.sense.inference.models import Models, choose, period, share

AUTO = ModelSettings(file="auto")


def shipped(folder: Path, *sizes: tuple[str, int, int]) -> Path:
    """A folder of models of such names, heights and widths, each with the role of its name."""
    roles, entries = ["[role]"], []
    for name, height, width in sizes:
        (folder / f"{name}.tflite").write_bytes(name.encode())
        roles.append(f'{name} = "{name}"')
        entries.append(
            f'[[model]]\nname = "{name}"\nfile = "{name}.tflite"\nheight = {height}\nwidth = {width}\n'
            f'sha256 = "{hashlib.sha256(name.encode()).hexdigest()}"'
        )
    (folder / "models.toml").write_text("\n".join([*roles, *entries]))
    return folder


def names(folder: Path, name: str = "auto") -> list[str]:
    return [file.path.stem for file in find_models(name, folder)]


def test_the_candidates_are_the_models_with_a_role_by_their_size() -> None:
    expected = [f"posenet-075-s16-{size}-int8" for size in ("193x257", "257x353", "353x481")]
    assert names(MODELS) == expected
    assert names(MODELS, "fast") == expected[:1]


def test_one_that_is_not_shipped_is_no_candidate(tmp_path: Path) -> None:
    assert names(shipped(tmp_path, ("big", 30, 40), ("small", 10, 20))) == ["small", "big"]
    (tmp_path / "small.tflite").unlink()
    assert names(tmp_path) == ["big"]
    (tmp_path / "big.tflite").unlink()
    with pytest.raises(BadModel, match=r"model auto: none of big, small is in .*; install again"):
        find_models("auto", tmp_path)


def test_a_damaged_one_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    shipped(tmp_path, ("big", 30, 40), ("small", 10, 20))
    (tmp_path / "big.tflite").write_bytes(b"bi")
    with pytest.raises(BadModel, match=r"big\.tflite: 2 bytes with sha256"):
        find_models("auto", tmp_path)


@pytest.mark.parametrize(
    ("times", "chosen", "tried"),
    [
        ((3.0, 5.0, 9.0), 2, [2]),
        ((3.0, 5.0, 11.0), 1, [2, 1]),
        ((3.0, 12.0, 20.0), 0, [2, 1, 0]),
        ((30.0, 50.0, 90.0), 0, [2, 1, 0]),
    ],
)
def test_the_largest_that_is_fast_enough_is_chosen(times: tuple[float, ...], chosen: int, tried: list[int]) -> None:
    asked: list[int] = []

    def trial(index: int) -> Callable[[], float]:
        def measure() -> float:
            asked.append(index)
            return times[index]

        return measure

    assert choose([trial(index) for index in range(3)], 10.0) == (chosen, times[chosen])
    assert asked == tried


def test_what_is_fast_enough() -> None:
    assert period(15.0) == pytest.approx(0.1)
    assert period(5.0) == pytest.approx(0.2), "a slower camera leaves more time"
    assert share(1) < share(2) == share(4) < 1, "one core has everything else to do as well"


def test_the_real_models_are_tried_and_exchanged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy this machine is: every model keeps one frame in ten seconds, and none keeps 100 million a second.
    caplog.set_level(logging.INFO)
    chosen = Models(Settings(model=AUTO, camera=CameraSettings(frame_rate=0.1)))
    assert (chosen.model.height, chosen.model.width) == chosen.largest == (353, 481)
    assert chosen.look
    assert "a look with posenet-075-s16-353x481-int8 takes" in caplog.text
    smaller = chosen.use(0)
    assert (smaller.height, smaller.width) == (193, 257)
    assert chosen.file.path.stem == "posenet-075-s16-193x257-int8"
    assert chosen.largest == (353, 481), "the camera's frames still suit the largest"
    monkeypatch.setattr(models, "KEPT_RATE", 1e8)
    slow = Models(Settings(model=AUTO, camera=CameraSettings(frame_rate=1e8)))
    assert (slow.index, slow.model.height, slow.largest) == (0, 193, (353, 481))
    assert slow.look
    assert slow.look > slow.most


def test_there_is_no_trial_where_there_is_no_choice() -> None:
    fixed = Models(Settings(model=ModelSettings(file="fast")))
    assert (fixed.look, fixed.index, fixed.largest) == (None, 0, (193, 257))
