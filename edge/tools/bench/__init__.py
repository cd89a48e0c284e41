"""``posenet-edge bench``: time and memory of each stage on this machine."""
