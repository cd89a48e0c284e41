"""Commands for people; neither ``sense`` nor ``report`` imports them."""
