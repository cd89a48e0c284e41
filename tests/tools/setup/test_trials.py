"""What is started, stopped and asked on a machine with installed services, and on one without."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge.config import loader
from edge.errors import BrokerUnavailable, Told, Unavailable, UsageError
from edge.tools.checks.machine import Machine, Result
from edge.tools.doctor.one_frame import OneFrame
from edge.tools.mosquitto import Mosquitto
from edge.tools.setup import setup as entry
from edge.tools.setup import trials as trying
from edge.tools.setup.aim import Look, Sight
from edge.tools.setup.draft import Draft
from edge.tools.setup.trials import Trials, in_background
from edge.tools.unit_files import REPORT, SENSE
from tests.tools.setup.script import NoTrials, Script

UNIT = "[Service]\nExecStart=/opt/python -m edge sense\nPrivateNetwork=yes\n"


class Systemd:
    """A machine's systemd; ``asked`` has its commands in order."""

    def __init__(self, state: str = "active", unit: str = UNIT) -> None:
        self.asked: list[str] = []
        self._state, self._unit = state, unit

    def __call__(self, words: Sequence[str]) -> Result:
        self.asked.append(" ".join(words))
        if words[1] == "show":
            load = "not-found" if self._state == "absent" else "loaded"
            blocks = (f"Id={name}\nLoadState={load}\nActiveState={self._state}\n" for name in (REPORT, SENSE))
            return Result(0, "\n".join(blocks))
        return Result(0, self._unit if words[1] == "cat" else "")

    def since(self) -> list[str]:
        """What was asked after the units were."""
        return self.asked[1:]


@pytest.fixture
def aimed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Each command that would have been looked through."""
    commands: list[list[str]] = []

    def aim(command: list[str], *_: object) -> Look:
        commands.append(command)
        return Look(Sight(), OneFrame(640, 480))

    monkeypatch.setattr(trying, "aim", aim)
    return commands


def made(systemd: Systemd, path: Path = loader.DEFAULT_PATH) -> Trials:
    return Trials(Machine(run=systemd), path, draws=True, colours=False, say=lambda _: None)


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    (tmp_path / "sensor.toml").write_text("[device]\nid = 'hall'\n")
    draft = Draft(tmp_path / "sensor.toml")
    draft.put({("camera", "source"): 'v4l2:/dev/"odd"'})
    return draft


def test_an_installed_camera_is_looked_through_in_the_sandbox_of_its_service(
    draft: Draft, aimed: list[list[str]]
) -> None:
    systemd = Systemd("inactive")
    trials = made(systemd)
    assert (trials.is_installed, trials.holder()) == (True, None)
    trials.look(draft)
    ((program, *options),) = aimed
    assert program == "systemd-run"
    assert {"--property=PrivateNetwork=yes", "--property=RuntimeMaxSec=605"} <= set(options)
    # What must not be overridden comes last.
    assert options[-3:] == [
        '--set=camera.source="v4l2:/dev/\\U00000022odd\\U00000022"', "--set=camera.wait=false",
        "--set=camera.require_seal=true",
    ]  # fmt: skip
    unit = f"posenet-setup-{os.getpid()}.service"
    assert systemd.since() == [f"systemctl cat {SENSE}", f"systemctl stop {unit}"]


def test_a_service_that_has_the_camera_gets_it_back_whatever_happens(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Look:
        raise KeyboardInterrupt

    monkeypatch.setattr(trying, "aim", interrupted)
    systemd = Systemd("active")
    trials = made(systemd)
    assert trials.holder()
    with pytest.raises(KeyboardInterrupt):
        trials.look(draft)
    first, *_, last = systemd.since()
    assert (first, last) == (f"systemctl stop {SENSE}", f"systemctl start --no-block {SENSE}")


def test_a_unit_that_names_no_program_is_told(draft: Draft, aimed: list[list[str]]) -> None:
    with pytest.raises(Unavailable, match="its ExecStart is ''"):
        made(Systemd("inactive", unit="")).look(draft)
    assert aimed == []


def test_on_a_desk_it_reads_the_file_that_is_written_and_no_other(
    draft: Draft, aimed: list[list[str]], tmp_path: Path
) -> None:
    # A file of one's own beside installed services is a desk too.
    for systemd, path in ((Systemd("absent"), loader.DEFAULT_PATH), (Systemd("inactive"), draft.path)):
        trials = made(systemd, path)
        assert not trials.is_installed
        trials.look(draft)
        trials.look(draft, sealed=False)
        trials.look(Draft(tmp_path / "none.toml"))
    sealed, unsealed, none = aimed[:3]
    assert aimed[3:] == [sealed, unsealed, none]
    assert sealed[:6] == [sys.executable, "-P", "-m", "edge", "sense", "--stdout"]
    assert sealed[6] == f"--config={draft.path}"
    assert sealed[-1] == "--set=camera.require_seal=true"
    assert "--set=camera.require_seal=true" not in unsealed
    assert none[6] == "--config=/dev/null"


def test_whether_another_sensor_has_the_id(broker: Mosquitto, draft: Draft) -> None:
    draft.put({("mqtt", "port"): broker.port})
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    client.publish("posenet/hall/availability", b"online", qos=1, retain=True).wait_for_publish(30)
    client.publish("posenet/attic/availability", b"offline", qos=1, retain=True).wait_for_publish(30)
    # It is this one, which runs here; then it is another's.
    assert not made(Systemd("active")).is_taken(draft)
    assert made(Systemd("active"), draft.path).is_taken(draft)
    for name, taken in (("attic", False), ("door", False), ("hall", True)):
        draft.put({("device", "id"): name})
        assert made(Systemd("inactive")).is_taken(draft) == taken, name
    client.disconnect()
    client.loop_stop()
    broker.stop()
    with pytest.raises(BrokerUnavailable):
        made(Systemd("inactive")).is_taken(draft)


def test_what_is_done_in_the_background_fails_as_in_the_foreground() -> None:
    assert list(in_background(lambda: iter([1, 2]))) == [1, 2]
    with pytest.raises(Unavailable, match="away"):
        list(in_background(lambda: iter_raises()))


def iter_raises() -> "list[int]":
    raise Unavailable("away")


class Start:
    """``posenet-edge setup`` in this process, with a script for a terminal."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path, lines: list[str]) -> None:
        self.applied: list[str] = []
        self.script = Script(lines)
        self._path = path
        trials = NoTrials()
        trials.is_installed = True
        a_terminal = SimpleNamespace(isatty=lambda: True, reconfigure=lambda **_: None, encoding="utf-8")
        monkeypatch.setattr(entry, "sys", SimpleNamespace(stdin=a_terminal, stdout=a_terminal))
        monkeypatch.setattr(entry, "Terminal", lambda: self.script)
        monkeypatch.setattr(entry, "Trials", lambda *_: trials)
        monkeypatch.setattr("edge.tools.apply.apply", lambda arguments: self.applied.append(arguments.config))

    def run(self, **more: object) -> None:
        given = {"config": str(self._path), "no_camera": True, "plain": True, "keep": [], "no_apply": False, **more}
        entry.setup(SimpleNamespace(**given))  # type: ignore[arg-type]


