"""Where people are no longer found, and what is said of it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from edge.config.settings import Settings
from edge.data_files import PHOTOS
from edge.image_quality import ImageQuality
from scripts.measure.blindness import DEGRADATIONS, Look, Observer, describe, half_recall, look_at_all

GOOD, DARK = ImageQuality(0.8, 0.25, 2.5), ImageQuality(0.01, 0.25, 2.5)


def test_the_value_around_which_half_are_found() -> None:
    values = np.linspace(0.0, 1.0, 2001)
    assert half_recall(values, values > 0.4) == pytest.approx(0.4, rel=0.05)
    assert half_recall(values, values >= 0.0) == 0.0


def test_what_is_counted() -> None:
    people = [
        Look("dark", 0.1, DARK, seen=True, sure=True),
        Look("dark", 0.1, DARK, seen=True, sure=False),
        Look("dark", 0.1, DARK, seen=False, sure=False),
        Look("dark", 0.1, GOOD, seen=False, sure=False),
    ]
    lines = list(describe(people, [Look("dark", 0.1, DARK, seen=False, sure=False)]))
    (row,) = [line.split() for line in lines if line.startswith("dark ") and line.split()[1] == "0.1"]
    assert row == ["dark", "0.1", "50", "%", "50", "%", "100", "%"]
    assert "called blind with a sure body: 0 of 4" in lines
    assert "nobody found, of those called blind: 50 %" in lines


def test_a_photo_is_degraded_by_all_degrees(tmp_path: Path) -> None:
    shutil.copy(PHOTOS / "astronaut.jpg", tmp_path)
    count, looks = look_at_all(Observer(Settings()), [tmp_path], with_people=True)
    assert count == 1
    assert len(looks) == sum(len(degrees) for _, degrees in DEGRADATIONS.values())
    by_degree = {(look.degradation, look.degree): look for look in looks}
    assert by_degree["dark", 0.3].seen
    assert (by_degree["dark", 0.0].seen, by_degree["dark", 0.0].blind) == (False, True)
    assert (by_degree["haze", 1.0].seen, by_degree["haze", 1.0].blind) == (False, True)
    assert (by_degree["blurred", 0.06].seen, by_degree["blurred", 0.06].blind) == (False, True)
