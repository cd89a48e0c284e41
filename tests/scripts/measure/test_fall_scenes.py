"""The evaluation of falls tells falls from what is none."""

from scripts.measure.fall_scenes import FALLS, OTHERS, confirmed


def test_a_fall_is_confirmed_and_bending_is_not() -> None:
    assert dict(confirmed(FALLS["fall aside"], 180, 7)) == {"corner": True, "shelf": True}
    assert dict(confirmed(OTHERS["bend for long"], 180, 7)) == {"corner": False, "shelf": False}