TO_THE_LAST = ["", "h", *[""] * 8]
"""Another broker, and Enter at every other question before whether it is to be written."""


@pytest.mark.parametrize(
    ("answer", "applied"), [(["", ""], True), (["", "y"], True), (["", "n"], False), (["", "<"], False)]
)
def test_it_offers_to_apply_what_was_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: list[str], applied: bool
) -> None:
    start = Start(monkeypatch, tmp_path / "sensor.toml", [*TO_THE_LAST, *answer])
    start.run()
    assert start.applied == ([str(tmp_path / "sensor.toml")] if applied else [])
    assert ("Later: sudo posenet-edge apply" in start.script.shown) != applied
    assert (tmp_path / "sensor.toml").read_text() == '[mqtt]\nhost = "h"\n'


def test_who_leaves_at_that_question_has_it_written_and_not_applied(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    start = Start(monkeypatch, tmp_path / "sensor.toml", [*TO_THE_LAST, ""])
    with pytest.raises(Told):
        start.run()
    assert start.applied == []
    assert "Written, and not applied." in start.script.shown
    assert (tmp_path / "sensor.toml").exists()


def test_what_changes_nothing_is_not_applied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    start = Start(monkeypatch, tmp_path / "sensor.toml", [""] * (len(TO_THE_LAST) + 2))
    start.run()
    assert (start.applied, "services now" in start.script.shown) == ([], False)
    assert not (tmp_path / "sensor.toml").exists()


def test_the_installer_applies_it_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    start = Start(monkeypatch, tmp_path / "sensor.toml", [*TO_THE_LAST, ""])
    start.run(no_apply=True)
    assert start.applied == []


def test_who_may_not_write_the_file_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    start = Start(monkeypatch, tmp_path / "sensor.toml", [])
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match=r"expected root \(sudo posenet-edge setup\), or --config FILE"):
        start.run()
    assert start.script.shown == ""
