"""What every long-running process needs: start-up, signals, systemd, waiting, rate limits."""
