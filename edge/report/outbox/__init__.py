"""Events, kept until the broker has acknowledged them."""
