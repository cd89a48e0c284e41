"""The Debian package: what ``scripts/deb`` builds, and the scripts that dpkg runs on the device."""
