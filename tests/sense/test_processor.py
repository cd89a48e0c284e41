"""What the kernel's files say of the processor."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sense.processor import is_throttled, temperature, throttled_flags


def plant(root: Path, path: str, text: str) -> Path:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
    return root


def test_temperature(tmp_path: Path) -> None:
    path = "sys/class/thermal/thermal_zone0/temp"
    assert temperature(tmp_path) is None
    assert temperature(plant(tmp_path, path, "48312\n")) == 48.312
    assert temperature(plant(tmp_path, path, "hot\n")) is None


@pytest.mark.parametrize(
    ("flags", "is_so"),
    [
        ("0\n", False),
        ("4\n", True),
        ("2\n", True),
        ("e000e\n", True),
        ("80008\n", False),  # the soft limit
        ("50000\n", False),  # was so once
        ("50005\n", False),  # for lack of power
        ("nonsense\n", False),
    ],
)
@pytest.mark.parametrize("folder", ["soc/soc:firmware", "soc@107c000000/soc@107c000000:firmware"])
def test_throttled_by_heat(tmp_path: Path, folder: str, flags: str, is_so: bool) -> None:
    assert not is_throttled(tmp_path)
    assert is_throttled(plant(tmp_path, f"sys/devices/platform/{folder}/get_throttled", flags)) is is_so


@given(text=st.text(max_size=20))
def test_whatever_the_file_holds(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    root = plant(tmp_path_factory.mktemp("sys"), "sys/devices/platform/soc:firmware/get_throttled", "")
    (root / "sys/devices/platform/soc:firmware/get_throttled").write_bytes(text.encode(errors="surrogatepass"))
    flags = throttled_flags(root)
    assert flags is None or isinstance(flags, int)
