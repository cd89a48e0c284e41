"""An installation as a user has it: what is refused, asked, written, kept and told."""

import hashlib
import itertools
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import __version__
from edge.config.texts import check_brokers, read_brokers
from edge.errors import BadModel, BadSetting, Unavailable, UsageError
from edge.tools.install import commands, options
from edge.tools.install.commands import Failed
from edge.tools.install.config_text import set_keys
from edge.tools.install.installer import Installer, main
from edge.tools.install.machine import check_machine, check_upgrade
from tests.tools.install.stand_in import Machine, checkout, install

PROJECT = Path(__file__).parents[3]


def script(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROJECT / "scripts/install", *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--broker"], "--broker: expected one argument"),
        (
            ["--broker", "mqtt://h"],
            'expected HOST or HOST:PORT such as broker.lan or 192.168.1.2:1883, found "mqtt://h"',
        ),
        (["--broker", ""], "expected HOST"),
        (["--broker", ":abc"], "expected HOST"),
        (["--broker", "192.168.1.300"], "expected HOST"),
        (["--broker", "h:70000"], "expected HOST"),
        (["--user", ""], "expected a user name"),
        (["--source", ""], "expected a camera"),
        (["--password-file", "/nowhere"], "/nowhere: No such file"),
        (["--wheelhouse", "/nowhere"], "no wheels there"),
        (["--model", "/dev/null"], "expected both or neither"),
        (["--model", "/dev/null", "--sha256", "00"], "sha256 is another"),
        (["--device", "hall"], "--fleet and --device: expected both or neither"),
        (["--fleet", "/nowhere", "--device", "hall"], "/nowhere: cannot be read"),
        (["--fleet", "/dev/null", "--device", "hall"], "expected a table for each device"),
        (["--brok", "h"], "unrecognized arguments"),
    ],
)
def test_a_wrong_option_is_one_line(words: list[str], says: str) -> None:
    done = script(*words)
    assert done.returncode == 64
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_is_for_people() -> None:
    done = script("--help")
    assert "--broker HOST[:PORT]" in done.stdout
    assert "#" not in done.stdout


def test_another_python_is_told_before_anything_is_done(tmp_path: Path) -> None:
    text = (PROJECT / "scripts/install").read_text()
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho Python 3.9\nexit 1\n")
    old.chmod(0o755)
    for python, found in ((old, "Python 3.9"), (tmp_path / "none", "no /usr/bin/python3")):
        run = text.replace("$(/usr/bin/python3", f"$({python}")
        done = subprocess.run(["bash", "-c", run, "install"], capture_output=True, text=True, check=False)
        assert (done.returncode, f"found {found}; expected Python 3.11" in done.stderr) == (69, True)


@pytest.mark.parametrize(
    ("answers", "kind", "says"),
    [
        ({}, "armv6l", "armv6 board"),
        ({}, "riscv64", "found riscv64"),
        ({"systemctl": "systemd 247 (247.3)"}, "x86_64", "found systemd 247; expected 252"),
        ({"systemctl": ""}, "x86_64", "found no systemd"),
    ],
)
def test_a_machine_that_cannot_have_it(tmp_path: Path, answers: dict[str, str], kind: str, says: str) -> None:
    machine = Machine(tmp_path)

    def run(words: list[str], environment: dict[str, str]) -> str:
        return answers.get(words[0], machine.run(words, environment))

    with pytest.raises(Unavailable, match=says):
        check_machine(tmp_path, run, lambda: kind)
    check_machine(tmp_path, machine.run, lambda: "aarch64")
    shutil.rmtree(tmp_path / "run")
    with pytest.raises(Unavailable, match="systemd does not run"):
        check_machine(tmp_path, machine.run, lambda: "aarch64")


# In the order that PEP 440 gives, and its examples.
VERSIONS = (
    "0.9.0", "0.10.0.dev1", "0.10.0.dev2", "0.10.0a1.dev3", "0.10.0a1", "0.10.0a2", "0.10.0b1", "0.10.0rc1.dev1",
    "0.10.0rc1", "0.10.0rc10", "0.10.0", "0.10.0.post1.dev2", "0.10.0.post1", "0.10.1", "1.0.dev1", "1.0",
)  # fmt: skip


@pytest.mark.parametrize(("older", "newer"), list(itertools.pairwise(VERSIONS)))
def test_an_older_version_is_refused(older: str, newer: str) -> None:
    check_upgrade("", older)
    check_upgrade(older, older)
    check_upgrade(older, newer)
    with pytest.raises(Unavailable, match=f"found {re.escape(newer)} installed, and this is {re.escape(older)}"):
        check_upgrade(newer, older)


