"""Doctor at the device: each problem planted in files and in what programs say, and found."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from edge.config.settings import ModelSettings, MqttSettings, Settings
from edge.data_files import MODELS
from edge.tools.checks.finding import Level
from edge.tools.checks.machine import Result
from edge.tools.doctor import kernel, packages, power, storage
from edge.tools.doctor.configuration import check_applied, check_model, check_secrets, read_settings
from tests.support.planted_machine import machine

GOOD, UNKNOWN, WARNING, BAD = Level.GOOD, Level.UNKNOWN, Level.WARNING, Level.BAD


@pytest.mark.parametrize(
    ("flags", "level", "words"),
    [
        ("0\n", GOOD, "no under-voltage"),
        ("50005\n", BAD, "now: under-voltage, throttled (0x50005)"),
        ("50000\n", WARNING, "since it started: under-voltage, throttled"),
        ("80008\n", WARNING, "now: soft temperature limit"),
        ("20000", WARNING, "since it started: frequency capped"),
        ("nonsense", UNKNOWN, "does not report"),
    ],
)
@pytest.mark.parametrize("folder", ["soc/soc:firmware", "soc@107c000000/soc@107c000000:firmware"])
def test_power_from_the_firmware(tmp_path: Path, folder: str, flags: str, level: Level, words: str) -> None:
    found = power.check_power(machine(tmp_path, {f"sys/devices/platform/{folder}/get_throttled": flags}))
    assert (found.level, words in found.found) == (level, True), found
    assert bool(found.remedy) == (level in (WARNING, BAD))


@pytest.mark.parametrize(("alarm", "level"), [("0\n", GOOD), ("1\n", BAD)])
def test_power_from_the_kernels_alarm(tmp_path: Path, alarm: str, level: Level) -> None:
    folder = "sys/class/hwmon/hwmon1"
    files = {f"{folder}/name": "rpi_volt\n", f"{folder}/in0_lcrit_alarm": alarm, "sys/class/hwmon/hwmon0/name": "acpi"}
    assert power.check_power(machine(tmp_path, files)).level is level
    assert power.check_power(machine(tmp_path / "elsewhere")).level is UNKNOWN


@pytest.mark.parametrize(("text", "level"), [("48312", GOOD), ("76000", WARNING), ("83000", BAD), ("hot", UNKNOWN)])
def test_temperature(tmp_path: Path, text: str, level: Level) -> None:
    assert power.check_temperature(machine(tmp_path, {"sys/class/thermal/thermal_zone0/temp": text})).level is level


@pytest.mark.parametrize(
    ("free", "level", "words"), [(20e9, GOOD, "20.0 GB"), (300e6, WARNING, "300 MB"), (1e6, BAD, "1 MB")]
)
def test_disk_space(tmp_path: Path, free: float, level: Level, words: str) -> None:
    device = machine(tmp_path, {"proc/mounts": "/dev/mmcblk0p2 / ext4 rw,noatime 0 0\ntmpfs /x tmpfs ro 0 0\n"})
    found = storage.check_disk(device, "/", lambda _: free)
    assert (found.level, words in found.found) == (level, True)
    assert storage.check_disk(device, "/x", lambda _: 0.0).level is GOOD, "a read-only place is never full"
    assert storage.check_disk(device, "/nowhere").level is UNKNOWN


def test_sd_card_wear_is_hints_and_never_a_fault(tmp_path: Path) -> None:
    root = "/dev/mmcblk0p2 / ext4 rw,relatime 0 0\n"
    swap = "Filename\tType\tSize\n/var/swap file 102396 0 -2\n"
    (tmp_path / "var/log/journal").mkdir(parents=True)
    found = storage.check_wear(
        machine(
            tmp_path,
            {"proc/mounts": root, "proc/swaps": swap},
            cat_config=Result(0, "[Journal]\n#Storage=none\n"),
        )
    )
    assert found.level is GOOD
    for word in ("noatime", "swap", "Storage=volatile"):
        assert word in found.remedy
    spared = {
        "proc/mounts": root.replace("relatime", "noatime"),
        "proc/swaps": "Filename\n/dev/zram0 partition 102396 0 100\n",
    }
    config = Result(0, "Storage=persistent\n[Journal]\nStorage=volatile\n")
    assert storage.check_wear(machine(tmp_path, spared, cat_config=config)).remedy == ""
    disk = {"proc/mounts": "/dev/sda1 / ext4 rw,relatime 0 0\n"}
    assert "not on one" in storage.check_wear(machine(tmp_path, disk)).found


@pytest.mark.parametrize(
    ("answer", "level"),
    [(Result(0, "yes\n"), GOOD), (Result(0, "no\n"), WARNING), (Result(1, "", "no bus"), UNKNOWN)],
)
def test_clock(tmp_path: Path, answer: Result, level: Level) -> None:
    assert kernel.check_clock(machine(tmp_path, timedatectl=answer)).level is level


def test_a_kernel_that_does_not_count_memory(tmp_path: Path) -> None:
    file = "sys/fs/cgroup/cgroup.controllers"
    found = kernel.check_memory_limit(machine(tmp_path, {file: "cpuset cpu io pids\n"}))
    assert found.level is WARNING
    assert "cgroup_enable=memory" in found.remedy
    assert kernel.check_memory_limit(machine(tmp_path, {file: "cpuset cpu io memory pids\n"})).level is GOOD
    assert kernel.check_memory_limit(machine(tmp_path / "elsewhere")).level is UNKNOWN


@pytest.mark.parametrize(("every", "hint"), [("0\n", True), ("1min\n", False)])
def test_watchdog(tmp_path: Path, every: str, hint: bool) -> None:
    file = {"sys/class/watchdog/watchdog0/identity": "Broadcom BCM2835 Watchdog timer\n"}
    found = kernel.check_watchdog(machine(tmp_path, file, RuntimeWatchdogUSec=Result(0, every)))
    assert (found.level, bool(found.remedy)) == (GOOD, hint)
    assert "BCM2835" in found.found
    assert kernel.check_watchdog(machine(tmp_path / "elsewhere")).level is UNKNOWN


def probed(code: int = 0, loaded: bool = True, err: str = "", **versions: object) -> Result:
    found = {"python": [3, 11, 2], "prefix": "/v", "numpy": "2.1.0", "ai-edge-litert": None, "tflite-runtime": None}
    found |= {name.replace("_", "-"): version for name, version in versions.items()}
    return Result(code, json.dumps(found) + ("\nloaded\n" if loaded else "\n"), err)


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        (probed(ai_edge_litert="2.3.0"), GOOD, "ai-edge-litert 2.3.0 with numpy 2.1.0"),
        (probed(tflite_runtime="2.14.0", numpy="1.26.4"), GOOD, "numpy 1.26.4"),
        (probed(tflite_runtime="2.14.0"), BAD, "needs numpy 1"),
        (probed(), BAD, "neither"),
        (probed(ai_edge_litert="2.3.0", numpy=None), BAD, "without numpy"),
        (probed(1, False, "Traceback\nImportError: no", ai_edge_litert="2.3.0"), BAD, "does not load: ImportError: no"),
        (probed(132, False, ai_edge_litert="2.3.0"), BAD, "it printed nothing"),
        (Result(127, "", "/v/python: No such file"), UNKNOWN, "did not start"),
    ],
)
def test_runtime_and_numpy_that_fit_each_other(answer: Result, level: Level, words: str) -> None:
    found = packages.check_runtime(answer)
    assert (found.level, words in found.found) == (level, True), found


def test_python() -> None:
    assert packages.check_python(probed()).level is GOOD
    assert packages.check_python(probed(python=[3, 10, 1])).level is BAD
    assert packages.check_python(Result(127, "", "/v/bin/python: No such file or directory")).level is BAD


NO_PICAMERA2 = Result(1, "", "Traceback\nModuleNotFoundError: No module named 'picamera2'\n")
NO_FIT = Result(1, "", "ValueError: numpy.dtype size changed")


@pytest.mark.parametrize(
    ("source", "board", "picamera2", "av", "level"),
    [
        ("picamera2", "Raspberry Pi 4 Model B", Result(0), Result(1), GOOD),
        ("picamera2", "Raspberry Pi 4 Model B", NO_PICAMERA2, Result(0), BAD),
        ("auto", "Raspberry Pi 5 Model B", NO_PICAMERA2, Result(0), WARNING),
        ("auto", "", NO_PICAMERA2, Result(0), GOOD),
        ("auto", "", NO_FIT, Result(0), WARNING),
        (
            "auto",
            "",
            Result(1, "", "ModuleNotFoundError: No module named 'libcamera'"),
            Result(0),
            WARNING,
        ),
        ("auto", "", NO_PICAMERA2, Result(1), BAD),
        ("auto", "", Result(0), Result(0), GOOD),
        ("v4l2:/dev/video0", "", NO_PICAMERA2, Result(0), GOOD),
        ("v4l2:/dev/video0", "", NO_PICAMERA2, Result(1, "", "no av"), BAD),
        ("fake:frames=1", "", NO_PICAMERA2, Result(1), GOOD),
    ],
)
def test_the_cameras_library(
    tmp_path: Path, source: str, board: str, picamera2: Result, av: Result, level: Level
) -> None:
    device = machine(
        tmp_path, {"proc/device-tree/model": f"{board}\0"}, **{"import picamera2": picamera2, "import av": av}
    )
    assert packages.check_camera_library(device, "/v/python", source).level is level


def test_a_broken_configuration(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[camera]\nrotat = 90\n")
    settings, found = read_settings(file, [])
    assert settings is None
    assert (found.level, "camera.rotat" in found.found) == (BAD, True)
    assert read_settings(tmp_path / "nowhere.toml", [])[1].level is BAD
    file.write_text("[camera]\nrotate = 90\n")
    assert read_settings(file, [])[1].level is GOOD


def test_a_password_that_everybody_may_read(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret\n")
    settings = Settings(mqtt=MqttSettings(username="u", password_file=file))
    file.chmod(0o644)
    found = check_secrets(settings)
    assert (found.level, "0644" in found.found) == (BAD, True)
    file.chmod(0o600)
    assert check_secrets(settings).level is GOOD
    assert "secret" not in str(found) + str(check_secrets(settings))


def test_a_password_that_only_root_may_read_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "password"
    file.write_text("secret\n")
    file.chmod(0o600)

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    assert check_secrets(Settings(mqtt=MqttSettings(username="u", password_file=file))).level is UNKNOWN


def test_a_damaged_model(tmp_path: Path) -> None:
    assert check_model(Settings()).level is GOOD
    for file in MODELS.glob("*.t*"):
        (tmp_path / file.name).write_bytes(file.read_bytes()[:-1] + b" ")
    found = check_model(Settings(), tmp_path)
    assert (found.level, "sha256" in found.found) == (BAD, True)


def test_each_model_among_which_one_is_chosen_is_checked(tmp_path: Path) -> None:
    settings = Settings(model=ModelSettings(file="auto"))
    found = check_model(settings)
    assert (found.level, found.found.count(".tflite")) == (GOOD, 3)
    for file in MODELS.glob("*.t*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    damaged = tmp_path / "posenet-075-s16-193x257-int8.tflite"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    found = check_model(settings, tmp_path)
    assert (found.level, damaged.name in found.found) == (BAD, True)


def test_a_configuration_that_nobody_applied(tmp_path: Path) -> None:
    file, settings = "var/lib/posenet-edge/applied.json", Settings()
    applied = json.dumps(asdict(settings), default=str)
    assert check_applied(settings, machine(tmp_path, {file: applied})).level is GOOD
    changed = replace(settings, mqtt=MqttSettings(host="b.lan", tls=True, ca_file=Path("/ca")))
    found = check_applied(changed, machine(tmp_path))
    assert (found.level, "mqtt.host, mqtt.tls, mqtt.ca_file" in found.found) == (WARNING, True)
    assert check_applied(settings, machine(tmp_path, {file: "[]"}, admin=True)).level is WARNING
    assert check_applied(settings, machine(tmp_path / "elsewhere")).level is UNKNOWN
