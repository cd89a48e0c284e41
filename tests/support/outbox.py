"""What the outbox adds to messages, for tests that have none."""

NUMBER = {"run": "5e1fb03a", "sequence": 1}
"""Of an event."""
OUTBOX = {"events_kept": 0, "events_lost": 0, "outbox": "ram"}
"""Of ``health``."""
