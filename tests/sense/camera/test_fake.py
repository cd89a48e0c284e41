import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadSetting, CameraFailed, NoSource
from edge.sense.camera.fake.source import FakeSource, Step, forget, parse_script, picture
from tests.support.camera import Time, make_settings, request, take


@pytest.fixture(autouse=True)
def _no_cameras() -> None:
    forget()


def camera(script: str, time: Time | None = None, **settings: object) -> FakeSource:
    time = time or Time()
    return FakeSource(request(make_settings(size="64x48", **settings), time, script), time.clock)  # type: ignore[arg-type]


def test_gives_frames_that_can_be_foretold_at_the_frame_rate() -> None:
    time = Time()
    frames = take(camera("", time, frame_rate=10.0), 3)
    assert all(np.array_equal(frame.content, picture(number, 64, 48)) for number, frame in enumerate(frames))
    assert [frame.captured_at for frame in frames] == pytest.approx([1000.0, 1000.1, 1000.2])
    assert time.waits == pytest.approx([0.1, 0.1])


def test_its_size_is_640x480_unless_set() -> None:
    time = Time()
    (frame,) = take(FakeSource(request(make_settings(), time), time.clock), 1)
    assert frame.content.shape == (480, 640, 3)


def test_a_script_from_beginning_to_end() -> None:
    source = camera("frames=2,stall=1,frames=1,fail=unplugged,busy,missing,frames=1,end")
    with pytest.raises(CameraFailed, match="unplugged"):
        take(source)
    with pytest.raises(CameraFailed, match="busy"):
        take(source)
    with pytest.raises(NoSource, match="missing"):
        take(source)
    # Another object for the same device goes on where the last one stopped: with frame number 3.
    (frame,) = take(camera("frames=2,stall=1,frames=1,fail=unplugged,busy,missing,frames=1,end"))
    assert np.array_equal(frame.content, picture(3, 64, 48))
    with pytest.raises(CameraFailed, match="unplugged"):
        take(source)


def test_goes_on_within_a_step() -> None:
    source = camera("frames=5,end")
    assert len(take(source, 2)) == 2
    assert len(take(source)) == 3
    assert len(take(source)) == 5


def test_without_end_there_is_none() -> None:
    assert len(take(camera("frames=2"), 9)) == 9


def test_a_stall_is_waited_for_and_a_long_one_is_a_failure() -> None:
    time = Time()
    assert len(take(camera("stall=3,frames=1,end", time))) == 1
    assert time.waits[0] == 3
    time = Time()
    with pytest.raises(CameraFailed, match="no frame for 2 s"):
        take(camera("stall=3.5,end", time, timeout=2.0))
    assert time.waits == [2.0]


def test_a_stop_during_a_stall_ends_it_quietly() -> None:
    assert take(camera("stall=60,fail=unplugged", Time(stop_after=1))) == []


def test_is_busy_while_it_is_open() -> None:
    with camera("frames=9"), pytest.raises(CameraFailed, match="busy"), camera("frames=9"):
        pass
    assert len(take(camera("frames=9"), 1)) == 1


def test_one_that_could_not_be_opened_does_not_release_the_other() -> None:
    with camera("frames=9"):
        for _ in range(2):
            with pytest.raises(CameraFailed, match="busy"):
                take(camera("frames=9"))


@pytest.mark.parametrize(
    "script",
    [
        *("frames", "frames=0", "frames=-1", "frames=1.5", "frames=٣", "frames=12345678", "stall", "stall=x"),
        *("fail=", "fail=Two words", "busy=1", "frames=1,,end", ",", " end", "end ", "end,busy", "end,end", "x" * 999),
    ],
)
def test_scripts_that_are_none(script: str) -> None:
    with pytest.raises(BadSetting) as caught:
        parse_script(script)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


STEPS = st.one_of(
    st.builds(lambda n: Step("frames", str(n)), st.integers(1, 9_999_999)),
    st.builds(lambda s: Step("stall", f"{s:.3f}"), st.floats(0, 9999)),
    st.builds(lambda word: Step("fail", word), st.from_regex(r"[a-z0-9_-]{1,40}", fullmatch=True)),
    st.sampled_from([Step("busy", ""), Step("missing", "")]),
)


@given(st.lists(STEPS), st.booleans())
def test_a_script_says_its_steps(steps: list[Step], ends: bool) -> None:
    steps = [*steps, Step("end", "")] if ends else steps
    text = ",".join(f"{verb}={value}" if value else verb for verb, value in steps)
    assert parse_script(text) == tuple(steps)


@given(st.one_of(st.text(), st.text(alphabet="frames=19,stalipubydg.-")))
def test_any_text_is_a_script_or_a_bad_setting(text: str) -> None:
    try:
        steps = parse_script(text)
    except BadSetting as error:
        assert "fake camera" in str(error)
    else:
        assert ",".join(f"{verb}={value}" if value else verb for verb, value in steps) == text
