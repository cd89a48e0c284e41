"""The command that installs again fits how it was installed."""

from pathlib import Path

from edge.runtime.installation import install_command


def test_the_command_is_that_of_the_package_of_the_installed_source_or_of_a_checkout(tmp_path: Path) -> None:
    assert install_command(tmp_path) == "sudo scripts/install"
    installer = tmp_path / "opt/posenet-edge/current/source/scripts/install"
    installer.parent.mkdir(parents=True)
    installer.touch()
    assert install_command(tmp_path) == "sudo /opt/posenet-edge/current/source/scripts/install --upgrade"
    # The package runs that installer too, with the packages that it brings.
    (tmp_path / "usr/lib/posenet-edge/source").mkdir(parents=True)
    assert install_command(tmp_path) == "sudo dpkg-reconfigure posenet-edge"
