"""``posenet-edge evaluate --images``: accuracy on annotated photos."""
