"""Each sensor has an id of its own, the same after every start."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import DeviceSettings
from edge.report.device_id import device_id

AUTOMATIC = DeviceSettings()


def machine(folder: Path, text: str) -> Path:
    file = folder / "machine-id"
    file.write_text(text)
    return file


def test_a_set_id_is_taken_as_it_is() -> None:
    assert device_id(DeviceSettings(id="hall"), "raspberrypi") == "hall"


def test_two_raspberrypis_differ_and_each_stays_the_same(tmp_path: Path) -> None:
    one = machine(tmp_path, "0123456789abcdef0123456789abcdef\n")
    first = device_id(AUTOMATIC, "raspberrypi", one)
    assert re.fullmatch(r"raspberrypi-[0-9a-f]{4}", first)
    assert device_id(AUTOMATIC, "raspberrypi", one) == first
    two = machine(tmp_path, "fedcba9876543210fedcba9876543210\n")
    assert device_id(AUTOMATIC, "raspberrypi", two) != first


def test_the_machine_id_itself_is_not_shown(tmp_path: Path) -> None:
    for text in ("0123456789abcdef0123456789abcdef", "ffffffffffffffffffffffffffffffff"):
        shown = device_id(AUTOMATIC, "pi", machine(tmp_path, text)).removeprefix("pi-")
        assert not text.startswith(shown)


def test_without_a_machine_id_the_host_name_must_do(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert device_id(AUTOMATIC, "pi", nowhere) == device_id(AUTOMATIC, "pi", machine(tmp_path, "\n"))
    assert device_id(AUTOMATIC, "pi", nowhere) != device_id(AUTOMATIC, "pj", nowhere)


@given(st.text(max_size=80))
def test_any_host_name_gives_an_id_that_may_stand_in_a_topic(host: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", device_id(AUTOMATIC, host, Path("/nowhere")))


def test_a_renamed_host_keeps_what_was_written_down_and_a_copied_card_does_not(tmp_path: Path) -> None:
    one, kept = machine(tmp_path, "0123456789abcdef0123456789abcdef\n"), tmp_path / "device_id"
    first = device_id(AUTOMATIC, "raspberrypi", one, kept)
    kept.write_text(f"{first}\n")
    assert device_id(AUTOMATIC, "hall", one, kept) == first
    assert device_id(DeviceSettings(id="hall"), "hall", one, kept) == "hall"
    other = tmp_path / "other"
    other.mkdir()
    copied = device_id(AUTOMATIC, "hall", machine(other, "f" * 32), kept)
    assert copied.startswith("hall-")
    for torn in ("", "a/b", "\xff", first[:-1], f"{first}/#"):
        kept.write_text(torn, encoding="latin-1")
        assert device_id(AUTOMATIC, "hall", one, kept) == device_id(AUTOMATIC, "hall", one, tmp_path / "nowhere")