def test_a_zero_at_the_end_and_a_local_part_make_no_difference() -> None:
    for one, other in (("1.0", "1.0.0"), ("0.2.0", "0.2.0+deb13"), ("0.2.0.post0", "0.2.0.post0")):
        check_upgrade(one, other)
        check_upgrade(other, one)


def test_a_version_that_is_not_healthy_is_not_kept(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "root")
    install(machine.root, checkout(tmp_path / "old", "1.0"))
    sick = checkout(tmp_path / "sick", "2.0", sick=True)
    config = Installer(machine.run, machine.root).config.read_text()
    with pytest.raises(Unavailable, match=r"2\.0 was not healthy .* so 1\.0 is back: camera: none that works"):
        install(machine.root, sick, ("--broker", "other"))
    assert machine.installed() == machine.running() == "1.0"
    assert Installer(machine.run, machine.root).config.read_text() == config
    assert [folder.name for folder in (machine.root / "opt/posenet-edge/versions").iterdir()] == ["1.0"]


def test_a_unit_that_the_former_version_does_not_have_is_stopped_before_it_goes(tmp_path: Path) -> None:
    class Systemd(Machine):
        stopped: ClassVar[list[str]] = []

        def run(self, words: list[str], environment: dict[str, str]) -> str:
            if words[:2] == ["systemctl", "stop"]:
                self.stopped += [word for word in words[2:] if (self.root / "etc/systemd/system" / word).exists()]
                raise Failed(words, "", "Unit is not loaded")
            return super().run(words, environment)

    machine = Systemd(tmp_path / "root")
    old = checkout(tmp_path / "old", "1.0")
    for name in ("posenet-resolver.path", "posenet-resolver.service"):
        (old / "systemd" / name).unlink()
    install(machine.root, old)
    with pytest.raises(Unavailable, match=r"so 1\.0 is back"):
        install(machine.root, checkout(tmp_path / "sick", "2.0", sick=True), machine=machine)
    assert machine.stopped == ["posenet-resolver.path", "posenet-resolver.service"]
    assert not list((machine.root / "etc/systemd/system").glob("posenet-resolver*"))


def test_what_was_bad_before_may_stay_so(tmp_path: Path) -> None:
    root = tmp_path / "root"
    found = install(root, checkout(tmp_path / "old", "1.0", sick=True))
    assert found == ["camera: none that works"]
    assert install(root, checkout(tmp_path / "new", "2.0", sick=True)) == []
    assert Machine(root).installed() == "2.0"


