"""``posenet-edge view``: what the sensors see, as skeletons, in a browser or in a terminal."""
