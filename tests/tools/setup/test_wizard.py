"""The questions one after the other: defaults, ways back, refusals, and what is written of the answers."""

import itertools
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadSetting, OutputFailed
from edge.report import configuration
from edge.runtime import durable
from edge.tools.access_list import instructions
from edge.tools.checks.finding import bad
from edge.tools.checks.machine import Unit
from edge.tools.doctor.one_frame import OneFrame
from edge.tools.setup.dialogue import Dialogue
from edge.tools.setup.draft import Draft
from edge.tools.setup.wizard import Wizard
from tests.tools.setup.script import NoTrials, Script, run

# One answer a question, where no camera is opened: camera, broker, TLS, user, name, id, share, commands, discovery,
# the area, the summary.
DEFAULTS = [""] * 11
COMMENTED = """\
# Mine.
[mqtt]
host = "10.0.0.1"   # the old one, # 2
port = 1884 # odd
username = 'a#b'    # its name
tls = true
ca_file = "ca.pem"  # of the house

[camera] # above the door
rotate = 90  # it hangs
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sensor.toml"


def test_who_agrees_to_everything_changes_nothing(file: Path) -> None:
    for text in ("", COMMENTED):
        file.write_text(text)
        (file.parent / "ca.pem").write_text("")
        draft, script = run(file, ["", "", "", "", "", "", "", "", "", "", "", ""])
        assert (draft.difference(), draft.writes_password) == ([], False)
        assert "Nothing changes" in script.shown


def test_every_answer_is_in_the_file(file: Path) -> None:
    trials = NoTrials()
    answers = ["2", "broker.lan:1884", "n", "me", "s3 cret ", "Hall", "hall", "3", "y", "n", ""]
    draft, script = run(file, answers, trials)
    assert trials.asked == ["me:s3 cret @broker.lan:1884", "me:s3 cret @broker.lan:1884"]
    assert not file.exists()
    draft.write()
    assert tomllib.loads(file.read_text()) == {
        "camera": {"source": "v4l2:/dev/video0"},
        "mqtt": {
            "host": "broker.lan", "port": 1884, "username": "me",
            "password_file": str(file.parent / "secrets/mqtt_password"),
        },
        "device": {"name": "Hall", "id": "hall"},
        "publish": {"share": "events"},
        "command": {"enabled": True},
        "homeassistant": {"discovery": "off"},
    }  # fmt: skip
    secret = file.parent / "secrets/mqtt_password"
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("s3 cret \n", 0o600)
    assert "s3 cret" not in script.shown + file.read_text()
    assert configuration.load(file).mqtt.username == "me"


def test_the_area_is_asked_only_where_home_assistant_discovers_the_sensor(file: Path) -> None:
    draft, script = run(file, [*[""] * 8, "y", "Küche 🍳", ""])
    assert draft.settings.homeassistant.area == "Küche 🍳"
    # What is there is shown, and stays; - takes it away.
    draft.write()
    draft, script = run(file, DEFAULTS)
    assert (draft.difference(), "[Küche 🍳]" in script.shown) == ([], True)
    draft, _ = run(file, [*[""] * 9, "-", ""])
    assert draft.settings.homeassistant.area == ""
    # An area is not asked for where nobody is told of it, nor where an option said it.
    for answers, kept in (([*[""] * 8, "n", ""], ()), ([""] * 10, ("homeassistant.area",))):
        draft, script = run(file, answers, kept=kept)
        assert "which area" not in script.shown
        assert draft.settings.homeassistant.area == "Küche 🍳"


def test_comments_and_everything_else_stay(file: Path) -> None:
    file.write_text(COMMENTED)
    file.chmod(0o640)
    draft, _ = run(file, ["", "10.0.0.2", "n", "sensor", "word", "", "", "", "", "", "", ""])
    draft.write()
    assert (
        file.read_text()
        == f"""\
# Mine.
[mqtt]
host = "10.0.0.2"   # the old one, # 2
port = 0 # odd
username = "sensor"    # its name
tls = false
# of the house
password_file = "{file.parent}/secrets/mqtt_password"

