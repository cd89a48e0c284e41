"""What happened, kept until the broker has it."""
