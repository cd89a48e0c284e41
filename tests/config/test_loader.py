"""Configuration: what the example says is what is built in, and what does not belong there is refused by name."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import loader
from edge.config.settings import Settings, lists, sections
from edge.config.texts import check_brokers, check_host, check_name, check_topic, check_url, read_brokers
from edge.errors import BadSetting
from edge.report import configuration
from edge.report.analytics.detectors.presence import PresenceSettings
from edge.report.analytics.registry import SECTIONS

ALL = sections() | SECTIONS | lists()
EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "posenet-edge.toml"


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_example_equals_the_defaults(tmp_path: Path) -> None:
    assert configuration.load(EXAMPLE) == configuration.load(write(tmp_path, ""))
    assert loader.load(EXAMPLE) == Settings()


def uncommented() -> str:
    """The example with every line in force that is a comment because its default is to be left out."""
    text = re.sub(r"^# (\w+ = |\[\[)", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)
    text = re.sub(r"^marks = .*\n", "", text, flags=re.MULTILINE)
    return text.replace("tls = false", "tls = true").replace('username = ""', 'username = "sensor"')


def test_the_example_shows_every_setting() -> None:
    shown = {name: set(*part) if name in lists() else set(part) for name, part in tomllib.loads(uncommented()).items()}
    # The marks stand there as another way beside the floor's three other keys.
    shown["floor"].add("marks")
    assert shown == {name: {field.name for field in fields(section)} for name, section in ALL.items()}


def test_the_example_marks_what_is_live() -> None:
    text = EXAMPLE.read_text()
    marked = set()
    for name, section in ALL.items():
        part = re.split(r"\n(?:# )?\[", text[text.index(f"[{name}]") :])[0]
        whole = "(live)" in part.splitlines()[0]
        assert whole or name not in {**SECTIONS, **lists()}
        for field in fields(section):
            line = next(line for line in part.splitlines() if re.match(rf"(# )?{field.name} = ", line))
            if whole or "(live)" in line:
                marked.add((name, field.name))
    assert marked == {
        (name, field.name)
        for name, section in ALL.items()
        for field in fields(section)
        if field.metadata.get("live") or name in {**SECTIONS, **lists()}
    }


def test_the_uncommented_example_is_accepted(tmp_path: Path) -> None:
    settings = configuration.load(write(tmp_path, uncommented()))
    assert settings.picamera.exposure == 10000
    assert settings.mqtt.password_file == tmp_path / "mqtt-password"


@pytest.mark.parametrize(
    ("text", "section", "key", "expected"),
    [
        ("[model]\nfile = 'own.tflite'", "model", "file", "{}/own.tflite"),
        ("[model]\nfile = 'mine/own'", "model", "file", "{}/mine/own"),
        ("[model]\nfile = '/srv/own.tflite'", "model", "file", "/srv/own.tflite"),
        ("[model]\nfile = '~/own.tflite'", "model", "file", "~/own.tflite"),
        ("[model]\nfile = 'fast'", "model", "file", "fast"),
        ("[camera]\nsource = 'video:hall.mp4'", "camera", "source", "video:{}/hall.mp4"),
        ("[camera]\nsource = 'video:/srv/hall.mp4'", "camera", "source", "video:/srv/hall.mp4"),
        ("[camera]\nsource = 'video:none.mp4'", "camera", "source", "video:none.mp4"),
        ("[camera]\nsource = 'fake:stall=3'", "camera", "source", "fake:stall=3"),
        ("[camera]\nsource = 'auto'", "camera", "source", "auto"),
        ("[mqtt]\nusername = 'u'\npassword_file = 'secret'", "mqtt", "password_file", "{}/secret"),
    ],
)
def test_a_relative_file_is_beside_the_configuration_whatever_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, section: str, key: str, expected: str
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hall.mp4").touch()
    (tmp_path / "etc" / "config.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    for path in (Path("etc/config.toml"), tmp_path / "etc" / "config.toml"):
        settings = configuration.load(path, ["camera.rotate=90"])
        assert str(getattr(getattr(settings, section), key)) == expected.format(tmp_path / "etc")


def test_what_is_typed_is_relative_to_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "hall.mp4").touch()
    assignments = ["model.file=own.tflite", "camera.source=video:hall.mp4"]
    settings = configuration.load(write(tmp_path, ""), assignments)
    assert (settings.model.file, settings.camera.source) == ("own.tflite", "video:hall.mp4")


RULE = "[[rule]]\nname = 'reach'\nwhen = '"
SQUARE = "polygon = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]"
FLOOR = "[floor]\ncamera_height = 2.2\ntilt = 20\nfield_of_view = 62\n"


def test_there_may_be_several_zones(tmp_path: Path) -> None:
    text = f"[[zone]]\nname = 'sofa'\n{SQUARE}\n[[zone]]\nname = 'bed'\nenter = 2\npolygon = [[0, 0], [1, 0], [0, 1]]"
    sofa, bed = configuration.load(write(tmp_path, text), ["camera.rotate=90"]).zone
    assert (sofa.name, sofa.polygon[2], sofa.dwell) == ("sofa", (0.9, 0.9), 0.0)
    assert (bed.name, bed.polygon, bed.enter) == ("bed", ((0, 0), (1, 0), (0, 1)), 2.0)


def test_places_may_be_in_metres_where_the_floor_is_known(tmp_path: Path) -> None:
    bed = "[[zone]]\nname = 'bed'\npolygon = [[-2, 3], [-1, 3], [-1, 5]]\nunit = 'metres'\n"
    door = "[[line]]\nname = 'door'\nunit = 'metres'\nstart = [-2, 3]\nend = [2, 3]\n"
    marks = "[floor]\nmarks = [[0.1, 0.9, -1, 2], [0.9, 0.9, 1, 2], [0.7, 0.6, 1, 4], [0.3, 0.6, -1, 4]]\n"
    for floor in (FLOOR, marks):
        settings = configuration.load(write(tmp_path, floor + bed + door), ["camera.rotate=90"])
        assert settings.zone[0].polygon == ((-2.0, 3.0), (-1.0, 3.0), (-1.0, 5.0))
        assert settings.line[0].end == (2.0, 3.0)
        assert (settings.floor.marks == ()) == (floor == FLOOR)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[zone]\nname = 'a'\n{SQUARE}", ["zone", "expected sections [[zone]]"]),
        ("[[zone]]\nname = 'a'", ["zone 1.polygon is missing", "3 to 64 corners"]),
        (f"[[zone]]\n{SQUARE}", ["zone 1.name is missing"]),
        (
            f"[[zone]]\nname = 'A b'\n{SQUARE}",
            ["zone 1.name", "small letters", "any other letters in its label", '"A b"'],
        ),
        (f"[[zone]]\nname = 'صالة'\n{SQUARE}", ["zone 1.name", "any other letters in its label"]),
        (f"[[exit]]\nname = 'Tür'\n{SQUARE}", ["exit 1.name", "digits, - and _, found"]),
        (f"[[zone]]\nname = 'a'\nlabel = ' a'\n{SQUARE}", ["zone 1.label", "one line of at most 64", '" a"']),
        (f"[[zone]]\nname = 'a'\nlabel = '{'ä' * 65}'\n{SQUARE}", ["zone 1.label", "one line of at most 64"]),
        ("".join(f"[[zone]]\nname = 'z{n}'\n{SQUARE}\n" for n in range(50)), ["at most 32 sections", "found 50"]),
        (f"[[zone]]\nname = 'a'\n{SQUARE}\n" * 2, ["zone 2.name", '"a" is zone 1\'s']),
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0], [1, 1]]", ["zone 1.polygon", "3 to 64"]),
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0], [1, 1], [2, 0]]", ["zone 1.polygon: corner 3", "found [2, 0]"]),
        ("[[exit]]\nname = 'a'\npolygon = [[0, 0], [1, 1], [2, 0]]", ["exit 1.polygon: corner 3", "found [2, 0]"]),
        ("[[exit]]\nname = 'a'", ["exit 1.polygon is missing", "3 to 64 corners"]),
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0], [1, 1], [1, true]]", ["corner 3", "fractions"]),
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0], [1, 1], [1, nan]]", ["corner 3", "fractions"]),
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0], [1, 1], [1, 0], [0, 1]]", ["from corner 1 and from corner 3 cross"]),
        ("[[zone]]\nname = 'a'\npolygon = 'all'", ["zone 1.polygon", 'found "all"']),
        (f"[[zone]]\nname = 'a'\ncolour = 1\n{SQUARE}", ["zone 1.colour", "no such key"]),
        ("[[line]]\nname = 'a'\nstart = [0, 0]", ["line 1.end is missing", "a point [x, y]"]),
        ("[[line]]\nname = 'a'\nstart = [0, 0.5]\nend = [0, 0.5]", ["line 1: start and end are the same point"]),
        ("[[line]]\nname = 'a'\nunit = 'feet'\nstart = [0, 0]\nend = [1, 1]", ["line 1.unit", '"frame", "metres"']),
        (f"[[zone]]\nname = 'a'\nunit = 'metres'\n{SQUARE}", ['zone 1.unit is "metres"', "[floor]"]),
        (f"{FLOOR}[[zone]]\nname = 'a'\nunit = 'metres'\npoint = 'head'\n{SQUARE}", ["zone 1.point", '"feet"']),
        (f"{FLOOR}[[line]]\nname = 'a'\nunit = 'metres'\nstart = [0, 101]\nend = [0, 1]", ["line 1.start", "metres"]),
        (f"{FLOOR}[[line]]\nname = 'a'\nstart = [-1, 3]\nend = [1, 3]", ["line 1.start", "fractions of the frame"]),
        ("[floor]\ntilt = 20", ["floor.camera_height is missing", "together, or marks"]),
        ("[floor]\ncamera_height = 2\nfield_of_view = 60", ["floor.tilt is missing"]),
        ("[floor]\ntilt = -20", ["floor.tilt", "0.0 to 90.0"]),
        ("[floor]\nmarks = [[0, 0, 1, 1]]", ["floor.marks", "four marks"]),
        ("[floor]\nmarks = [[0, 0, 1, 1], [1, 0], [0, 1], [1, 1]]", ["floor.marks: mark 2", "metres away"]),
        ("[floor]\nmarks = [[0, 0, 1, 1], [1, 0, 2, inf], [0, 1], [1, 1]]", ["floor.marks: mark 2", "inf"]),
        ("[floor]\nmarks = [[0, 0, 1, 1], [0.5, 0, 2, 1], [1, 0, 3, 1], [1, 1, 3, 0]]", ["marks 1, 2 and 3", "line"]),
        ("[[rule]]\nname = 'a'", ["rule 1.when is missing", "a text"]),
        (f"{RULE}occupied'\n{RULE}occupied'", ["rule 2.name", '"reach" is rule 1\'s']),
        (f"{RULE}left_wirst above nose'", ["rule 1.when: column 1: found 'left_wirst'", "did you mean left_wrist?"]),
        (f'{RULE}zone == "sofa"\'', ["rule 1.when: column 1", "there is no [[zone]]"]),
        (f"{RULE}zone == \"bed\"'\n[[zone]]\nname = 'sofa'\n{SQUARE}", ["rule 1.when: column 9", "one of 'sofa'"]),
        (f"{RULE}occupied and waving'\n[waving]\nenabled = false", ["column 14", "[waving] is switched off"]),
        ("[camera]\nrotat = 90", ["camera.rotat", "did you mean rotate?"]),
        ("[kamera]\nrotate = 90", ["kamera", "no such section", "did you mean camera?"]),
        ("[camera]\nrotate = 45", ["camera.rotate", "one of 0, 90, 180, 270", "found 45"]),
        ("[camera]\nrotate = true", ["camera.rotate", "found true"]),
        ("[camera]\nmirror = 1", ["camera.mirror", "true or false", "found 1"]),
        ("[camera]\nframe_rate = 1000", ["camera.frame_rate", "0.1 to 120", "found 1000"]),
        ("[camera]\nframe_rate = nan", ["camera.frame_rate", "found nan"]),
        ("[camera]\nframe_rate = '15'", ["camera.frame_rate", "a number", 'found "15"']),
        ("[camera]\nsize = '640*480'", ["camera.size", "WIDTHxHEIGHT"]),
        ("[camera]\naspect = '4/3'", ["camera.aspect", "WIDTH:HEIGHT", "4:3", 'found "4/3"']),
        ("[camera]\naspect = '0:3'", ["camera.aspect", "WIDTH:HEIGHT"]),
        ("[camera]\naspect = '9:2'", ["camera.aspect", "from 1:4 to 4:1"]),
        ("[camera]\naspect = 1.33", ["camera.aspect", "a text"]),
        ("[video]\nframe_rate = -1", ["video.frame_rate", "0.0 to 1000"]),
        ("[camera]\nsource = 3", ["camera.source", "a text"]),
        ("[decode]\nmax_poses = 21", ["decode.max_poses", "1 to 20"]),
        ("[decode]\nmax_poses = 2.0", ["decode.max_poses", "a whole number"]),
        ("[mqtt]\nhost = 'a b'", ["mqtt.host", "host name"]),
        ("[mqtt]\nhost = 'broker.lan:1883'", ["mqtt.host", 'host = "broker.lan" and port = 1883']),
        ("[mqtt]\nhost = '[::1]'", ["mqtt.host", "without brackets: ::1,"]),
        ("[mqtt]\nhost = '[::1]:1883'", ["mqtt.host", "without brackets: ::1,"]),
        ("[mqtt]\nhost = '192.168.1.300'", ["mqtt.host", "four numbers from 0 to 255"]),
        ("[mqtt]\nhost = 'mqtt://h'", ["mqtt.host", "alone", "mqtt.tls"]),
        ("[mqtt]\nhost = '0.0.0.0'", ["mqtt.host", "none that a connection can be made to"]),
        ("[mqtt]\nhost = 'a..b'", ["mqtt.host", "a host name or address"]),
        ("[mqtt]\ntopic = 'a/#'", ["mqtt.topic", "without # and +"]),
        ("[mqtt]\ntopic = '$SYS/a'", ["mqtt.topic", "begins with $"]),
        ("[mqtt]\ntopic = ' home'", ["mqtt.topic", "without spaces"]),
        ("[mqtt]\ntopic = 'a//b'", ["mqtt.topic", "none of them empty"]),
        ('[mqtt]\ntopic = "a\\u0000b"', ["mqtt.topic", "without control characters"]),
        ("[homeassistant]\nprefix = 'a/'", ["homeassistant.prefix", "none of them empty"]),
        ("[homeassistant]\nlanguage = 'deutsch'", ["homeassistant.language", '"en", "de", "fr"', 'found "deutsch"']),
        ("[homeassistant]\nconfiguration_url = 'sensor.lan'", ["homeassistant.configuration_url", "http://"]),
        ("[homeassistant]\nconfiguration_url = 'file:///etc'", ["homeassistant.configuration_url", "http://"]),
        ("[homeassistant]\nconfiguration_url = 'http://a b/'", ["homeassistant.configuration_url", "http://"]),
        ("[homeassistant]\nconfiguration_url = 'http://:8470/'", ["homeassistant.configuration_url", "http://"]),
        ("[homeassistant]\nconfiguration_url = 'http://h:70000/'", ["homeassistant.configuration_url", "http://"]),
        ("[homeassistant]\narea = ' '", ["homeassistant.area", "one line"]),
        ('[mqtt]\nusername = "a\\u0000"', ["mqtt.username", "one line"]),
        ("[mqtt]\ntls = true\nca_file = ''", ["mqtt.ca_file", "leave the key out"]),
        ('[mqtt]\ntls = true\nca_file = "a\\u0000"', ["mqtt.ca_file", "a file name"]),
        ("[device]\nname = ' '", ["device.name", "one line"]),
        ("[camera]\nsize = '641x481'", ["camera.size", "even numbers"]),
        (
            "[floor]\ncamera_height = 2\nmarks = [[0, 0, 1, 1], [1, 0, 2, 1], [0, 1, 1, 2], [1, 1, 2, 2]]",
            ["floor.camera_height", "floor.marks", "either"],
        ),
        ("[mqtt]\nport = 70000", ["mqtt.port", "0 to 65535"]),
        ("[mqtt]\npassword = 'secret'", ["mqtt.password", "did you mean password_file?"]),
        ("[mqtt]\nca_file = 'ca.pem'", ["mqtt.ca_file", "tls = true"]),
        ("[mqtt]\ntls = true\nkey_file = 'key.pem'", ["mqtt.certificate_file", "both or neither"]),
        ("[mqtt]\npassword_file = 'p'", ["mqtt.password_file", "user name"]),
        ("[device]\nid = 'a/b'", ["device.id", "letters"]),
        ("camera = 3", ["camera", "[camera]", "found 3"]),
        ("[camera]\nrotate = \nmirror = true", ["not valid TOML", "line 2"]),
        ("[camera]\nrotate = 0\nrotate = 90\n", ["not valid TOML", "Cannot overwrite"]),
    ],
)
def test_what_does_not_belong_is_refused_by_name(tmp_path: Path, text: str, words: list[str]) -> None:
    file = write(tmp_path, text)
    with pytest.raises(BadSetting) as refused:
        configuration.load(file)
    message = str(refused.value)
    assert "\n" not in message
    for word in [str(file), *words]:
        assert word in message


@pytest.mark.parametrize(
    "line",
    [
        "password = 'hunter2'",
        "host = 'mqtt://me:hunter2@broker.lan'",
        "host = 'me:hunter2@broker.lan'",
        "host = 'me:hunter2@broker.lan:1883'",
        "host = 'mqtt://me:/hunt:er2@hunter2@broker.lan'",
        "fallbacks = 'broker.lan, me:hunter2@broker.lan'",
        f"host = 'mqtt://{'me' * 20}:hunter2hunter2@broker.lan'",
        "[homeassistant]\nconfiguration_url = 'http://me:hunter2@sensor.lan/'",
    ],
)
def test_a_secret_that_was_typed_in_the_wrong_place_is_not_repeated(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadSetting) as refused:
        configuration.load(write(tmp_path, f"[mqtt]\n{line}"))
    assert "hunt" not in str(refused.value)


def test_a_missing_file_a_folder_and_no_text_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.toml", tmp_path):
        with pytest.raises(BadSetting, match="cannot be read"):
            configuration.load(path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\x00")
    with pytest.raises(BadSetting, match="not UTF-8"):
        configuration.load(tmp_path / "binary.toml")


def test_marks_of_editors_are_read_and_utf_16_is_named(tmp_path: Path) -> None:
    file, text = tmp_path / "config.toml", "# é\r\n[camera]\r\nrotate = 90\r\n"
    file.write_bytes(text.encode("utf-8-sig"))
    assert configuration.load(file).camera.rotate == 90
    file.write_bytes(text.encode("utf-16"))
    with pytest.raises(BadSetting, match="found UTF-16; expected UTF-8: iconv"):
        configuration.load(file)
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadSetting, match="line 1 is not UTF-8"):
        configuration.load(file)


def test_a_home_that_nobody_has_is_no_bug(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        configuration.load(loader.config_path("~nobody-has-this-name/config.toml"))


@given(st.binary(max_size=80))
def test_no_bytes_of_a_file_crash_it(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes.toml"
    file.write_bytes(content)
    try:
        configuration.load(file)
    except BadSetting as refused:
        assert "\n" not in str(refused)


@given(st.ip_addresses() | st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9](\.[a-z]{2,5})?", fullmatch=True))
def test_addresses_and_names_are_hosts_and_with_a_port_they_are_not(host: object) -> None:
    address = str(host)
    expected = check_host(address)
    assert not expected or "none that a connection can be made to" in expected
    for wrong in (f"mqtt://{address}", f"[{address}]:1883", f"{address}/x", f" {address}", f"{address}\0"):
        assert check_host(wrong)
    assert ":" in address or check_host(f"{address}:1883") == (
        f'a host name or address alone: host = "{address}" and port = 1883'
    )


HOSTS = (st.ip_addresses().map(str) | st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)).filter(
    lambda host: not check_host(host)
)


@given(st.lists(st.tuples(HOSTS, st.integers(1, 65535)), max_size=4))
def test_brokers_are_read_as_they_are_written(brokers: list[tuple[str, int]]) -> None:
    written = ",".join(f"[{host}]:{port}" if ":" in host else f" {host}:{port} " for host, port in brokers)
    assert list(read_brokers(written)) == brokers
    assert list(read_brokers(",".join(host for host, _ in brokers))) == [(host, 0) for host, _ in brokers]


@given(st.text(max_size=30) | st.text("a.:[],0123456789 ", max_size=30))
def test_brokers_that_are_accepted_are_hosts_with_a_port(text: str) -> None:
    if not check_brokers(text):
        assert all(not check_host(host) and 0 <= port <= 65535 for host, port in read_brokers(text))


@pytest.mark.parametrize(
    "text",
    [
        "a b",
        "a,,b",
        "a:65536",
        "a:0",
        "a:b",
        "mqtt://a",
        "[::1",
        "::1:1883:",
        "192.168.1.300",
        ",",
        "a;b",
        "a," * 8 + "a",
    ],
)
def test_brokers_that_cannot_be_are_refused(text: str) -> None:
    assert "brokers" in check_brokers(text)


@pytest.mark.parametrize(
    "url",
    ["http://sensor.local:8470/", "https://[fd00::1]/x?y=z#w", "http://192.168.1.4", "https://ha.example.org/a%20b"],
)
def test_addresses_that_a_browser_opens(url: str) -> None:
    assert check_url(url) == ""


@given(st.text(max_size=300) | st.text("htps:/@.[]0123 a", max_size=40).map("http://{}".format))
def test_an_address_that_is_accepted_has_a_host_and_no_password(text: str) -> None:
    if text and not check_url(text):
        address = urlsplit(text)
        assert address.scheme in ("http", "https")
        assert address.hostname
        assert "@" not in address.netloc
        assert not re.search(r"[^!-~]", text)


def test_a_name_for_people_may_be_of_any_script() -> None:
    for name in ("صالة", "می‌خواهم", "👨‍👩‍👧", "Küche 🛋️", "客厅"):
        assert check_name(name) == ""
    for name in ("a\nb", "a\u202eb", "a\u2028b", "a\x00", "\ufeffa", " a", "a" * 65):
        assert check_name(name)


@given(st.text(st.characters(exclude_characters="/"), max_size=8), st.text(max_size=8))
def test_a_topic_that_is_accepted_is_one_for_every_broker(level: str, other: str) -> None:
    topic = f"{level}/{other}"
    if not check_topic(topic):
        assert not set(topic) & set("#+\0")
        assert not topic.startswith("$")
        assert all(part and part == part.strip() for part in topic.split("/"))


def test_a_whole_number_serves_where_a_number_is_wanted(tmp_path: Path) -> None:
    assert configuration.load(write(tmp_path, "[camera]\nframe_rate = 5")).camera.frame_rate == 5.0


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[camera]\nrotate = 90\nmirror = true\n[mqtt]\nusername='u'\npassword_file = 'secret'")
    settings = configuration.load(
        file, ["camera.rotate=180", "mqtt.protocol=5", "device.name=Front door", "mqtt.host=b.lan"]
    )
    assert (settings.camera.rotate, settings.camera.mirror) == (180, True)
    assert settings.device.name == "Front door"
    assert settings.mqtt.host == "b.lan"
    assert settings.mqtt.password_file == tmp_path / "secret"


def test_sense_passes_over_the_sections_of_the_detectors(tmp_path: Path) -> None:
    """It may not import where they are declared; report refuses what nobody declares."""
    file = write(tmp_path, f"{RULE}nonsense'\n[presence]\nenter = 1\n[kamera]\nrotate = 90\n[camera]\nrotate = 90")
    typed = ["presence.enter=2", "nobody.knows=3", "camera.mirror=true"]
    settings = loader.load(file, typed)
    assert (settings.camera.rotate, settings.camera.mirror, settings.detectors) == (90, True, {})
    with pytest.raises(BadSetting, match=r"camera\.rotat: no such key"):
        loader.load(write(tmp_path, "[camera]\nrotat = 90"))
    with pytest.raises(BadSetting, match="nobody: no such section"):
        configuration.load(None, typed)
    with pytest.raises(BadSetting, match=r"presence\.enter: expected a number"):
        configuration.load(None, ["presence.enter=soon"])
    assert configuration.load(None, typed[:1]).section(PresenceSettings).enter == 2.0


@pytest.mark.parametrize("assignment", ["", "camera", "camera.rotate", "rotate=90", "=", "camera.rotate=91", "a.b=c"])
def test_a_bad_assignment_is_refused(assignment: str) -> None:
    with pytest.raises(BadSetting, match="--set"):
        configuration.load(None, [assignment])


@given(st.text(max_size=60))
def test_no_assignment_crashes_it(text: str) -> None:
    try:
        configuration.load(None, [text, f"camera.source={text}", f"mqtt.port={text}"])
    except BadSetting as refused:
        assert str(refused)


TOML_VALUE = st.sampled_from(
    ["0", "-1", "1e9", "nan", "inf", "true", "''", "'x'", "[]", "{}", "1979-05-27", "[1, 'a']", "{a = 1}", "'😀'"]
)
KEYS = [f"{name}.{field.name}" for name, kind in (sections() | SECTIONS).items() for field in fields(kind)]


@given(st.sampled_from(KEYS), TOML_VALUE)
def test_any_value_for_any_key_is_taken_or_refused(key: str, value: str) -> None:
    section, _, name = key.partition(".")
    try:
        loaded: Any = configuration.load(None, [f"{key}={value}"])
    except BadSetting as refused:
        assert section in str(refused)
    else:
        assert name in loaded.as_dict()[section]


def test_a_configuration_of_0_1_0_is_read() -> None:
    settings = configuration.load(Path(__file__).parent / "settings-of-0.1.0.toml")
    assert settings.mqtt.keepalive == 30
    assert [len(part) for part in (settings.zone, settings.line, settings.ignore, settings.rule)] == [1, 1, 1, 1]


def test_a_rule_with_a_word_of_0_1_0_is_told_the_new_one(tmp_path: Path) -> None:
    text = "[[rule]]\nname = 'goes'\nwhen = \"approach == 'leaving'\"\n"
    with pytest.raises(BadSetting, match=r"rule 1\.when: column 13: .*'leaving'.*'receding'"):
        configuration.load(write(tmp_path, text))