[camera] # above the door
rotate = 90  # it hangs
"""
    )
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_one(file: Path) -> None:
    real = file.with_name("real.toml")
    real.write_text("# mine\n")
    file.symlink_to(real)
    draft, _ = run(file, ["", "h", *DEFAULTS])
    draft.write()
    assert file.is_symlink()
    assert 'host = "h"' in real.read_text()


def test_back_leads_to_the_question_before_and_over_what_was_not_asked(file: Path) -> None:
    # From the name back over the trial to the user, and to TLS; then on with other answers.
    draft, script = run(file, ["", "h", "n", "", "<", "<", "y", "", "u", "p", "", "", "", "", "", "", ""])
    assert (draft.settings.mqtt.tls, draft.settings.mqtt.username) == (True, "u")
    assert script.shown.count("Is the connection encrypted") == 2
    # At the first question there is nothing before it.
    draft, script = run(file, ["<", "<", *DEFAULTS])
    assert script.shown.count("Which camera") == 3


def test_back_in_the_summary_and_once_more_from_the_beginning(file: Path) -> None:
    draft, _ = run(file, ["", "h", *[""] * 6, "y", "", "<", "<", "n", "n", *["", "other", *DEFAULTS]])
    assert (draft.settings.mqtt.host, draft.settings.homeassistant.discovery) == ("other", "off")


def test_a_wrong_answer_is_asked_again_with_the_reason(file: Path) -> None:
    wrong = {
        1: ["9", "webcam", "rtsp://me:secret@camera/1", "video:/nowhere.mp4", b"\xff", f"stills:{'x' * 300}"],
        2: ["mqtt://me:secret@h", "h:70000", "192.168.1.300", "a b", "[h]:1"],
        3: ["perhaps", "0"],
        4: ["a\x07b"],
        6: ["x" * 65],
        7: ["a/b", "ä", "x" * 65],
        8: ["4", "0", "-1", "poses"],
        9: ["ja"],
        10: ["x" * 65, "a\x07b"],
    }
    lines: list[bytes | str] = []
    for number in range(1, 12):
        lines += [*wrong.get(number, []), ""]
    draft, script = run(file, lines)
    assert script.shown.count("Not taken: ") == sum(map(len, wrong.values()))
    assert "secret" not in script.shown
    assert "\x07" not in script.shown
    assert draft.difference() == []


def test_every_question_explains_itself(file: Path) -> None:
    lines = list(itertools.chain.from_iterable(["?", ""] for _ in range(13)))
    draft, script = run(file, lines)
    assert script.shown.count("Enter takes what stands in brackets") == 0
    assert instructions(draft.settings) in script.shown, "how a user is made at the broker, to be copied"


def test_a_broker_that_refuses_is_asked_with_other_answers(file: Path) -> None:
    trials = NoTrials()
    trials.findings = [
        [bad("broker port", "does not answer", "check it")],
        [bad("broker login", "user u was refused", "type both again")],
    ]
    # The other port; then the other user only, and how one is made.
    wrong = ["", "h:1", "n", "u", "p", "1", "h:2", "", "", "", "3", "1", "v", "q"]
    draft, script = run(file, [*wrong, *DEFAULTS], trials)
    assert trials.asked[:3] == ["u:p@h:1", "u:p@h:2", "v:q@h:2"]
    assert script.shown.count("BAD      broker") == 2
    assert "mosquitto_passwd" in script.shown
    assert draft.settings.mqtt.username == "v"


def test_a_broker_that_is_away_may_be_gone_on_with(file: Path) -> None:
    trials = NoTrials()
    trials.findings = [[bad("broker port", "does not answer", "check it")]] * 2
    draft, script = run(file, ["", "h", "", "", "2", "4", *DEFAULTS], trials)
    assert draft.settings.mqtt.host == "h"
    assert "another sensor has this id is not known" in script.shown


def test_an_id_that_is_taken(file: Path) -> None:
    trials = NoTrials()
    trials.taken = [True, False]
    draft, script = run(file, ["", "", "", "", "", "hall", "1", "door", "", "", "", "", ""], trials)
    assert draft.settings.device.id == "door"
    assert "A sensor with this id is online at the broker: posenet/hall" in " ".join(script.shown.split())


def test_an_id_that_the_access_list_does_not_know(file: Path) -> None:
    trials = NoTrials()
    lacks = [bad("own topics", "may not write", "let it")]
    # Before there is an id, that is no reason to stop. Then: the same once more, another id, and on.
    trials.findings = [lacks, lacks, lacks, lacks]
    draft, script = run(file, ["", "", "", "", "", "hall", "2", "3", "1", "door", "4", *DEFAULTS], trials)
    assert draft.settings.device.id == "door"
    assert script.shown.count("It is tried again with the id that you type next.") == 1
    assert script.shown.count("The access list at the broker does not have this id, or not yet.") == 3
    # With one it is.
    trials.findings = [lacks]
    file.write_text('[device]\nid = "hall"\n')
    _, script = run(file, ["", "", "", "", "4", *DEFAULTS], trials)
    assert "other answers" in script.shown


def test_what_an_option_said_is_not_asked(file: Path) -> None:
    kept = ("camera.source", "mqtt.host", "mqtt.username", "mqtt.password_file")
    file.write_text('[mqtt]\nhost = "h"\nusername = "u"\n')
    _, script = run(file, ["", *DEFAULTS], kept=kept)
    for question in ("Which camera", "MQTT broker", "User name", "password"):
        assert question not in script.shown
    # Unless it turns out to be wrong.
    trials = NoTrials()
    trials.findings = [[bad("broker port", "does not answer", "check it")]]
    draft, _ = run(file, ["", "1", "other", *DEFAULTS, ""], trials, kept=kept)
    assert draft.settings.mqtt.host == "other"


def test_another_user_has_another_password(file: Path) -> None:
    (file.parent / "stored").write_text("stored")
    (file.parent / "stored").chmod(0o600)
    file.write_text('[mqtt]\nusername = "u"\npassword_file = "stored"\n')
    draft, script = run(file, ["", "", "", "", "", *DEFAULTS])
    assert (draft.difference(), "[the stored one]" in script.shown) == ([], True)
    draft, script = run(file, ["", "", "", "v", "", *DEFAULTS])
    assert draft.settings.mqtt.password_file is None
    draft, script = run(file, ["", "", "", "-", *DEFAULTS])
    assert (draft.settings.mqtt.username, draft.settings.mqtt.password_file) == ("", None)


def test_a_file_that_somebody_else_changed_meanwhile_is_left_alone(file: Path) -> None:
    draft, _ = run(file, ["", "h", *DEFAULTS])
    file.write_text("# theirs\n")
    with pytest.raises(OutputFailed, match="changed meanwhile"):
        draft.write()
    assert file.read_text() == "# theirs\n"


def test_what_cannot_be_written_takes_the_password_back(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft, _ = run(file, ["", "h", "", "u", "p", *DEFAULTS])
    write = durable.write

    def full(path: Path, content: bytes, mode: int) -> None:
        if path == file:
            raise OSError(28, "No space left on device", str(path))
        write(path, content, mode)

    monkeypatch.setattr(durable, "write", full)
    with pytest.raises(OutputFailed, match="No space left on device; nothing was changed"):
        draft.write()
    assert [each.name for each in file.parent.rglob("*") if each.is_file()] == []


def test_a_key_that_cannot_be_changed_line_by_line_is_told(file: Path) -> None:
    file.write_text('mqtt = {host = "a"}\n')
    draft, script = run(file, ["", "b", *DEFAULTS])
    assert "Not taken: mqtt.host is written in a way" in script.shown
    assert draft.difference() == []


@pytest.mark.parametrize("text", ["[mqtt\n", "[mqtt]\nhots = 1\n", b"\xff"])
def test_a_file_that_cannot_be_used_is_told_and_left(file: Path, text: str | bytes) -> None:
    content = text.encode() if isinstance(text, str) else text
    file.write_bytes(content)
    with pytest.raises(BadSetting):
        run(file, ["", "h", *DEFAULTS])
    assert file.read_bytes() == content


def test_a_camera_that_is_looked_for_again(file: Path) -> None:
    trials = NoTrials()
    trials.found = [[]]
    draft, script = run(file, ["2", "2", *DEFAULTS], trials)
    assert "No camera is found here." in script.shown
    assert draft.settings.camera.source == "v4l2:/dev/video0"


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (OneFrame(code=66, said="no camera found: there is no /dev/video*"), "there is no /dev/video*"),
        (OneFrame(code=74, said="'/dev/video0' is busy; end it"), "is busy"),
        (OneFrame(said="no frame within 40 s"), "no frame within 40 s"),
    ],
)
def test_a_camera_that_gives_nothing(file: Path, outcome: OneFrame, says: str) -> None:
    trials = NoTrials()
    trials.looks = [outcome, outcome]
    # Look, again, another camera, look, on.
    draft, script = run(file, ["", "", "2", "3", "2", "", "1", *DEFAULTS], trials, opens=True)
    assert script.shown.count(says) == 2
    assert trials.looked == [("auto", True), ("auto", True), ("v4l2:/dev/video0", True)]
    assert draft.settings.camera.source == "v4l2:/dev/video0"


def test_a_process_that_cannot_be_sealed_asks_before_it_looks(file: Path) -> None:
    refused = OneFrame(refused=True, breaches=("connect",))
    trials = NoTrials()
    trials.looks = [refused]
    run(file, ["", "", "y", "1", *DEFAULTS], trials, opens=True)
    assert trials.looked == [("auto", True), ("auto", False)]
    # Where the seal is required, it is not asked.
    file.write_text("[camera]\nrequire_seal = true\n")
    trials = NoTrials()
    trials.looks = [refused]
    _, script = run(file, ["", "", "1", *DEFAULTS], trials, opens=True)
    assert trials.looked == [("auto", True)]
    assert "is not sealed: connect" in script.shown


def test_a_service_that_has_the_camera_is_stopped_only_if_somebody_says_so(file: Path) -> None:
    for installed, answers, looks in ((True, ["n"], 0), (True, ["y", "1"], 1), (False, [], 0)):
        trials = NoTrials()
        trials.is_installed = installed
        trials.running = Unit("posenet-sense.service", {"StatusText": "14.8 frames/s, 2 people, sealed"})
        _, script = run(file, ["", *answers, *DEFAULTS], trials, opens=True)
        assert "14.8 frames/s, 2 people, sealed" in script.shown
        assert len(trials.looked) == looks


LINES = st.one_of(
    st.sampled_from(
        [b"", b"<", b"?", b"-", b"y", b"n", b"1", b"2", b"3", b"4", b"hall", b"h:1883", b"u", b"~nobody/x"]
    ),
    st.binary(max_size=30).filter(lambda line: b"\n" not in line),
    st.text(max_size=30).map(lambda text: text.encode(errors="ignore").replace(b"\n", b"")),
)


@given(
    lines=st.lists(LINES, max_size=60),
    text=st.sampled_from(["", COMMENTED, "[mqtt]\nhost='h'\n[[zone]]\nname='z'\npolygon=[[0,0],[1,0],[1,1]]"]),
)
def test_whatever_is_typed_the_file_stays_one(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], text: str
) -> None:
    file = tmp_path_factory.mktemp("any") / "sensor.toml"
    file.write_text(text)
    script, draft = Script([*lines, *[b""] * 30]), Draft(file)
    with suppress(EOFError):
        Wizard(Dialogue(script), draft, NoTrials(), set(), False).run()
    assert configuration.load_text(draft.text, file.parent, "it") == draft.settings
    draft.write()
    assert configuration.load(file) == draft.settings
    assert all(letter.isprintable() or letter == "\n" for letter in script.shown)