def test_this_version_and_the_one_before_are_kept(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for version in ("1.0", "2.0", "2.0", "3.0"):
        install(root, checkout(tmp_path / version, version))
    assert {folder.name for folder in (root / "opt/posenet-edge/versions").iterdir()} == {"2.0-2", "3.0"}


def test_without_packages_the_old_one_goes_on(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "root")
    install(machine.root, checkout(tmp_path / "old", "1.0"))
    machine.packages_can_be_had = False
    with pytest.raises(Unavailable, match=r"cannot be had: .*No matching distribution.*internet") as refused:
        install(machine.root, checkout(tmp_path / "new", "2.0"), machine=machine)
    assert "\n" not in str(refused.value)
    assert machine.installed() == machine.running() == "1.0"


def test_the_command_is_that_of_its_version(tmp_path: Path) -> None:
    root = tmp_path / "root"
    install(root, checkout(tmp_path / "project", "1.0"))
    command = root / "usr/local/bin/posenet-edge"
    assert command.read_bytes() == (tmp_path / "project/systemd/launcher.sh").read_bytes()
    assert command.stat().st_mode & 0o777 == 0o755


def test_within_the_installer_of_debian_nothing_is_asked_of_it(tmp_path: Path) -> None:
    class Bare(Machine):
        def run(self, words: list[str], environment: dict[str, str]) -> str:
            if words[-1] == "import picamera2":
                raise Unavailable("no such module")
            return super().run(words, environment)

    for words, asked in (((), True), (("--no-apt",), False)):
        machine = Bare(tmp_path / "root")
        install(machine.root, checkout(tmp_path / "new", "1.0"), words, machine=machine)
        assert any(call[0].startswith("apt") for call in machine.calls) is asked


def test_a_page_for_browsers_where_it_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, project = tmp_path / "root", checkout(tmp_path / "project", __version__)
    machine = Machine(root)
    wants = root / "etc/systemd/system/posenet-edge.target.wants/posenet-view.service"
    token = root / "var/lib/posenet-edge/view/token"

    def run(words: list[str], environment: dict[str, str]) -> str:
        if words[:2] == ["systemctl", "enable"] and words[-1] == "posenet-view.service":
            for file in (wants, token):
                file.parent.mkdir(parents=True)
            wants.symlink_to(machine.root / "etc/systemd/system/posenet-view.service")
            token.write_text("a-token\n")
        return machine.run(words, environment)

    def about_the_view() -> list[list[str]]:
        return [words[:2] for words in machine.calls if "posenet-view.service" in words]

    main([], project, run, root)
    assert about_the_view() == []
    main(["--view"], project, run, root)
    assert about_the_view() == [["systemctl", "enable"]]
    assert re.search(r"the page for browsers: http://\S+:8470/\?token=a-token\n", capsys.readouterr().err)
    # From then on it runs with the version in force.
    machine.calls.clear()
    main(["--upgrade"], project, run, root)
    assert about_the_view() == [["systemctl", "restart"]]


def test_a_page_that_does_not_start_is_told(tmp_path: Path) -> None:
    root, project = tmp_path / "root", checkout(tmp_path / "project", "1.0")
    machine = Machine(root)
    install(root, project, machine=machine)
    with pytest.raises(Unavailable, match=r"systemctl status posenet-view\.service says why"):
        Installer(machine.run, root, 0).start_view()


def test_services_are_started_once(tmp_path: Path) -> None:
    for version in ("1.0", "2.0"):
        machine = Machine(tmp_path / "root")
        install(machine.root, checkout(tmp_path / version, version), machine=machine)
        starts = [words[-1] for words in machine.calls if words[-1] == "apply" or "restart" in words]
        assert starts == ["apply"]


def test_options_change_a_configuration_that_is_there(tmp_path: Path) -> None:
    root, project = tmp_path / "root", checkout(tmp_path / "project", "1.0")
    (tmp_path / "password").write_text("secret\n")
    install(root, project, ("--broker", "wrong"))
    config = root / "etc/posenet-edge/config.toml"
    config.write_text(config.read_text() + "# mine\n")
    words = ("--broker", "right:1884", "--user", 'a"b', "--password-file", str(tmp_path / "password"))
    install(root, project, words)
    found = tomllib.loads(config.read_text())
    assert found["mqtt"] == {"host": "right", "port": 1884, "username": 'a"b', "password_file": options.PASSWORD}
    assert "# mine\n" in config.read_text()
    secret = root / options.PASSWORD.lstrip("/")
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("secret\n", 0o600)
    assert not list(config.parent.glob(".*"))


def test_one_of_many_gets_its_configuration_and_what_was_there_is_kept(tmp_path: Path) -> None:
    root, fleet = tmp_path / "root", tmp_path / "fleet.toml"
    fleet.write_text('mqtt.host = "broker.lan"\n[device.hall]\ncamera.rotate = 90\n[device.kitchen]\n')
    asked = (f"--fleet={fleet}", "--device=hall", "--user=sensor")
    install(root, checkout(tmp_path / "project", "1.0"), asked)
    config = root / "etc/posenet-edge/config.toml"
    expected = {
        "device": {"id": "hall"},
        "camera": {"wait": True, "require_seal": True, "rotate": 90},
        "mqtt": {"host": "broker.lan", "username": "sensor"},
    }
    assert tomllib.loads(config.read_text()) == expected
    kept = config.with_name("config.toml.before")
    assert not kept.exists()
    config.write_text("# by hand\n")
    install(root, tmp_path / "project", asked)
    assert tomllib.loads(config.read_text()) == expected
    assert kept.read_text() == "# by hand\n"
    # Nothing new: what was kept stays.
    install(root, tmp_path / "project", asked)
    assert kept.read_text() == "# by hand\n"


def test_a_setting_that_is_wrong_for_one_of_many_is_told_with_its_file(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.toml"
    fleet.write_text("[device.hall]\ncamera.rotate = 45\n")
    done = script(f"--fleet={fleet}", "--device=hall")
    assert (done.returncode, done.stderr.count("\n")) == (64, 1)
    assert f"{fleet}: device hall: camera.rotate: expected one of 0, 90, 180, 270, found 45" in done.stderr


def test_a_model_is_checked_and_the_one_before_stays(tmp_path: Path) -> None:
    root, project = tmp_path / "root", checkout(tmp_path / "project", "1.0")
    for content in (b"one", b"two"):
        (tmp_path / "m.tflite").write_bytes(content)
        install(root, project, ("--model", str(tmp_path / "m.tflite"), "--sha256", hashlib.sha256(content).hexdigest()))
    held = {file.read_bytes() for file in (root / "etc/posenet-edge/models").iterdir()}
    assert held == {b"one", b"two"}
    name = Path(tomllib.loads((root / "etc/posenet-edge/config.toml").read_text())["model"]["file"])
    assert (root / "etc/posenet-edge/models" / name.name).read_bytes() == b"two"


def test_a_model_that_sees_nobody_is_not_installed(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "root")
    install(machine.root, checkout(tmp_path / "old", "1.0"))

    def blind(words: list[str], environment: dict[str, str]) -> str:
        return '{"persons":[]}' if "sense" in words else Machine.run(machine, words, environment)

    machine.run = blind  # type: ignore[method-assign]
    with pytest.raises(BadModel, match="finds nobody"):
        install(machine.root, checkout(tmp_path / "new", "2.0"), machine=machine)
    assert machine.installed() == "1.0"


def test_a_second_installation_at_the_same_time_is_refused(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    first, second = Installer(machine.run, tmp_path), Installer(machine.run, tmp_path)
    with first.alone(), pytest.raises(Unavailable, match="another installation"), second.alone():
        pass


def test_at_a_terminal_setup_asks_for_what_no_option_said_before_the_services_start(tmp_path: Path) -> None:
    root, project = tmp_path / "root", checkout(tmp_path / "project", __version__)
    machine, config = Machine(root), root / "etc/posenet-edge/config.toml"
    talked: list[list[str]] = []

    def talk(words: list[str]) -> int:
        talked.append(words)
        assert (root / "etc/systemd/system/posenet-sense.service").exists()
        assert ["systemctl", "daemon-reload"] in machine.calls
        assert not any(words[-1] == "apply" for words in machine.calls)
        config.write_text(set_keys(config.read_text(), {("mqtt", "host"): "asked"}))
        return 0

    assert main(["--user", "me"], project, machine.run, root, interactive=True, talk=talk) == 0
    assert talked[0][1:] == ["-P", "-m", "edge", "setup", "--no-apply", "--keep=mqtt.username"]
    assert tomllib.loads(config.read_text())["mqtt"] == {"host": "asked", "port": 0, "username": "me"}
    assert machine.running() == machine.installed() == __version__
    # With a configuration, or without a terminal, nothing is asked.
    main([], project, machine.run, root, interactive=True, talk=talk)
    config.unlink()
    main([], project, machine.run, root, talk=talk)
    assert len(talked) == 1


def test_who_stops_at_a_question_has_nothing_installed(tmp_path: Path) -> None:
    root, project = tmp_path / "root", checkout(tmp_path / "project", __version__)
    machine = Machine(root)
    with pytest.raises(KeyboardInterrupt):
        main([], project, machine.run, root, interactive=True, talk=lambda _: 130)
    assert machine.installed() == ""
    assert not (root / "etc/posenet-edge/config.toml").exists()
    assert not any(words[-1] == "apply" for words in machine.calls)


def test_questions_that_fail_do_not_keep_it_from_being_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, project = tmp_path / "root", checkout(tmp_path / "project", __version__)
    machine = Machine(root)
    assert main(["--broker", "h"], project, machine.run, root, interactive=True, talk=lambda _: 70) == 0
    assert "posenet-edge setup asks them again" in capsys.readouterr().err
    assert machine.running() == __version__


def test_ctrl_c_is_the_business_of_what_asks() -> None:
    """Which ends with a status of its own, after it has put the terminal right."""
    ask = "trap 'exit 130' INT; kill -INT $PPID; kill -INT $$; sleep 60"
    script = f"from edge.tools.install.commands import talk; print(talk(['sh', '-c', {ask!r}]), 'and goes on')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout == "130 and goes on\n"


def test_dry_run_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    machine = Machine(tmp_path)
    assert main(["--dry-run", "--broker", "h"], PROJECT, machine.run, tmp_path) == 0
    assert 'host = "h"' in capsys.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == ["run"]
    with pytest.raises(UsageError, match="nothing is installed"):
        main(["--upgrade"], PROJECT, machine.run, tmp_path)


def test_a_password_without_a_user_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret")
    machine = Machine(tmp_path)
    with pytest.raises(BadSetting, match="username is empty"):
        main(["--password-file", str(tmp_path / "password")], PROJECT, machine.run, tmp_path)
    assert not (tmp_path / "opt").exists()


def test_a_command_fails_with_its_last_error() -> None:
    with pytest.raises(commands.Failed, match="ERROR: two"):
        commands.run(["sh", "-c", "echo out; echo 'ERROR: one'>&2; echo 'ERROR: two'>&2; echo end>&2; exit 3"], {})
    with pytest.raises(Unavailable, match="No such file"):
        commands.run(["/nowhere"], {})


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x7f", exclude_categories=["Cc", "Cs"]), max_size=20)


@given(
    host=TEXTS,
    port=st.integers(0, 65535),
    rest=st.sampled_from(["", "[mqtt]\n", "[a]\nx=1\n\n[mqtt] # c\nport = 1\n\n[b]"]),
)
def test_keys_are_set_and_the_rest_stays(host: str, port: int, rest: str) -> None:
    keys: dict[tuple[str, str], str | int | bool] = {("mqtt", "host"): host, ("mqtt", "port"): port}
    text = set_keys(rest, keys)
    assert tomllib.loads(text) == tomllib.loads(rest) | {"mqtt": {"host": host, "port": port}}
    assert set_keys(text, keys) == text


@given(
    value=st.one_of(TEXTS, st.integers(0, 9), st.booleans(), st.none()),
    old=st.sampled_from(['"a#b"', "'#'", "1", "true", '"""a#"""', "'''#'''", r'"\"#"']),
    comment=st.sampled_from(["", "  # why # so", "#", '\t# "quoted"', "# a = 1"]),
    following=st.sampled_from(["", "\n", "\nother = 2 # too\n", "\n\n[b] # next\nkey = 3\n"]),
)
def test_a_comment_stays_behind_its_key(value: str | int | bool | None, old: str, comment: str, following: str) -> None:
    before = f"# first\n[a] # part\nkey = {old}{comment}{following}"
    text = set_keys(before, {("a", "key"): value})
    found = tomllib.loads(before)
    found["a"].pop("key")
    assert tomllib.loads(text) == {**found, "a": found["a"] | ({} if value is None else {"key": value})}
    assert text.startswith("# first\n[a] # part\n")
    assert text.endswith(following.lstrip("\n"))
    assert comment.strip() in text


def test_what_cannot_be_set_line_by_line_is_refused() -> None:
    for text in ('mqtt = {host = "a"}', '[mqtt]\nhost = """\na"""', '["mqtt"]\nhost = "a"', "nonsense"):
        with pytest.raises(BadSetting, match=r"by hand|not valid TOML"):
            set_keys(text, {("mqtt", "host"): "b"})


@given(st.text(max_size=30))
def test_a_broker_is_read_or_refused(text: str) -> None:
    try:
        host, port = options.broker(text)
    except UsageError:
        return
    assert host
    assert not set(host) & set(" /\"'\n[]")
    assert 0 <= port < 65536


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("h", ("h", 0)),
        ("h:1", ("h", 1)),
        ("::1", ("::1", 0)),
        ("[::1]:1883", ("::1", 1883)),
        ("[::1]", ("::1", 0)),
        (" broker.lan:65535 ", ("broker.lan", 65535)),
        ("10.0.0.1", ("10.0.0.1", 0)),
    ],
)
def test_brokers(text: str, found: tuple[str, int]) -> None:
    assert options.broker(text) == found
    assert read_brokers(text) == (found,)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("h:0", "a port is from 1 to 65535"),
        ("h:65536", "a port is from 1 to 65535"),
        ("h:", "one colon"),
        ("", "HOST is a host name"),
        ("a b", "HOST is a host name"),
        ("[h]:1883", "brackets are for addresses of IPv6"),
        ("[::1]1883", "one colon"),
        ("mqtt://h", "one colon"),
    ],
)
def test_what_is_no_broker_is_refused_by_installer_and_configuration_alike(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        options.broker(text)
    if text:
        assert why in check_brokers(text)


def test_the_shell_and_man_find_what_belongs_to_the_version(tmp_path: Path) -> None:
    page = tmp_path / "root/usr/share/man/man1/posenet-edge.1"
    for version in ("0.2.0", "0.3.0"):
        install(tmp_path / "root", checkout(tmp_path / version, version))
        assert f'"{version}"' in page.read_text()
