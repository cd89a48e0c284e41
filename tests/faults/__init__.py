"""Real faults, injected for real, while a whole sensor runs; docs/reliability.md lists them with what they cost."""
