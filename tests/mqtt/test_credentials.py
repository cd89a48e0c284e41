"""The password comes from a file that others cannot read, or not at all."""

from pathlib import Path

import pytest

from edge.config.settings import MqttSettings
from edge.errors import BadSetting
from edge.mqtt.credentials import as_handed_over, read_password


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("hunter2\nnot this\n")
    path.chmod(0o600)
    return path


def settings(file: Path | None) -> MqttSettings:
    return MqttSettings(username="sensor", password_file=file)


def test_none_is_none() -> None:
    assert read_password(settings(None)) is None


def test_the_first_line_is_the_password(file: Path) -> None:
    assert read_password(settings(file)) == "hunter2"
    file.chmod(0o640)
    assert read_password(settings(file)) == "hunter2", "a group is somebody's decision"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o777])
def test_a_file_that_is_open_to_others_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(BadSetting, match=rf"password: everybody .* \(mode {mode:04o}\); expected 0600: chmod 600"):
        read_password(settings(file))


@pytest.mark.parametrize("content", [b"", b"\n", b"\nsecond line\n"])
def test_an_empty_file_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(BadSetting, match="empty"):
        read_password(settings(file))


def test_what_cannot_be_read_is_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        read_password(settings(tmp_path / "nowhere"))
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadSetting, match="not UTF-8"):
        read_password(settings(file))


def test_a_systemd_credential_wins(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mqtt_password").write_text("from systemd\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_password(settings(file)) == "from systemd"
    assert read_password(settings(None)) == "from systemd"
    (tmp_path / "mqtt_password").unlink()
    assert read_password(settings(file)) == "hunter2"


def test_what_is_no_file_is_told_and_no_permissions_are_advised(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(BadSetting, match=r"no file; expected a file with the password") as refused:
        read_password(MqttSettings(username="hall", password_file=tmp_path))
    assert "chmod" not in str(refused.value)


def test_no_message_holds_the_password(file: Path) -> None:
    file.chmod(0o644)
    with pytest.raises(BadSetting) as refused:
        read_password(settings(file))
    assert "hunter2" not in str(refused.value)


def test_another_process_uses_what_systemd_gave_to_the_service(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    assert as_handed_over(settings(file), folder) == settings(file)
    folder.mkdir()
    (folder / "mqtt_password").write_text("the former one\n")
    (folder / "mqtt_password").chmod(0o400)
    assert read_password(as_handed_over(settings(file), folder)) == "the former one"
    assert as_handed_over(settings(None), folder) == settings(None)
