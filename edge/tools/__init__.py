"""What people run by hand; nothing in the two rooms imports it."""
