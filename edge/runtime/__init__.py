"""Start-up, signals, systemd, reloading, and other parts of a long-running process."""
