"""``posenet-edge audit``: what is claimed of the installed services, tested from outside while they run."""
